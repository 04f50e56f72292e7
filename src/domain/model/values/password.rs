//! Passwords, from the request to the hasher.

use secrecy::{ExposeSecret, SecretString};

use super::field_error::Violation;
use super::text;

/// A password as given, without rules for its composition. It is wiped from memory when dropped,
/// and only [`expose`](Self::expose) reveals it.
#[derive(Clone, Debug)]
pub struct Password(SecretString);

impl Password {
    pub const MIN_CHARS: usize = 8;
    pub const MAX_CHARS: usize = 128;

    /// Parses a password to be set.
    pub fn parse(given: &str) -> Result<Self, Violation> {
        let password = Self::candidate(given)?;
        if given.chars().nth(Self::MIN_CHARS - 1).is_none() {
            return Err(Violation::TooShort { minimum: Self::MIN_CHARS });
        }
        text::at_most(given, Self::MAX_CHARS)?;
        text::without_nul(given)?;
        Ok(password)
    }

    /// Parses a password to log in with. Its length is not checked: a wrong password gets the same
    /// response, whatever the rule for new ones.
    pub fn candidate(given: &str) -> Result<Self, Violation> {
        text::not_blank(given)?;
        text::without_nul(given)?;
        Ok(Self(SecretString::from(given)))
    }

    /// Returns whether the password is too long for any user to have, so that hashing it is
    /// useless.
    pub fn exceeds_maximum(&self) -> bool {
        text::at_most(self.expose(), Self::MAX_CHARS).is_err()
    }

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
    fn password_of_8_to_128_characters_is_kept_as_given() {
        assert_eq!(violation("1234567"), Some(Violation::TooShort { minimum: 8 }));
        assert_eq!(violation("12345678"), None);
        assert_eq!(violation(&"ü".repeat(128)), None);
        assert_eq!(violation(&"ü".repeat(129)), Some(Violation::TooLong { maximum: 128 }));
        assert_eq!(Password::parse("  123456  ").unwrap().expose(), "  123456  ");
    }

    #[test]
    fn blank_password_and_nul_are_rejected() {
        assert_eq!(violation(""), Some(Violation::Blank));
        assert_eq!(violation(&" ".repeat(9)), Some(Violation::Blank));
        assert_eq!(violation("1234567\0"), Some(Violation::Invalid));
    }

    #[test]
    fn candidate_is_rejected_only_if_blank_or_with_nul() {
        assert_eq!(Password::candidate(" ").err(), Some(Violation::Blank));
        assert_eq!(Password::candidate("pass\0word").err(), Some(Violation::Invalid));
        assert!(!Password::candidate("x").unwrap().exceeds_maximum());
        assert!(!Password::candidate(&"ü".repeat(128)).unwrap().exceeds_maximum());
        assert!(Password::candidate(&"ü".repeat(129)).unwrap().exceeds_maximum());
    }

    #[test]
    fn debug_output_does_not_reveal_the_password() {
        let shown = format!("{:?}", Password::parse("jakejake").unwrap());
        assert!(!shown.contains("jake"), "{shown}");
    }

    proptest! {
        #[test]
        fn accepted_password_follows_the_rules(given in any_text()) {
            let Ok(password) = Password::parse(&given) else { return Ok(()) };
            prop_assert_eq!(password.expose(), &given);
            prop_assert!((8..=128).contains(&given.chars().count()));
            prop_assert!(!given.contains('\0') && !given.chars().all(char::is_whitespace));
            prop_assert!(!password.exceeds_maximum());
        }

        #[test]
        fn password_of_any_composition_is_accepted(given in "\\PC{7,126}[^\\s\\p{Cc}]") {
            prop_assert_eq!(violation(&given), None);
        }
    }
}
