//! The key by which a request is known when it comes again.

/// A key that a client chose: 1 to 255 printable characters of ASCII, compared byte by byte.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// The most characters of a key.
    pub const MAX_CHARS: usize = 255;

    /// A key in text; `None` for text that is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let is_printable = text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
        let is_key = (1..=Self::MAX_CHARS).contains(&text.len()) && is_printable;
        is_key.then(|| Self(text.to_owned()))
    }

    /// Its text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{super::strategies::any_text, *};

    #[test]
    fn a_key_has_1_to_255_printable_characters() {
        for text in ["a", " ", "~", r#"8e03978e-40d5-43dd-bc93-6894a57f9324 "\"#, &"k".repeat(255)] {
            assert_eq!(IdempotencyKey::parse(text).unwrap().as_str(), text);
        }
        for text in ["", "\t", "a\n", "\u{7f}", "ä", &"k".repeat(256)] {
            assert_eq!(IdempotencyKey::parse(text), None, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_a_key_is_kept_as_it_is(text in any_text()) {
            if let Some(key) = IdempotencyKey::parse(&text) {
                prop_assert_eq!(key.as_str(), text.as_str());
                prop_assert!(text.is_ascii() && text.len() <= IdempotencyKey::MAX_CHARS);
            }
        }
    }
}
