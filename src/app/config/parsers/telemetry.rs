//! Parsers of the settings of logs and traces.

use actix_web::http::Uri;
use tracing_subscriber::filter::{LevelFilter, Targets};

use super::super::error::{ParseError, ParseResult};
use super::common::choice;
use crate::adapters::telemetry::logs::settings::LogFormat;

pub fn log_format(text: &str) -> ParseResult<LogFormat> {
    choice(&[("pretty", LogFormat::Pretty), ("json", LogFormat::Json)], text)
}

pub fn log_targets(text: &str) -> ParseResult<Targets> {
    let directives: Vec<&str> = text.split(',').map(str::trim).filter(|directive| !directive.is_empty()).collect();
    // The parser takes a misspelled level for a target, and would turn all others off.
    let are_levels = directives.iter().all(|part| part.contains('=') || part.parse::<LevelFilter>().is_ok());
    let targets = if are_levels { directives.join(",").parse().ok() } else { None };
    targets.ok_or_else(|| ParseError::expected("levels such as info or warn,conduit=debug"))
}

/// Parses the URL of a collector, to which the exporter adds `/v1/traces`.
pub fn collector(text: &str) -> ParseResult<String> {
    let expected = "the URL of a collector for OTLP over HTTP, such as http://127.0.0.1:4318";
    if text.contains('@') {
        let expected = format!("{expected}, and OTEL_EXPORTER_OTLP_HEADERS");
        return Err(ParseError::hidden("a URL with a password", expected));
    }
    let is_http = |uri: &Uri| matches!(uri.scheme_str(), Some("http" | "https"));
    let uri = text.parse().ok().filter(|uri| is_http(uri) && uri.host().is_some() && uri.query().is_none());
    uri.map(|_| text.to_owned()).ok_or_else(|| ParseError::expected(expected))
}

pub fn service_name(text: &str) -> ParseResult<String> {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._/".contains(&byte);
    let is_name = text.len() <= 255 && text.bytes().all(is_allowed);
    if is_name { Ok(text.to_owned()) } else { Err(ParseError::expected("a name of letters, digits and -._/")) }
}

pub fn sampled_share(text: &str) -> ParseResult<f64> {
    let share = text.parse().ok().filter(|share| (0.0..=1.0).contains(share));
    share.ok_or_else(|| ParseError::expected("a number from 0 to 1, such as 0.05"))
}
