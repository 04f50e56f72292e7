//! Keys by which repeated requests are recognized.

/// 1 to 255 printable ASCII characters, chosen by the client.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    pub const MAX_CHARS: usize = 255;

    pub fn parse(text: &str) -> Option<Self> {
        let is_printable = text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
        let is_key = (1..=Self::MAX_CHARS).contains(&text.len()) && is_printable;
        is_key.then(|| Self(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{super::strategies::any_text, *};

    #[test]
    fn key_has_1_to_255_printable_ascii_characters() {
        for text in ["a", " ", "~", r#"8e03978e-40d5-43dd-bc93-6894a57f9324 "\"#, &"k".repeat(255)] {
            assert_eq!(IdempotencyKey::parse(text).unwrap().as_str(), text);
        }
        for text in ["", "\t", "a\n", "\u{7f}", "ä", &"k".repeat(256)] {
            assert_eq!(IdempotencyKey::parse(text), None, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn key_is_kept_as_given(text in any_text()) {
            if let Some(key) = IdempotencyKey::parse(&text) {
                prop_assert_eq!(key.as_str(), text.as_str());
                prop_assert!(text.is_ascii() && text.len() <= IdempotencyKey::MAX_CHARS);
            }
        }
    }
}
