//! Settings of the HTTP server and of the graceful shutdown.

use std::path::Path;
use std::time::Duration;

use super::super::parsers::common::cores;
use super::{assert_rejected, errors, load, load_prod, vars};
use crate::adapters::http::middleware::cors::AllowedOrigins;

fn these(list: &[&str]) -> AllowedOrigins {
    AllowedOrigins::These(list.iter().map(ToString::to_string).collect())
}

#[test]
fn defaults_suit_a_laptop() {
    let (config, prod) = (load(&[]), load_prod(&[]));
    let http = config.http;
    assert_eq!((http.host.to_string().as_str(), http.port, http.metrics_port), ("127.0.0.1", 8080, 9464));
    assert_eq!((http.workers, http.body_limit), (cores(), 1024 * 1024));
    assert_eq!((http.header_timeout, http.body_timeout), (Duration::from_secs(10), Duration::from_secs(30)));
    assert_eq!(http.keep_alive, Duration::from_secs(75));
    assert_eq!((http.tls_cert_file, http.tls_key_file, http.docs), (None, None, true));
    assert_eq!((http.cors, prod.http.cors), (AllowedOrigins::Any, these(&[])));
    assert_eq!((http.trusted_proxies, prod.http.trusted_proxies), (vec![], vec![]));
    assert_eq!((config.shutdown.delay, prod.shutdown.delay), (Duration::ZERO, Duration::from_secs(5)));
    assert_eq!(config.shutdown.timeout, Duration::from_secs(30));
}

#[test]
fn valid_values_are_accepted() {
    let config = load(&vars(
        "HOST=::1 PORT=0 METRICS_PORT=0 WORKERS=4 BODY_LIMIT=512KiB HEADER_TIMEOUT=500ms BODY_TIMEOUT=2m \
         KEEP_ALIVE=5s SHUTDOWN_DELAY=10s SHUTDOWN_TIMEOUT=2m DOCS=false TLS_CERT_FILE=/dev/null \
         TLS_KEY_FILE=/dev/zero",
    ));
    let http = config.http;
    assert_eq!((http.host.to_string().as_str(), http.port, http.metrics_port), ("::1", 0, 0));
    assert_eq!((http.workers, http.body_limit), (4, 512 * 1024));
    assert_eq!((http.header_timeout, http.body_timeout), (Duration::from_millis(500), Duration::from_secs(120)));
    assert_eq!((http.keep_alive, http.docs), (Duration::from_secs(5), false));
    assert_eq!(config.shutdown.delay, Duration::from_secs(10));
    assert_eq!(config.shutdown.timeout, Duration::from_secs(120));
    assert_eq!(http.tls_files(), Some((Path::new("/dev/null"), Path::new("/dev/zero"))));
}

#[test]
fn invalid_values_are_rejected_by_name() {
    let units = "such as 500ms, 90s, 15m, 12h or 7d";
    for (name, value, expected) in [
        ("HOST", "localhost", "an IP address such as 127.0.0.1 or 0.0.0.0"),
        ("PORT", "80a", "a number from 0 to 65535"),
        ("METRICS_PORT", "-1", "a number from 0 to 65535"),
        ("METRICS_PORT", "8080", "another port than PORT"),
        ("WORKERS", "0", "a number from 1 to 1024"),
        ("BODY_LIMIT", "1GB", "a size from 1KiB to 64MiB, such as 1048576, 512KiB or 1MiB"),
        ("SHUTDOWN_TIMEOUT", "2h", &format!("a duration from 0s to 1h, {units}")),
        ("SHUTDOWN_DELAY", "11m", &format!("a duration from 0s to 10m, {units}")),
        ("TLS_KEY_FILE", "/", "a file, and this is a directory"),
    ] {
        assert_rejected(name, value, expected);
    }
    for (name, line) in [
        ("TLS_CERT_FILE", "TLS_KEY_FILE is not set: expected the key for TLS_CERT_FILE"),
        ("TLS_KEY_FILE", "TLS_CERT_FILE is not set: expected the chain for TLS_KEY_FILE"),
    ] {
        assert_eq!(errors(&[(name, "/dev/null")]), line);
    }
}

#[test]
fn origins_are_compared_as_browsers_write_them() {
    let cors = |text| load(&[("CORS_ALLOWED_ORIGINS", text)]).http.cors;
    assert_eq!(cors("*"), AllowedOrigins::Any);
    assert_eq!(cors("https://A.example, http://[::1]:4100"), these(&["https://a.example", "http://[::1]:4100"]));
}

#[test]
fn origins_have_a_scheme_and_no_path() {
    let wrong = "a.example https://a.example/ https://a/b https:// https://me@a http://a:80:80 http://[::1 \
                 *,https://a https://a, , null";
    for origins in wrong.split_whitespace() {
        let expected = "* or origins such as https://example.com, without a path, by commas";
        assert_rejected("CORS_ALLOWED_ORIGINS", origins, expected);
    }
}

#[test]
fn proxies_are_networks_or_addresses() {
    let text = "10.0.0.0/8, fd00::/8,127.0.0.1 ,::1,::ffff:10.1.0.0/112";
    let trusted = load(&[("TRUSTED_PROXIES", text)]).http.trusted_proxies;
    let shown: Vec<_> = trusted.iter().map(ToString::to_string).collect();
    assert_eq!(shown, ["10.0.0.0/8", "fd00::/8", "127.0.0.1/32", "::1/128", "10.1.0.0/16"]);
    for wrong in ["*", "true", "10.0.0.0/33", "10.0.0", "proxy.internal", "10.0.0.0/8,", ",", "0.0.0.0/0", "::/0"] {
        let expected = "networks or addresses such as 10.0.0.0/8, fd00::/8 or 127.0.0.1, by commas";
        assert_rejected("TRUSTED_PROXIES", wrong, expected);
    }
}
