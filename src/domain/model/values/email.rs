//! The address with which a user logs in.

use super::{Violation, caseless_key::caseless_key, text};

/// An e-mail address, in the form in which it was given.
///
/// At most 254 characters: something, one `@`, something, without white space (the API contract,
/// "Users") or control characters. Whether mail arrives there only a mail can tell. It has no
/// `Display`, so that nobody's address gets into a message by accident.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Email(String);

impl Email {
    /// The most characters of an e-mail address.
    pub const MAX_CHARS: usize = 254;

    /// Takes `given` as it is, or says what is wrong with it.
    ///
    /// # Errors
    /// [`Violation::Blank`], [`Violation::TooLong`], or [`Violation::Invalid`] for what is no address.
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

    /// The form by which this address is unique.
    #[must_use]
    pub fn key(&self) -> EmailKey {
        EmailKey::for_lookup(&self.0)
    }
}

text::text_accessors!(Email);
text::storable!(Email);

/// The form by which e-mail addresses are unique and looked up: NFKC, case-folded.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EmailKey(String);

impl EmailKey {
    /// The key of any text, from a log-in say; what can be no address has a key that no user has.
    #[must_use]
    pub fn for_lookup(text: &str) -> Self {
        Self(caseless_key(text))
    }
}

text::text_accessors!(EmailKey);
text::storable!(EmailKey);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{super::strategies::any_text, *};

    #[test]
    fn addresses_are_kept_as_given() {
        for address in ["amy@b.com", "A+News@B.COM", "a@b", "ю@я.рф"] {
            assert_eq!(Email::parse(address).unwrap().as_str(), address);
        }
    }

    #[test]
    fn at_most_254_characters() {
        assert!(Email::parse(&format!("ü@{}", "ü".repeat(252))).is_ok());
        let longer = format!("ü@{}", "ü".repeat(253));
        assert_eq!(Email::parse(&longer), Err(Violation::TooLong { maximum: 254 }));
    }

    #[test]
    fn anything_else_is_blank_or_invalid() {
        for blank in ["", " ", "\u{3000}"] {
            assert_eq!(Email::parse(blank), Err(Violation::Blank));
        }
        for address in ["amy", "@", "amy@", "@b", "a@b@c", "a@@b", " a@b", "a@b\n", "a@b\0", "a＠b"] {
            assert_eq!(Email::parse(address), Err(Violation::Invalid), "{address:?}");
        }
    }

    #[test]
    fn the_key_is_the_same_for_every_spelling() {
        let given = Email::parse("Amy@EXAMPLE.com").unwrap();
        assert_eq!(given.key(), EmailKey::for_lookup("amy@ｅｘａｍｐｌｅ.com"));
    }

    proptest! {
        #[test]
        fn an_accepted_address_keeps_the_contract(given in any_text()) {
            let Ok(email) = Email::parse(&given) else { return Ok(()) };
            prop_assert_eq!(email.as_str(), &given);
            prop_assert!(given.chars().count() <= 254);
            prop_assert!(given.chars().all(|c| !c.is_whitespace() && !c.is_control()));
            let parts: Vec<_> = given.split('@').collect();
            prop_assert!(parts.len() == 2 && parts.iter().all(|part| !part.is_empty()));
            prop_assert_eq!(EmailKey::for_lookup(email.key().as_str()), email.key());
        }

        #[test]
        fn something_at_something_is_an_address(given in "[^@\\s\\p{Cc}]{1,40}@[^@\\s\\p{Cc}]+") {
            prop_assert!(Email::parse(&given).is_ok());
        }
    }
}
