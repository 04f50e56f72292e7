//! The numbers by which stored things are known, one type each, so that none is taken for another.

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(i64);

        impl $name {
            /// The id with this number.
            #[must_use]
            pub const fn new(number: i64) -> Self {
                Self(number)
            }

            /// The number.
            #[must_use]
            pub const fn get(self) -> i64 {
                self.0
            }
        }
    };
}

id! {
    /// A user, whatever the username is now.
    UserId
}
id! {
    /// An article, whatever its slug is now.
    ArticleId
}
id! {
    /// A comment; below 2^53, so that JavaScript holds it exactly (the API contract, "Comments").
    CommentId
}
id! {
    /// A session: what a token stands for until it expires or is revoked.
    SessionId
}

impl CommentId {
    /// The id that stands in a URL, digits only; `None` for what can be no comment's id.
    #[must_use]
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
    fn a_comment_id_is_digits_that_fit() {
        assert_eq!(CommentId::parse("42"), Some(CommentId::new(42)));
        assert_eq!(CommentId::parse("9223372036854775807"), Some(CommentId::new(i64::MAX)));
        for text in ["", "-1", "+1", " 1", "1.0", "1e3", "0x1", "٣"] {
            assert_eq!(CommentId::parse(text), None, "{text:?}");
        }
        assert_eq!(CommentId::parse("9223372036854775808"), None);
    }

    proptest! {
        #[test]
        fn every_number_comes_back(number in 0..=i64::MAX) {
            let id = CommentId::parse(&number.to_string());
            prop_assert_eq!(id.map(CommentId::get), Some(number));
        }

        #[test]
        fn nothing_but_digits_is_an_id(text in any_text()) {
            let digits = !text.is_empty() && text.chars().all(|c| c.is_ascii_digit());
            prop_assert!(digits || CommentId::parse(&text).is_none());
        }
    }
}
