//! Parser of `postgres://USER:PASSWORD@HOST:PORT,HOST:PORT/DATABASE?NAME=VALUE&NAME=VALUE`.
//!
//! tokio-postgres has no `sslmode=verify-full`, and none of its types shows a URL without the
//! password.

use std::fmt;

/// Parameter that tokio-postgres does not know.
const VERIFY_FULL: &str = "sslmode=verify-full";

/// Parts of a PostgreSQL URL. `Display` omits the password and the parameters.
#[derive(Clone, Copy)]
pub struct UrlParts<'a> {
    scheme: &'a str,
    credentials: Option<&'a str>,
    hosts: &'a str,
    path: &'a str,
    query: &'a str,
}

impl<'a> UrlParts<'a> {
    /// Splits a URL. Returns `None` if the driver might split it elsewhere: an unencoded `@`, `:`,
    /// `/` or `?` in a password would move a part of it to where it is shown.
    pub fn parse(url: &'a str) -> Option<Self> {
        let (scheme, rest) = url.split_once("://").filter(|(_, rest)| !rest.is_empty())?;
        let (base, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, path) = base.split_at_checked(base.find('/').unwrap_or(base.len()))?;
        let (credentials, hosts) = match authority.rsplit_once('@') {
            Some((credentials, hosts)) => (Some(credentials), hosts),
            None => (None, authority),
        };
        let at_signs = usize::from(credentials.is_some());
        let is_unambiguous = rest.matches('@').count() == at_signs && hosts.split(',').all(is_host);
        is_unambiguous.then_some(Self { scheme, credentials, hosts, path, query })
    }

    pub fn servers(self) -> impl Iterator<Item = Self> {
        self.hosts.split(',').map(move |hosts| Self { hosts, ..self })
    }

    pub fn has_parameter(self, name: &str) -> bool {
        self.parameters().any(|parameter| parameter.split_once('=').is_some_and(|(given, _)| given == name))
    }

    pub fn verifies_certificate(self) -> bool {
        self.parameters().any(|parameter| parameter == VERIFY_FULL)
    }

    /// May contain a password.
    pub fn to_url(self) -> String {
        self.with_parameters(self.parameters())
    }

    /// Returns the URL without the parameter that tokio-postgres does not know.
    pub fn to_driver_url(self) -> String {
        self.with_parameters(self.parameters().filter(|parameter| *parameter != VERIFY_FULL))
    }

    fn with_parameters<'b>(self, parameters: impl Iterator<Item = &'b str>) -> String {
        let Self { scheme, credentials, hosts, path, .. } = self;
        let credentials = credentials.map_or_else(String::new, |credentials| format!("{credentials}@"));
        let query = parameters.collect::<Vec<_>>().join("&");
        let mark = if query.is_empty() { "" } else { "?" };
        format!("{scheme}://{credentials}{hosts}{path}{mark}{query}")
    }

    fn parameters(self) -> impl Iterator<Item = &'a str> {
        self.query.split('&').filter(|parameter| !parameter.is_empty())
    }
}

/// Returns whether `host` is a name or an address, with a port or without.
fn is_host(host: &str) -> bool {
    match host.rsplit_once(':') {
        Some(_) if host.ends_with(']') => true,
        Some((name, port)) => (name.ends_with(']') || !name.contains(':')) && port.parse::<u16>().is_ok(),
        None => true,
    }
}

impl fmt::Display for UrlParts<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { credentials, hosts, path, .. } = self;
        match credentials.map(|credentials| credentials.split_once(':').unwrap_or((credentials, ""))) {
            Some((user, "")) => write!(f, "postgres://{user}@{hosts}{path}"),
            Some((user, _)) => write!(f, "postgres://{user}:***@{hosts}{path}"),
            None => write!(f, "postgres://{hosts}{path}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_host_has_its_own_url() {
        let cases: [(&str, &[&str]); 5] = [
            ("postgres://h/d", &["postgres://h/d"]),
            ("postgres://u:p@h1:1,h2/d?a=b,c", &["postgres://u:p@h1:1/d?a=b,c", "postgres://u:p@h2/d?a=b,c"]),
            ("postgresql://u@[::1]:5,h?a=1", &["postgresql://u@[::1]:5?a=1", "postgresql://u@h?a=1"]),
            ("postgres://h1,h2", &["postgres://h1", "postgres://h2"]),
            ("postgres:///d?host=/run", &["postgres:///d?host=/run"]),
        ];
        for (given, urls) in cases {
            let servers: Vec<String> = UrlParts::parse(given).unwrap().servers().map(UrlParts::to_url).collect();
            assert_eq!(servers, urls);
        }
    }

    #[test]
    fn parameters_are_found_by_their_names() {
        let url = UrlParts::parse("postgres://h/d?target_session_attrs=any&keepalives_idle=1").unwrap();
        assert!(url.has_parameter("target_session_attrs") && url.has_parameter("keepalives_idle"));
        assert!(!url.has_parameter("keepalives"));
        assert!(!UrlParts::parse("postgres://h/d").unwrap().has_parameter("host"));
    }

    #[test]
    fn driver_does_not_receive_verify_full() {
        let cases = [
            ("postgres://h/d", "postgres://h/d", false),
            ("postgres://h/d?sslmode=require", "postgres://h/d?sslmode=require", false),
            ("postgres://h/d?sslmode=verify-full", "postgres://h/d", true),
            ("postgres://h/d?a=1&sslmode=verify-full&b=2", "postgres://h/d?a=1&b=2", true),
        ];
        for (given, url, verifies) in cases {
            let parts = UrlParts::parse(given).unwrap();
            assert_eq!((parts.to_driver_url(), parts.verifies_certificate()), (url.to_owned(), verifies));
        }
    }

    #[test]
    fn ambiguous_urls_are_rejected() {
        for url in ["h/d", "postgres://", "postgres://u:p@p@h/d", "postgres://u:p/p@h/d", "postgres://u:p:1/d"] {
            assert!(UrlParts::parse(url).is_none(), "{url}");
        }
    }
}
