//! The header `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header-07, section 2.1): a string of Structured
//! Fields (RFC 9651, section 3.3.3), as in `"8e03978e-40d5-43dd-bc93-6894a57f9324"`.
//!
//! Most clients leave the quotes out, so a bare word is taken for the string that they mean.

use actix_web::http::header::{HeaderMap, HeaderName};

use super::errors::HttpError;
use crate::domain::model::values::IdempotencyKey;

/// The header's name.
pub const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// Says that an answer is one that was given before.
pub const IDEMPOTENT_REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// The key that came with a request, if one did.
pub fn sent_key(headers: &HeaderMap) -> Result<Option<IdempotencyKey>, HttpError> {
    let mut values = headers.get_all(IDEMPOTENCY_KEY);
    let Some(value) = values.next() else { return Ok(None) };
    let key = value.to_str().ok().and_then(parse).filter(|_| values.next().is_none());
    key.map(Some).ok_or_else(HttpError::no_idempotency_key)
}

fn parse(value: &str) -> Option<IdempotencyKey> {
    let value = value.trim_matches([' ', '\t']);
    match value.strip_prefix('"') {
        Some(rest) => IdempotencyKey::parse(&string(rest)?),
        None => Some(value).filter(|word| !word.contains([' ', '"', ',', ';', '\\'])).and_then(IdempotencyKey::parse),
    }
}

/// What a string says, behind its opening quote. Only a quote and a backslash are escaped.
fn string(text: &str) -> Option<String> {
    let mut said = String::with_capacity(text.len());
    let mut rest = text.chars();
    loop {
        match rest.next()? {
            '"' => break,
            '\\' => said.push(rest.next().filter(|escaped| ['"', '\\'].contains(escaped))?),
            other => said.push(other),
        }
    }
    rest.as_str().is_empty().then_some(said)
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
    fn a_string_is_what_stands_between_its_quotes() {
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
    fn a_bare_word_is_the_string_that_it_means() {
        for word in ["8e03978e-40d5-43dd-bc93-6894a57f9324", "a", "AZaz09+/=_~:.'*", &"k".repeat(255)] {
            assert_eq!(key(word).as_deref(), Some(word));
        }
        for word in ["", " ", "a b", "a,b", "a;b", r#"a""#, r"a\b", &"k".repeat(256)] {
            assert_eq!(key(word), None, "{word}");
        }
    }

    #[test]
    fn a_header_that_comes_twice_is_no_key() {
        let mut headers = HeaderMap::new();
        assert!(sent_key(&headers).unwrap().is_none());
        headers.append(IDEMPOTENCY_KEY, HeaderValue::from_static("one"));
        assert_eq!(sent_key(&headers).unwrap().unwrap().as_str(), "one");
        headers.append(IDEMPOTENCY_KEY, HeaderValue::from_static("two"));
        assert!(sent_key(&headers).is_err());
    }

    proptest! {
        #[test]
        fn every_key_can_be_written_as_a_string(text in "[ -~]{1,127}") {
            let quoted = format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
            prop_assert_eq!(key(&quoted), Some(text));
        }

        #[test]
        fn nothing_panics(value in any::<String>()) {
            let _ = parse(&value);
        }
    }
}
