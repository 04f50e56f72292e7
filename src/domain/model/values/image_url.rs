//! Where the picture of a user is said to be.

use super::{Violation, text};

/// The address of a picture: not empty, at most 2,048 characters, never judged as a URL (the API
/// contract, "Users"). Nothing here fetches it, and front ends have to cope with hostile ones.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ImageUrl(String);

impl ImageUrl {
    /// The most characters of the address.
    pub const MAX_CHARS: usize = 2_048;

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

text::text_accessors!(ImageUrl);
text::storable!(ImageUrl);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{super::strategies::any_text, *};

    #[test]
    fn empty_clears_and_white_space_stays() {
        assert_eq!(ImageUrl::parse(""), Ok(None));
        assert_eq!(ImageUrl::parse(" "), Ok(Some(ImageUrl(" ".to_owned()))));
        assert!(ImageUrl::parse("javascript:alert(1)").is_ok());
    }

    #[test]
    fn at_most_2048_characters_and_no_nul() {
        assert!(ImageUrl::parse(&"ü".repeat(2_048)).is_ok());
        assert_eq!(ImageUrl::parse(&"ü".repeat(2_049)), Err(Violation::TooLong { maximum: 2_048 }));
        assert_eq!(ImageUrl::parse("a\0b"), Err(Violation::Invalid));
    }

    proptest! {
        #[test]
        fn all_but_nul_comes_back_as_given(given in any_text()) {
            let parsed = ImageUrl::parse(&given);
            prop_assert_eq!(parsed.is_err(), given.contains('\0'));
            if let Ok(parsed) = parsed {
                prop_assert_eq!(parsed.map(ImageUrl::into_string).unwrap_or_default(), given);
            }
        }
    }
}
