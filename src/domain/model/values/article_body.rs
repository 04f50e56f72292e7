//! The text of an article.

use super::{Violation, text};

/// The body of an article: not blank; as long as the request may be (the API contract, "Articles").
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ArticleBody(String);

impl ArticleBody {
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

text::text_accessors!(ArticleBody);
text::storable!(ArticleBody);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{super::strategies::any_text, *};

    #[test]
    fn as_long_as_the_request_allows() {
        assert!(ArticleBody::parse(&"ü".repeat(100_000)).is_ok());
    }

    #[test]
    fn blank_and_nul_are_refused() {
        assert_eq!(ArticleBody::parse(""), Err(Violation::Blank));
        assert_eq!(ArticleBody::parse(" \n\u{3000}"), Err(Violation::Blank));
        assert_eq!(ArticleBody::parse("a\0b"), Err(Violation::Invalid));
    }

    proptest! {
        #[test]
        fn all_else_comes_back_as_given(given in any_text()) {
            let refused = given.chars().all(char::is_whitespace) || given.contains('\0');
            let parsed = ArticleBody::parse(&given).map(ArticleBody::into_string);
            prop_assert_eq!(parsed.is_err(), refused);
            prop_assert!(refused || parsed == Ok(given));
        }
    }
}
