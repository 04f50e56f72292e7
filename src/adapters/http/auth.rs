//! The token of the `Authorization` header: `Token <jwt>`, or `Bearer <jwt>`.

use actix_web::http::header::{AUTHORIZATION, HeaderMap};

use super::errors::HttpError;

/// Returns the token as sent: its signature is not verified.
pub fn bearer_token(headers: &HeaderMap) -> Result<&str, HttpError> {
    let header = headers.get(AUTHORIZATION).ok_or(HttpError::MissingToken)?;
    header.to_str().ok().and_then(parse).ok_or(HttpError::InvalidToken)
}

/// Schemes are case-insensitive (RFC 9110, section 11.1).
fn parse(header: &str) -> Option<&str> {
    let (scheme, token) = header.trim().split_once(' ')?;
    let is_supported = ["Token", "Bearer"].iter().any(|supported| scheme.eq_ignore_ascii_case(supported));
    is_supported.then(|| token.trim())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn scheme_is_case_insensitive() {
        for header in ["Token a.b.c", "Bearer a.b.c", "token a.b.c", "BEARER  a.b.c "] {
            assert_eq!(parse(header), Some("a.b.c"), "{header}");
        }
        for header in ["", "Token", "a.b.c", "Basic a.b.c", "Tokena.b.c"] {
            assert_eq!(parse(header), None, "{header}");
        }
    }

    proptest! {
        #[test]
        fn token_is_the_end_of_its_header(header in "(?i:token|bearer|basic)?[ \t]{0,3}\\PC{0,40}") {
            if let Some(token) = parse(&header) {
                prop_assert!(header.trim().ends_with(token) && token.trim() == token, "{:?}", token);
            }
        }
    }
}
