//! The text of a comment.

use super::{Violation, text};

/// The body of a comment: not blank; as long as the request may be (the API contract, "Articles").
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CommentBody(String);

impl CommentBody {
    /// Takes `given` as it is, or says what is wrong with it.
    ///
    /// # Errors
    /// [`Violation::Blank`], or [`Violation::Invalid`] for NUL.
    pub fn parse(given: &str) -> Result<Self, Violation> {
        text::not_blank(given)?;
        text::without_nul(given)?;
        Ok(Self(given.to_owned()))
    }
}

text::text_accessors!(CommentBody);
text::storable!(CommentBody);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{super::strategies::any_text, *};

    #[test]
    fn as_long_as_the_request_allows() {
        assert!(CommentBody::parse(&"ü".repeat(100_000)).is_ok());
    }

    #[test]
    fn blank_and_nul_are_refused() {
        assert_eq!(CommentBody::parse(""), Err(Violation::Blank));
        assert_eq!(CommentBody::parse(" \n\u{3000}"), Err(Violation::Blank));
        assert_eq!(CommentBody::parse("a\0b"), Err(Violation::Invalid));
    }

    proptest! {
        #[test]
        fn all_else_comes_back_as_given(given in any_text()) {
            let refused = given.chars().all(char::is_whitespace) || given.contains('\0');
            let parsed = CommentBody::parse(&given).map(CommentBody::into_string);
            prop_assert_eq!(parsed.is_err(), refused);
            prop_assert!(refused || parsed == Ok(given));
        }
    }
}
