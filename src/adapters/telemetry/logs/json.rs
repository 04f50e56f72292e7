//! Lines of JSON.

use std::fmt::Write;

use super::escape::{Escaped, escape};
use super::line_layer::{Format, Head, Value};
use super::rfc3339::Rfc3339;

pub struct Json;

impl Format for Json {
    fn open(&self, line: &mut String, head: &Head<'_>) {
        let (time, level) = (Rfc3339(head.time), head.level);
        let _cannot_fail = write!(line, r#"{{"timestamp":"{time}","level":"{level}""#);
        for (name, text) in [("target", head.target), ("message", head.message)] {
            self.field(line, name, &Value::Text(text));
        }
    }

    fn field(&self, line: &mut String, name: &str, value: &Value<'_>) {
        line.push_str(",\"");
        escape(line, name);
        line.push_str("\":");
        let _cannot_fail = match value {
            Value::Plain(value) => write!(line, "{value}"),
            Value::Float(value) if value.is_finite() => write!(line, "{value}"),
            Value::Float(_) => line.write_str("null"),
            Value::Text(text) => {
                line.push('"');
                escape(line, text);
                line.write_char('"')
            }
            Value::Debug(value) => {
                line.push('"');
                let _cannot_fail = write!(Escaped(line), "{value:?}");
                line.write_char('"')
            }
        };
    }

    fn close(&self, line: &mut String) {
        line.push_str("}\n");
    }
}
