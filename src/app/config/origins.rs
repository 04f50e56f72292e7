//! Which pages may call the API from a browser.
//! For the CORS middleware.

use actix_web::http::Uri;

use super::error::Wrong;
pub use crate::adapters::http::middleware::cors::AllowedOrigins;

const EXPECTED: &str = "* or origins such as https://example.com, without a path, by commas";

impl AllowedOrigins {
    /// `*`, or origins between commas; nothing is no origin at all.
    pub(super) fn parse(text: &str) -> Result<Self, Wrong> {
        if text == "*" {
            return Ok(Self::Any);
        }
        let listed = text.split(',').filter(|_| !text.is_empty());
        let origins: Option<_> = listed.map(origin).collect();
        origins.map(Self::These).ok_or_else(|| Wrong::expected(EXPECTED))
    }
}

/// An origin in lower case, because browsers send it so and it is compared letter by letter.
fn origin(text: &str) -> Option<String> {
    let text = text.trim().to_ascii_lowercase();
    let (scheme, host) = text.split_once("://")?;
    let scheme_fits = scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    let host_fits = host.chars().all(|c| c.is_ascii_alphanumeric() || "-._:[]".contains(c));
    let is_whole = text.parse::<Uri>().is_ok_and(|uri| uri.host().is_some_and(|host| !host.is_empty()));
    (scheme_fits && host_fits && is_whole && !scheme.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{errors, load, load_prod};
    use super::*;

    fn these(list: &[&str]) -> AllowedOrigins {
        AllowedOrigins::These(list.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn dev_allows_any_origin_and_prod_none() {
        assert_eq!(load(&[]).http.cors, AllowedOrigins::Any);
        assert_eq!(load_prod(&[]).http.cors, these(&[]));
    }

    #[test]
    fn origins_are_compared_as_browsers_write_them() {
        let cors = |text| load(&[("CORS_ALLOWED_ORIGINS", text)]).http.cors;
        assert_eq!(cors("*"), AllowedOrigins::Any);
        assert_eq!(cors("https://A.example, http://[::1]:4100"), these(&["https://a.example", "http://[::1]:4100"]));
    }

    #[test]
    fn origins_have_a_scheme_and_no_path() {
        for wrong in [
            "a.example",
            "https://a.example/",
            "https://a/b",
            "https://",
            "https://me@a",
            "http://a:80:80",
            "http://[::1",
            "*,https://a",
            "https://a,",
            ",",
            "null",
        ] {
            let line = format!("CORS_ALLOWED_ORIGINS is {wrong:?}: expected {EXPECTED}");
            assert_eq!(errors(&[("CORS_ALLOWED_ORIGINS", wrong)]), line);
        }
    }
}
