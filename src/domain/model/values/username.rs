//! The name by which others know a user, and which stands in the URL of the profile.

use std::fmt;

use unicode_normalization::UnicodeNormalization;

use super::{Violation, caseless_key::caseless_key, text, unseen::is_unseen};

/// A user's name, in the form in which it was given.
///
/// Not blank, at most 64 characters; none of `/ ? # %`, no control, bidirectional or zero-width
/// character, neither as given nor after NFKC (the API contract, "Users"). `.` and `..` are
/// refused too: as a segment of a path every client resolves them before it asks, so that such a
/// profile could never be reached.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Username(String);

impl Username {
    /// The most characters of a username.
    pub const MAX_CHARS: usize = 64;

    /// Takes `given` as it is, or says what is wrong with it.
    ///
    /// # Errors
    /// [`Violation::Blank`], [`Violation::TooLong`], or [`Violation::Invalid`] for a character it may not hold.
    pub fn parse(given: &str) -> Result<Self, Violation> {
        text::not_blank(given)?;
        text::at_most(given, Self::MAX_CHARS)?;
        let compatible: String = given.nfkc().collect();
        let unreachable = matches!(compatible.as_str(), "." | "..");
        if unreachable || given.chars().chain(compatible.chars()).any(is_forbidden) {
            return Err(Violation::Invalid);
        }
        Ok(Self(given.to_owned()))
    }

    /// The form by which this name is unique.
    #[must_use]
    pub fn key(&self) -> UsernameKey {
        UsernameKey::for_lookup(&self.0)
    }
}

text::text_accessors!(Username);
text::storable!(Username);

impl fmt::Display for Username {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The form by which usernames are unique and looked up: NFKC, case-folded.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct UsernameKey(String);

impl UsernameKey {
    /// The key of any text, from a URL say; what can be no username has a key that no user has.
    #[must_use]
    pub fn for_lookup(text: &str) -> Self {
        Self(caseless_key(text))
    }
}

text::text_accessors!(UsernameKey);
text::storable!(UsernameKey);

fn is_forbidden(c: char) -> bool {
    matches!(c, '/' | '?' | '#' | '%') || c.is_control() || is_unseen(c)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{super::strategies::any_text, *};

    #[test]
    fn names_of_many_kinds_are_kept_as_given() {
        for name in ["amy", "Amy Ⅳ", " amy ", "Оля", "李龍", "ß", "a.b", "...", "🦄", "o'neil"] {
            assert_eq!(Username::parse(name).unwrap().as_str(), name);
        }
    }

    #[test]
    fn at_most_64_characters_of_any_width() {
        assert!(Username::parse(&"ü".repeat(64)).is_ok());
        let longer = "ü".repeat(65);
        assert_eq!(Username::parse(&longer), Err(Violation::TooLong { maximum: 64 }));
        assert_eq!(Username::parse(" \u{3000}"), Err(Violation::Blank));
    }

    #[test]
    fn what_a_url_cannot_carry_is_refused_in_every_disguise() {
        for name in ["a/b", "a?b", "a#b", "a%b", "／", "？", "＃", "％", "﹟", "℀", "⁇", ".", "..", "․", "‥"]
        {
            assert_eq!(Username::parse(name), Err(Violation::Invalid), "{name}");
        }
    }

    #[test]
    fn the_key_is_the_same_for_every_spelling() {
        let amy = Username::parse("Amy").unwrap();
        assert_eq!(amy.key(), UsernameKey::for_lookup("ＡＭＹ"));
        assert_eq!(amy.key().as_str(), "amy");
    }

    /// `/ ? # %`, control, bidirectional and zero-width characters, by their numbers.
    fn refused_by_the_contract(c: char) -> bool {
        "/?#%".contains(c)
            || matches!(u32::from(c), 0..0x20 | 0x7f..0xa0 | 0xad | 0x61c | 0x180e | 0xfeff
                | 0x200b..=0x200f | 0x202a..=0x202e | 0x2060..=0x2069)
    }

    proptest! {
        #[test]
        fn an_accepted_name_keeps_the_contract(given in any_text()) {
            let Ok(name) = Username::parse(&given) else { return Ok(()) };
            prop_assert_eq!(name.as_str(), &given);
            prop_assert!((1..=64).contains(&given.chars().count()));
            prop_assert!(!given.chars().all(char::is_whitespace));
            prop_assert_eq!(UsernameKey::for_lookup(name.key().as_str()), name.key());
            prop_assert!(!name.key().as_str().is_empty());
            for form in [given.clone(), given.nfkc().collect(), name.key().into_string()] {
                prop_assert!(!form.contains(refused_by_the_contract));
                prop_assert!(form != "." && form != "..");
            }
        }
    }
}
