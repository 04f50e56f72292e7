//! The nesting of JSON, limited also in fields that are ignored, because the parser reads them.

/// Payloads have 3 levels; RFC 8259, section 9, lets a parser set a limit.
const MAX_DEPTH: usize = 64;

pub fn is_too_deep(json: &str) -> bool {
    // Counting is fast, and sufficient for nearly every body.
    let opening = json.bytes().filter(|byte| matches!(byte, b'[' | b'{')).count();
    opening > MAX_DEPTH && depth(json) > MAX_DEPTH
}

/// Counts outside strings. Invalid JSON has an arbitrary depth; the parser rejects it.
fn depth(json: &str) -> usize {
    let (mut current, mut deepest): (usize, usize) = (0, 0);
    let mut bytes = json.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => skip_string(&mut bytes),
            b'[' | b'{' => current += 1,
            b']' | b'}' => current = current.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(current);
    }
    deepest
}

/// Skips a string after its opening quote.
fn skip_string(bytes: &mut impl Iterator<Item = u8>) {
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => return,
            b'\\' => drop(bytes.next()),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn depth_counts_what_is_open_at_once() {
        for (json, expected) in [
            ("1", 0),
            ("[]", 1),
            (r#"{"user": {"tagList": ["a", "b"]}}"#, 3),
            (r#"[[], [], [[]]]"#, 3),
            (r#"{"a": "[[[[{{{{"}"#, 1),
            (r#"{"a": "\"[[[[", "b": "\\", "c": ["\\\"["]}"#, 2),
        ] {
            assert_eq!(depth(json), expected, "{json}");
        }
    }

    #[test]
    fn sixty_four_levels_are_allowed() {
        let nested = |levels| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        assert!(!is_too_deep(&nested(64)) && is_too_deep(&nested(65)));
        assert!(!is_too_deep(&format!("[{}]", vec!["[]"; 1000].join(","))), "many arrays side by side");
        assert!(!is_too_deep(&json!({"body": "[".repeat(1000)}).to_string()), "brackets in a string");
    }

    proptest! {
        #[test]
        fn depth_is_the_nesting_of_the_value(levels in 0usize..100, text in ".*") {
            let value = (0..levels).fold(json!(text), |inner, level| match level % 2 {
                0 => Value::Array(vec![inner]),
                _ => json!({text.as_str(): inner}),
            });
            prop_assert_eq!(depth(&value.to_string()), levels);
        }
    }
}
