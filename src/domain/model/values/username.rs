//! Usernames, kept as given.

use unicode_normalization::UnicodeNormalization;

use super::caseless_key::UsernameKey;
use super::field_error::Violation;
use super::invisible::is_invisible;
use super::text;
use super::text::text_value;

text_value! {
    /// 1 to 64 characters that are not blank. Neither as given nor after NFKC does it contain a URL
    /// delimiter (`/`, `?`, `#`, `%`), a control character or an invisible one. `.` and `..` are
    /// rejected too: clients resolve them in paths before they send a request.
    Username
}

impl Username {
    pub const MAX_CHARS: usize = 64;

    pub fn parse(given: &str) -> Result<Self, Violation> {
        text::not_blank(given)?;
        text::at_most(given, Self::MAX_CHARS)?;
        let normalized: String = given.nfkc().collect();
        let unreachable = matches!(normalized.as_str(), "." | "..");
        if unreachable || given.chars().chain(normalized.chars()).any(is_forbidden) {
            return Err(Violation::Invalid);
        }
        Ok(Self(given.to_owned()))
    }

    pub fn key(&self) -> UsernameKey {
        UsernameKey::for_lookup(&self.0)
    }
}

fn is_forbidden(c: char) -> bool {
    matches!(c, '/' | '?' | '#' | '%') || c.is_control() || is_invisible(c)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{super::strategies::any_text, *};

    #[test]
    fn name_in_any_script_is_kept_as_given() {
        for name in ["amy", "Amy Ⅳ", " amy ", "Оля", "李龍", "ß", "a.b", "...", "🦄", "o'neil"] {
            assert_eq!(Username::parse(name).unwrap().as_str(), name);
        }
    }

    #[test]
    fn name_has_1_to_64_characters() {
        assert!(Username::parse(&"ü".repeat(64)).is_ok());
        let longer = "ü".repeat(65);
        assert_eq!(Username::parse(&longer), Err(Violation::TooLong { maximum: 64 }));
        assert_eq!(Username::parse(" \u{3000}"), Err(Violation::Blank));
    }

    #[test]
    fn name_with_a_url_delimiter_is_rejected_in_every_compatible_form() {
        for name in ["a/b", "a?b", "a#b", "a%b", "／", "？", "＃", "％", "﹟", "℀", "⁇", ".", "..", "․", "‥"]
        {
            assert_eq!(Username::parse(name), Err(Violation::Invalid), "{name}");
        }
    }

    #[test]
    fn spellings_of_one_name_have_the_same_key() {
        let amy = Username::parse("Amy").unwrap();
        assert_eq!(amy.key(), UsernameKey::for_lookup("ＡＭＹ"));
        assert_eq!(amy.key().as_str(), "amy");
    }

    /// `/ ? # %`, control, bidirectional and zero-width characters.
    fn is_forbidden_by_the_api(c: char) -> bool {
        "/?#%".contains(c)
            || matches!(u32::from(c), 0..0x20 | 0x7f..0xa0 | 0xad | 0x61c | 0x180e | 0xfeff
                | 0x200b..=0x200f | 0x202a..=0x202e | 0x2060..=0x2069)
    }

    proptest! {
        #[test]
        fn accepted_name_follows_the_rules(given in any_text()) {
            let Ok(name) = Username::parse(&given) else { return Ok(()) };
            prop_assert_eq!(name.as_str(), &given);
            prop_assert!((1..=64).contains(&given.chars().count()));
            prop_assert!(!given.chars().all(char::is_whitespace));
            prop_assert_eq!(UsernameKey::for_lookup(name.key().as_str()), name.key());
            prop_assert!(!name.key().as_str().is_empty());
            for form in [given.clone(), given.nfkc().collect(), name.key().as_str().to_owned()] {
                prop_assert!(!form.contains(is_forbidden_by_the_api));
                prop_assert!(form != "." && form != "..");
            }
        }
    }
}
