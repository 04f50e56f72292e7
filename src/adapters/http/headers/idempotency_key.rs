//! The header `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header-07, section 2.1): a
//! quoted string (RFC 9651, section 3.3.3). Most clients omit the quotes, so a bare word is
//! accepted too.

use actix_web::http::header::{HeaderMap, HeaderName};

use crate::adapters::http::errors::HttpError;
use crate::domain::model::values::IdempotencyKey;

pub const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// Response header that marks a stored response.
pub const IDEMPOTENT_REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// Rejects an invalid key, and a header that is sent twice.
pub fn idempotency_key(headers: &HeaderMap) -> Result<Option<IdempotencyKey>, HttpError> {
    let mut values = headers.get_all(IDEMPOTENCY_KEY);
    let Some(value) = values.next() else { return Ok(None) };
    let key = value.to_str().ok().and_then(parse).filter(|_| values.next().is_none());
    key.map(Some).ok_or(HttpError::IdempotencyKeyInvalid)
}

fn parse(value: &str) -> Option<IdempotencyKey> {
    let value = value.trim_matches([' ', '\t']);
    match value.strip_prefix('"') {
        Some(rest) => IdempotencyKey::parse(&unquote(rest)?),
        None => Some(value).filter(|word| !word.contains([' ', '"', ',', ';', '\\'])).and_then(IdempotencyKey::parse),
    }
}

/// Parses a string after its opening quote. Only quotes and backslashes can be escaped.
fn unquote(text: &str) -> Option<String> {
    let mut unquoted = String::with_capacity(text.len());
    let mut rest = text.chars();
    loop {
        match rest.next()? {
            '"' => break,
            '\\' => unquoted.push(rest.next().filter(|escaped| ['"', '\\'].contains(escaped))?),
            other => unquoted.push(other),
        }
    }
    rest.as_str().is_empty().then_some(unquoted)
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    fn key(value: &str) -> Option<String> {
        parse(value).map(|key| key.as_str().to_owned())
    }

    #[test]
    fn quoted_string_is_unescaped() {
        for (value, text) in [
            (r#""8e03978e-40d5-43dd-bc93-6894a57f9324""#, "8e03978e-40d5-43dd-bc93-6894a57f9324"),
            (r#" "a b;c, d" "#, "a b;c, d"),
            (r#""say \"a\\b\"""#, r#"say "a\b""#),
        ] {
            assert_eq!(key(value).as_deref(), Some(text), "{value}");
        }
        for value in [r#""""#, r#"""#, r#""a"#, r#""a"b"#, r#""a";b=1"#, r#""a", "b""#, r#""\a""#, r#""a\"#, r#""a\""#]
        {
            assert_eq!(key(value), None, "{value}");
        }
    }

    #[test]
    fn bare_word_is_a_key() {
        for word in ["8e03978e-40d5-43dd-bc93-6894a57f9324", "a", "AZaz09+/=_~:.'*", &"k".repeat(255)] {
            assert_eq!(key(word).as_deref(), Some(word));
        }
        for word in ["", " ", "a b", "a,b", "a;b", r#"a""#, r"a\b", &"k".repeat(256)] {
            assert_eq!(key(word), None, "{word}");
        }
    }

    #[test]
    fn header_that_is_sent_twice_is_rejected() {
        let mut headers = HeaderMap::new();
        assert!(idempotency_key(&headers).unwrap().is_none());
        headers.append(IDEMPOTENCY_KEY, HeaderValue::from_static("one"));
        assert_eq!(idempotency_key(&headers).unwrap().unwrap().as_str(), "one");
        headers.append(IDEMPOTENCY_KEY, HeaderValue::from_static("two"));
        assert!(idempotency_key(&headers).is_err());
    }

    proptest! {
        #[test]
        fn every_key_can_be_quoted(text in "[ -~]{1,127}") {
            let quoted = format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
            prop_assert_eq!(key(&quoted), Some(text));
        }

        #[test]
        fn no_value_panics(value in any::<String>()) {
            let _ = parse(&value);
        }
    }
}
