//! How deep JSON may be nested, also where nobody looks: what is ignored is read all the same.

/// The deepest nesting of a body. Ours has 3 levels; RFC 8259, section 9, lets a parser set a limit.
const DEEPEST: usize = 64;

/// Whether arrays and objects are nested deeper in each other than anybody needs.
pub fn is_too_deep(json: &str) -> bool {
    // Quick, and enough for nearly every body: what opens seldom does not open deep.
    let opening = json.bytes().filter(|byte| matches!(byte, b'[' | b'{')).count();
    opening > DEEPEST && depth(json) > DEEPEST
}

/// The depth outside strings. Of what is no JSON it is some number; the parser refuses that anyway.
fn depth(json: &str) -> usize {
    let (mut now, mut deepest): (usize, usize) = (0, 0);
    let mut bytes = json.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => skip_string(&mut bytes),
            b'[' | b'{' => now += 1,
            b']' | b'}' => now = now.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(now);
    }
    deepest
}

/// Skips the rest of a string, whose first quote is gone.
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
    fn depth_counts_what_is_open_at_the_same_time() {
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
    fn sixty_four_levels_are_not_too_deep_and_one_more_is() {
        let nested = |levels| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        assert!(!is_too_deep(&nested(64)) && is_too_deep(&nested(65)));
        assert!(!is_too_deep(&format!("[{}]", vec!["[]"; 1000].join(","))), "many, and not deep");
        assert!(!is_too_deep(&json!({"body": "[".repeat(1000)}).to_string()), "text");
    }

    proptest! {
        #[test]
        fn depth_is_that_of_the_value(levels in 0usize..100, text in ".*") {
            let value = (0..levels).fold(json!(text), |inner, level| match level % 2 {
                0 => Value::Array(vec![inner]),
                _ => json!({text.as_str(): inner}),
            });
            prop_assert_eq!(depth(&value.to_string()), levels);
        }
    }
}
