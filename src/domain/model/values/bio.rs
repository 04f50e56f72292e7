//! What users say about themselves.

use super::{Violation, text};

/// A few words by a user: not empty, at most 4,096 characters (the API contract, "Users").
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Bio(String);

impl Bio {
    /// The most characters of a bio.
    pub const MAX_CHARS: usize = 4_096;

    /// Takes `given` as it is, `None` where it is empty, or says what is wrong with it.
    ///
    /// # Errors
    /// [`Violation::TooLong`], or [`Violation::Invalid`] for NUL.
    pub fn parse(given: &str) -> Result<Option<Self>, Violation> {
        text::at_most(given, Self::MAX_CHARS)?;
        text::without_nul(given)?;
        Ok((!given.is_empty()).then(|| Self(given.to_owned())))
    }
}

text::text_accessors!(Bio);
text::storable!(Bio);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{super::strategies::any_text, *};

    #[test]
    fn empty_clears_and_white_space_stays() {
        assert_eq!(Bio::parse(""), Ok(None));
        assert_eq!(Bio::parse(" "), Ok(Some(Bio(" ".to_owned()))));
    }

    #[test]
    fn at_most_4096_characters_and_no_nul() {
        assert!(Bio::parse(&"ü".repeat(4_096)).is_ok());
        assert_eq!(Bio::parse(&"ü".repeat(4_097)), Err(Violation::TooLong { maximum: 4_096 }));
        assert_eq!(Bio::parse("a\0b"), Err(Violation::Invalid));
    }

    proptest! {
        #[test]
        fn all_but_nul_comes_back_as_given(given in any_text()) {
            let parsed = Bio::parse(&given);
            prop_assert_eq!(parsed.is_err(), given.contains('\0'));
            if let Ok(parsed) = parsed {
                prop_assert_eq!(parsed.map(Bio::into_string).unwrap_or_default(), given);
            }
        }
    }
}
