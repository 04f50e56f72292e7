//! The one form in which names are compared.

use caseless::Caseless;
use unicode_normalization::UnicodeNormalization;

/// The most characters of a name's spelling: an e-mail address has 254 at the most, and no character is a compatible form of more
/// than 18 (The Unicode Standard Annex 15, "Unicode Normalization Forms", maximum expansion factors).
const LONGEST: usize = 254 * 18;

/// The form of `text` by which names are told apart: NFKC and case-folded, so that `Amy`, `AMY`
/// and the full-width `ＡＭＹ` are one name.
///
/// Two texts have the same key exactly if they are a compatibility caseless match (The Unicode
/// Standard, section 3.13, definition D146); the last step composes what D146 leaves decomposed,
/// which makes the key shorter and tells the same texts apart. A key is its own key.
///
/// Text with NUL has the empty key: it is nobody's name, and a database may refuse to look it up. So has text that is longer than any
/// spelling of the longest name, for which all these steps would take long.
pub(super) fn caseless_key(text: &str) -> String {
    if text.contains('\0') || text.chars().nth(LONGEST).is_some() {
        String::new()
    } else if text.is_ascii() {
        text.to_ascii_lowercase()
    } else {
        text.nfd().default_case_fold().nfkd().default_case_fold().nfkc().collect()
    }
}

#[cfg(test)]
mod tests {
    use caseless::compatibility_caseless_match_str;
    use proptest::prelude::*;

    use super::{super::strategies::any_text, *};

    #[test]
    fn spellings_of_one_name_share_a_key() {
        for (spelling, key) in [
            ("Amy", "amy"),
            ("ＡＭＹ", "amy"),
            ("ﬁ", "fi"),
            ("Straße", "strasse"),
            ("STRAẞE", "strasse"),
            ("Σίσυφος", "σίσυφοσ"),
            ("\u{212b}", "å"),
            ("A\u{30a}", "å"),
            ("①", "1"),
        ] {
            assert_eq!(caseless_key(spelling), key, "{spelling}");
        }
    }

    #[test]
    fn different_names_differ() {
        assert_ne!(caseless_key("amy"), caseless_key("аmy"), "Latin and Cyrillic");
        assert_ne!(caseless_key("e"), caseless_key("é"));
        assert_ne!(caseless_key("amy"), caseless_key(" amy"));
    }

    #[test]
    fn what_is_longer_than_any_name_matches_nothing() {
        assert_eq!(caseless_key(&"a".repeat(LONGEST)).len(), LONGEST);
        assert_eq!(caseless_key(&"a".repeat(LONGEST + 1)), "");
        assert_eq!(caseless_key(&"\u{fdfa}".repeat(1_000_000)), "");
    }

    #[test]
    fn nul_matches_nothing() {
        assert_eq!(caseless_key("a\0my"), "");
    }

    proptest! {
        #[test]
        fn a_key_is_its_own_key(text in any_text()) {
            let key = caseless_key(&text);
            prop_assert_eq!(caseless_key(&key), key);
        }

        #[test]
        fn case_and_compatible_forms_do_not_matter(text in any_text()) {
            let key = caseless_key(&text);
            prop_assert_eq!(caseless_key(&text.nfkc().collect::<String>()), key.as_str());
            prop_assert_eq!(caseless_key(&text.nfd().collect::<String>()), key.as_str());
            prop_assert_eq!(caseless_key(&text.to_ascii_uppercase()), key);
        }

        #[test]
        fn equal_keys_are_unicode_s_caseless_match(one in any_text(), other in any_text()) {
            if one.contains('\0') || other.contains('\0') { return Ok(()) }
            let key = caseless_key(&one);
            prop_assert!(compatibility_caseless_match_str(&one, &key));
            prop_assert_eq!(
                key == caseless_key(&other),
                compatibility_caseless_match_str(&one, &other)
            );
        }
    }
}
