//! The title of an article, of which its slug is made.

use super::{Violation, text};

/// A title: not blank, at most 256 characters (the API contract, "Articles").
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Title(String);

impl Title {
    /// The most characters of a title.
    pub const MAX_CHARS: usize = 256;

    /// Takes `given` as it is, or says what is wrong with it.
    ///
    /// # Errors
    /// [`Violation::Blank`], [`Violation::TooLong`], or [`Violation::Invalid`] for NUL.
    pub fn parse(given: &str) -> Result<Self, Violation> {
        text::not_blank(given)?;
        text::at_most(given, Self::MAX_CHARS)?;
        text::without_nul(given)?;
        Ok(Self(given.to_owned()))
    }
}

text::text_accessors!(Title);
text::storable!(Title);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{super::strategies::any_text, *};

    #[test]
    fn at_most_256_characters() {
        assert!(Title::parse(&"ü".repeat(256)).is_ok());
        assert_eq!(Title::parse(&"ü".repeat(257)), Err(Violation::TooLong { maximum: 256 }));
    }

    #[test]
    fn blank_and_nul_are_refused() {
        assert_eq!(Title::parse(""), Err(Violation::Blank));
        assert_eq!(Title::parse(" \n\u{3000}"), Err(Violation::Blank));
        assert_eq!(Title::parse("a\0b"), Err(Violation::Invalid));
    }

    proptest! {
        #[test]
        fn all_else_comes_back_as_given(given in any_text()) {
            let too_long = given.chars().count() > 256;
            let refused = given.trim().is_empty() || given.contains('\0') || too_long;
            let parsed = Title::parse(&given).map(Title::into_string);
            prop_assert_eq!(parsed.is_err(), refused);
            prop_assert!(refused || parsed == Ok(given));
        }
    }
}
