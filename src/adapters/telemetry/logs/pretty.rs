//! Lines of text for people.

use std::fmt::Write;

use tracing::Level;

use super::escape::{Escaped, escape};
use super::line_layer::{Format, Head, Value};
use super::rfc3339::Rfc3339;

/// Time, level, target, message, then `name=value` for each field.
pub struct Pretty {
    pub has_colors: bool,
}

impl Pretty {
    fn styled(&self, line: &mut String, style: &str, text: std::fmt::Arguments<'_>) {
        let _cannot_fail = match self.has_colors {
            true => write!(line, "\u{1b}[{style}m{text}\u{1b}[0m"),
            false => write!(line, "{text}"),
        };
    }
}

fn style(level: Level) -> &'static str {
    match level {
        Level::ERROR => "31",
        Level::WARN => "33",
        Level::INFO => "32",
        Level::DEBUG => "34",
        Level::TRACE => "35",
    }
}

impl Format for Pretty {
    fn open(&self, line: &mut String, head: &Head<'_>) {
        self.styled(line, "2", format_args!("{}", Rfc3339(head.time)));
        line.push(' ');
        self.styled(line, style(head.level), format_args!("{:>5}", head.level.as_str()));
        line.push(' ');
        self.styled(line, "2", format_args!("{}:", head.target));
        if !head.message.is_empty() {
            line.push(' ');
            escape(line, head.message);
        }
    }

    fn field(&self, line: &mut String, name: &str, value: &Value<'_>) {
        line.push(' ');
        self.styled(line, "3", format_args!("{name}"));
        self.styled(line, "2", format_args!("="));
        let _cannot_fail = match value {
            Value::Plain(value) => write!(line, "{value}"),
            Value::Float(value) => write!(line, "{value}"),
            Value::Debug(value) => write!(Escaped(line), "{value:?}"),
            Value::Text(text) => {
                line.push('"');
                escape(line, text);
                line.write_char('"')
            }
        };
    }

    fn close(&self, line: &mut String) {
        line.push('\n');
    }
}
