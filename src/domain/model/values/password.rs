//! The secret of a user, from the request to the hasher.

use secrecy::{ExposeSecret, SecretString};

use super::{Violation, text};

/// A password as given: neither trimmed nor judged by what it is composed of.
///
/// It is wiped from memory when dropped, cannot be printed or compared, and shows only in
/// [`Password::expose`], which is for the hasher.
#[derive(Clone, Debug)]
pub struct Password(SecretString);

impl Password {
    /// The fewest characters of a password.
    pub const MIN_CHARS: usize = 8;
    /// The most characters of a password.
    pub const MAX_CHARS: usize = 128;

    /// A password to be set, of 8 to 128 characters (the API contract, "Users").
    ///
    /// # Errors
    /// [`Violation::Blank`], [`Violation::TooShort`], [`Violation::TooLong`], or [`Violation::Invalid`] for NUL.
    pub fn parse(given: &str) -> Result<Self, Violation> {
        let password = Self::candidate(given)?;
        if given.chars().nth(Self::MIN_CHARS - 1).is_none() {
            return Err(Violation::TooShort { minimum: Self::MIN_CHARS });
        }
        text::at_most(given, Self::MAX_CHARS)?;
        text::without_nul(given)?;
        Ok(password)
    }

    /// A password to be tried at log-in. Its length is not judged: a wrong password is answered
    /// the same whatever the rule for new ones.
    ///
    /// # Errors
    /// [`Violation::Blank`], or [`Violation::Invalid`] for NUL.
    pub fn candidate(given: &str) -> Result<Self, Violation> {
        text::not_blank(given)?;
        text::without_nul(given)?;
        Ok(Self(SecretString::from(given)))
    }

    /// Whether no user can have this password because it is too long, so that hashing it would
    /// only cost time.
    #[must_use]
    pub fn exceeds_maximum(&self) -> bool {
        text::at_most(self.expose(), Self::MAX_CHARS).is_err()
    }

    /// The secret itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{super::strategies::any_text, *};

    fn violation(given: &str) -> Option<Violation> {
        Password::parse(given).err()
    }

    #[test]
    fn from_8_to_128_characters_as_given() {
        assert_eq!(violation("1234567"), Some(Violation::TooShort { minimum: 8 }));
        assert_eq!(violation("12345678"), None);
        assert_eq!(violation(&"ü".repeat(128)), None);
        assert_eq!(violation(&"ü".repeat(129)), Some(Violation::TooLong { maximum: 128 }));
        assert_eq!(Password::parse("  123456  ").unwrap().expose(), "  123456  ");
    }

    #[test]
    fn blank_and_nul_are_refused() {
        assert_eq!(violation(""), Some(Violation::Blank));
        assert_eq!(violation(&" ".repeat(9)), Some(Violation::Blank));
        assert_eq!(violation("1234567\0"), Some(Violation::Invalid));
    }

    #[test]
    fn a_candidate_is_refused_only_when_blank_or_with_nul() {
        assert_eq!(Password::candidate(" ").err(), Some(Violation::Blank));
        assert_eq!(Password::candidate("pass\0word").err(), Some(Violation::Invalid));
        assert!(!Password::candidate("x").unwrap().exceeds_maximum());
        assert!(!Password::candidate(&"ü".repeat(128)).unwrap().exceeds_maximum());
        assert!(Password::candidate(&"ü".repeat(129)).unwrap().exceeds_maximum());
    }

    #[test]
    fn debug_tells_nothing() {
        let shown = format!("{:?}", Password::parse("jakejake").unwrap());
        assert!(!shown.contains("jake"), "{shown}");
    }

    proptest! {
        #[test]
        fn an_accepted_password_keeps_the_contract(given in any_text()) {
            let Ok(password) = Password::parse(&given) else { return Ok(()) };
            prop_assert_eq!(password.expose(), &given);
            prop_assert!((8..=128).contains(&given.chars().count()));
            prop_assert!(!given.contains('\0') && !given.chars().all(char::is_whitespace));
            prop_assert!(!password.exceeds_maximum());
        }

        #[test]
        fn composition_does_not_matter(given in "\\PC{7,126}[^\\s\\p{Cc}]") {
            prop_assert_eq!(violation(&given), None);
        }
    }
}
