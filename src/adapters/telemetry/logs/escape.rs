//! Escapes text so that it cannot forge a log line, color it or change its direction.

use std::fmt;
use std::fmt::Write;

use crate::domain::model::values::is_invisible;

/// Appends a text with JSON's escapes (RFC 8259, section 7) for quotes, backslashes, control
/// characters (C0, DEL, C1), line and paragraph separators, and characters that change the
/// direction of text or are invisible.
pub fn escape(to: &mut String, text: &str) {
    let mut rest = text;
    while let Some((at, c)) = rest.char_indices().find(|(_, c)| needs_escape(*c)) {
        let (before, from) = rest.split_at(at);
        to.push_str(before);
        escape_char(to, c);
        rest = from.get(c.len_utf8()..).unwrap_or_default();
    }
    to.push_str(rest);
}

fn needs_escape(c: char) -> bool {
    match c {
        ' '..='~' => c == '"' || c == '\\',
        _ => c.is_control() || is_invisible(c),
    }
}

fn escape_char(to: &mut String, c: char) {
    match c {
        '"' => to.push_str("\\\""),
        '\\' => to.push_str("\\\\"),
        '\n' => to.push_str("\\n"),
        '\r' => to.push_str("\\r"),
        '\t' => to.push_str("\\t"),
        _ => {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _cannot_fail = write!(to, "\\u{unit:04x}");
            }
        }
    }
}

pub struct Escaped<'a>(pub &'a mut String);

impl Write for Escaped<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        escape(self.0, text);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn escaped(text: &str) -> String {
        let mut to = String::new();
        escape(&mut to, text);
        to
    }

    #[test]
    fn plain_text_is_unchanged() {
        for text in ["", "GET /api/tags", "Zoë 李 🦄 e\u{301}"] {
            assert_eq!(escaped(text), text);
        }
    }

    #[test]
    fn control_characters_are_escaped() {
        assert_eq!(escaped("a\r\nb\tc"), r"a\r\nb\tc");
        assert_eq!(escaped("\u{1b}[31m\u{9b}1m\u{7f}\0"), r"\u001b[31m\u009b1m\u007f\u0000");
        assert_eq!(escaped("\u{2028}\u{2029}\u{85}\u{202e}"), r"\u2028\u2029\u0085\u202e");
        assert_eq!(escaped(r#"C:\ "quoted""#), r#"C:\\ \"quoted\""#);
        assert_eq!(escaped("\u{e0001}"), r"\udb40\udc01");
    }

    proptest! {
        #[test]
        fn escaped_text_in_quotes_is_json_of_the_same_text(text in any::<String>()) {
            let json = format!("\"{}\"", escaped(&text));
            prop_assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
            prop_assert!(!json.chars().any(char::is_control));
        }
    }
}
