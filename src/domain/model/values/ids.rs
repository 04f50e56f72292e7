//! Ids and other numbers, one type each, so that they cannot be mixed up.

macro_rules! number {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(i64);

        impl $name {
            pub const fn new(number: i64) -> Self {
                Self(number)
            }

            pub const fn get(self) -> i64 {
                self.0
            }
        }
    };
}

number!(UserId);
number!(ArticleId);
// Shown to clients, and below 2^53, so that a JavaScript number represents it exactly.
number!(CommentId);
number!(SessionId);
number! {
    /// Number of times that a user's password has changed. It revokes tokens of earlier versions.
    #[derive(Default)]
    CredentialVersion
}

impl CommentId {
    /// Parses digits; returns `None` for any other text and for larger numbers.
    pub fn parse(text: &str) -> Option<Self> {
        let only_digits = text.bytes().all(|byte| byte.is_ascii_digit());
        if only_digits { text.parse().ok().map(Self) } else { None }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{super::strategies::any_text, *};

    #[test]
    fn comment_id_is_parsed_from_digits_up_to_the_maximum() {
        assert_eq!(CommentId::parse("42"), Some(CommentId::new(42)));
        assert_eq!(CommentId::parse("9223372036854775807"), Some(CommentId::new(i64::MAX)));
        for text in ["", "-1", "+1", " 1", "1.0", "1e3", "0x1", "٣"] {
            assert_eq!(CommentId::parse(text), None, "{text:?}");
        }
        assert_eq!(CommentId::parse("9223372036854775808"), None);
    }

    proptest! {
        #[test]
        fn comment_id_survives_a_round_trip(number in 0..=i64::MAX) {
            let id = CommentId::parse(&number.to_string());
            prop_assert_eq!(id.map(CommentId::get), Some(number));
        }

        #[test]
        fn text_other_than_digits_is_no_id(text in any_text()) {
            let digits = !text.is_empty() && text.chars().all(|c| c.is_ascii_digit());
            prop_assert!(digits || CommentId::parse(&text).is_none());
        }
    }
}
