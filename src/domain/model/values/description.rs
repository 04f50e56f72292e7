//! What an article is about, in a sentence or two.

use super::{Violation, text};

/// A description: not blank, at most 1,024 characters (the API contract, "Articles").
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Description(String);

impl Description {
    /// The most characters of a description.
    pub const MAX_CHARS: usize = 1_024;

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

text::text_accessors!(Description);
text::storable!(Description);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{super::strategies::any_text, *};

    #[test]
    fn at_most_1024_characters() {
        assert!(Description::parse(&"ü".repeat(1_024)).is_ok());
        assert_eq!(Description::parse(&"ü".repeat(1_025)), Err(Violation::TooLong { maximum: 1_024 }));
    }

    #[test]
    fn blank_and_nul_are_refused() {
        assert_eq!(Description::parse(""), Err(Violation::Blank));
        assert_eq!(Description::parse(" \n\u{3000}"), Err(Violation::Blank));
        assert_eq!(Description::parse("a\0b"), Err(Violation::Invalid));
    }

    proptest! {
        #[test]
        fn all_else_comes_back_as_given(given in any_text()) {
            let refused = given.chars().all(char::is_whitespace) || given.contains('\0');
            let parsed = Description::parse(&given).map(Description::into_string);
            prop_assert_eq!(parsed.is_err(), refused);
            prop_assert!(refused || parsed == Ok(given));
        }
    }
}
