//! Keys by which usernames and e-mail addresses are unique and looked up: NFKC and case-folded, so
//! that `Amy`, `AMY` and the full-width `ＡＭＹ` are equal.

use caseless::Caseless;
use unicode_normalization::UnicodeNormalization;

use super::text::text_value;

text_value!(UsernameKey);
text_value!(EmailKey);

impl UsernameKey {
    /// Returns the key of any text; text that cannot be a username has a key that no user has.
    pub fn for_lookup(text: &str) -> Self {
        Self(caseless_key(text))
    }
}

impl EmailKey {
    /// Like [`UsernameKey::for_lookup`].
    pub fn for_lookup(text: &str) -> Self {
        Self(caseless_key(text))
    }
}

/// The longest spelling of an e-mail address: 254 characters, each decomposed into at most 18 (UAX
/// #15, "Maximum Expansion Factors").
const MAX_SPELLING: usize = 254 * 18;

/// Returns equal keys exactly for texts that are a compatibility caseless match (The Unicode
/// Standard, section 3.13, definition D146). The last step composes what D146 leaves decomposed: it
/// shortens the key and separates the same texts.
///
/// Text with NUL, which PostgreSQL rejects, has the empty key, which no user has. So has text
/// longer than any valid spelling, to bound the cost.
fn caseless_key(text: &str) -> String {
    if text.contains('\0') || text.chars().nth(MAX_SPELLING).is_some() {
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
    fn spellings_of_one_name_have_the_same_key() {
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
    fn different_names_have_different_keys() {
        assert_ne!(caseless_key("amy"), caseless_key("аmy"), "Latin and Cyrillic");
        assert_ne!(caseless_key("e"), caseless_key("é"));
        assert_ne!(caseless_key("amy"), caseless_key(" amy"));
    }

    #[test]
    fn text_longer_than_any_spelling_has_the_empty_key() {
        assert_eq!(caseless_key(&"a".repeat(MAX_SPELLING)).len(), MAX_SPELLING);
        assert_eq!(caseless_key(&"a".repeat(MAX_SPELLING + 1)), "");
        assert_eq!(caseless_key(&"\u{fdfa}".repeat(1_000_000)), "");
    }

    #[test]
    fn text_with_nul_has_the_empty_key() {
        assert_eq!(caseless_key("a\0my"), "");
    }

    proptest! {
        #[test]
        fn key_is_its_own_key(text in any_text()) {
            let key = caseless_key(&text);
            prop_assert_eq!(caseless_key(&key), key);
        }

        #[test]
        fn key_ignores_case_and_compatible_forms(text in any_text()) {
            let key = caseless_key(&text);
            prop_assert_eq!(caseless_key(&text.nfkc().collect::<String>()), key.as_str());
            prop_assert_eq!(caseless_key(&text.nfd().collect::<String>()), key.as_str());
            prop_assert_eq!(caseless_key(&text.to_ascii_uppercase()), key);
        }

        #[test]
        fn keys_are_equal_for_a_caseless_match_by_unicode(one in any_text(), other in any_text()) {
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
