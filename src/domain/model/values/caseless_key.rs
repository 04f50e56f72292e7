//! The one form in which names are compared.

use caseless::Caseless;
use unicode_normalization::UnicodeNormalization;

/// The form of `text` by which names are told apart: NFKC and case-folded, so that `Amy`, `AMY`
/// and the full-width `ＡＭＹ` are one name.
///
/// Two texts have the same key exactly if they are a compatibility caseless match (The Unicode
/// Standard, section 3.13, definition D146); the last step composes what D146 leaves decomposed,
/// which makes the key shorter and tells the same texts apart. A key is its own key.
///
/// Text with NUL has the empty key: it is nobody's name, and a database may refuse to look it up.
pub(super) fn caseless_key(text: &str) -> String {
    if text.contains('\0') {
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
