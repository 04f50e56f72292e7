//! E-mail addresses, kept as given.

use super::caseless_key::EmailKey;
use super::field_error::Violation;
use super::text;
use super::text::text_value;

text_value! {
    /// At most 254 characters with exactly one `@`, text on both sides, and neither white space nor
    /// control characters. It has no `Display`, so that no message contains it by accident.
    Email
}

impl Email {
    pub const MAX_CHARS: usize = 254;

    pub fn parse(given: &str) -> Result<Self, Violation> {
        text::not_blank(given)?;
        text::at_most(given, Self::MAX_CHARS)?;
        if given.contains(|c: char| c.is_whitespace() || c.is_control()) {
            return Err(Violation::Invalid);
        }
        match given.split_once('@') {
            Some((user, host)) if !user.is_empty() && !host.is_empty() && !host.contains('@') => {
                Ok(Self(given.to_owned()))
            }
            _ => Err(Violation::Invalid),
        }
    }

    /// Accepts text to log in with, like [`Password::candidate`](super::Password::candidate).
    pub fn candidate(given: &str) -> Result<String, Violation> {
        text::not_blank(given)?;
        text::without_nul(given)?;
        Ok(given.to_owned())
    }

    pub fn key(&self) -> EmailKey {
        EmailKey::for_lookup(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{super::strategies::any_text, *};

    #[test]
    fn address_is_kept_as_given() {
        for address in ["amy@b.com", "A+News@B.COM", "a@b", "ю@я.рф"] {
            assert_eq!(Email::parse(address).unwrap().as_str(), address);
        }
    }

    #[test]
    fn address_has_at_most_254_characters() {
        assert!(Email::parse(&format!("ü@{}", "ü".repeat(252))).is_ok());
        let longer = format!("ü@{}", "ü".repeat(253));
        assert_eq!(Email::parse(&longer), Err(Violation::TooLong { maximum: 254 }));
    }

    #[test]
    fn malformed_address_is_rejected() {
        for blank in ["", " ", "\u{3000}"] {
            assert_eq!(Email::parse(blank), Err(Violation::Blank));
        }
        for address in ["amy", "@", "amy@", "@b", "a@b@c", "a@@b", " a@b", "a@b\n", "a@b\0", "a＠b"] {
            assert_eq!(Email::parse(address), Err(Violation::Invalid), "{address:?}");
        }
    }

    #[test]
    fn spellings_of_one_address_have_the_same_key() {
        let given = Email::parse("Amy@EXAMPLE.com").unwrap();
        assert_eq!(given.key(), EmailKey::for_lookup("amy@ｅｘａｍｐｌｅ.com"));
    }

    proptest! {
        #[test]
        fn accepted_address_follows_the_rules(given in any_text()) {
            let Ok(email) = Email::parse(&given) else { return Ok(()) };
            prop_assert_eq!(email.as_str(), &given);
            prop_assert!(given.chars().count() <= 254);
            prop_assert!(given.chars().all(|c| !c.is_whitespace() && !c.is_control()));
            let parts: Vec<_> = given.split('@').collect();
            prop_assert!(parts.len() == 2 && parts.iter().all(|part| !part.is_empty()));
            prop_assert_eq!(EmailKey::for_lookup(email.key().as_str()), email.key());
        }

        #[test]
        fn text_around_one_at_sign_is_accepted(given in "[^@\\s\\p{Cc}]{1,40}@[^@\\s\\p{Cc}]+") {
            prop_assert!(Email::parse(&given).is_ok());
        }
    }
}
