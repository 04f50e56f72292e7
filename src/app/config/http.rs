//! Where and how the server listens, and which browsers it answers.
//! For the composition root, which binds the ports and builds the middleware from these.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use super::{
    error::Wrong,
    origins::AllowedOrigins,
    reader::Reader,
    settings::{
        BODY_LIMIT, BODY_TIMEOUT, CORS_ALLOWED_ORIGINS, DOCS, HEADER_TIMEOUT, HOST, KEEP_ALIVE, METRICS_PORT, PORT,
        SHUTDOWN_DELAY, SHUTDOWN_TIMEOUT, TLS_CERT_FILE, TLS_KEY_FILE, WORKERS,
    },
    values::{TRUE_OR_FALSE, choice, duration, number, readable_file, size},
};

/// Settings of the HTTP server.
#[derive(Debug, Clone)]
pub struct HttpSettings {
    /// `HOST`: address to listen on, by default 127.0.0.1.
    pub host: IpAddr,
    /// `PORT`: port of the API, by default 8080; 0 takes any free one.
    pub port: u16,
    /// `METRICS_PORT`: port of the metrics, by default 9464; 0 takes any free one.
    pub metrics_port: u16,
    /// `WORKERS`: threads that serve requests, by default as many as there are cores.
    pub workers: usize,
    /// `BODY_LIMIT`: largest request body in bytes, by default 1 MiB.
    pub body_limit: usize,
    /// `HEADER_TIMEOUT`: time that a client gets to send the head of a request, by default 10 seconds.
    pub header_timeout: Duration,
    /// `BODY_TIMEOUT`: time that a client gets to send the body, by default 30 seconds.
    pub body_timeout: Duration,
    /// `KEEP_ALIVE`: time that a connection may stay open without a request, by default 75 seconds.
    pub keep_alive: Duration,
    /// `SHUTDOWN_DELAY`: from the signal to stop on, how long new connections are taken, by default 5 seconds in prod.
    pub shutdown_delay: Duration,
    /// `SHUTDOWN_TIMEOUT`: time that running requests get to finish then, by default 30 seconds.
    pub shutdown_timeout: Duration,
    /// `CORS_ALLOWED_ORIGINS`: who may call from a browser, by default anyone in dev and no one in prod.
    pub cors: AllowedOrigins,
    /// `DOCS`: whether the API's document and Swagger UI are served, by default they are.
    pub docs: bool,
    /// `TLS_CERT_FILE` and `TLS_KEY_FILE`: by default none, which is plain HTTP.
    pub tls: Option<TlsFiles>,
}

/// A certificate and its key, both readable when the configuration was loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// PEM certificate chain.
    pub cert: PathBuf,
    /// PEM private key.
    pub key: PathBuf,
}

impl HttpSettings {
    pub(super) fn read(from: &mut Reader) -> Option<Self> {
        let host = from.get(&HOST, ip_address);
        let port = from.get(&PORT, number(0..=u16::MAX));
        let metrics_port = from.get(&METRICS_PORT, number(0..=u16::MAX));
        let workers = from.optional(&WORKERS, number(1..=1024));
        let body_limit = from.get(&BODY_LIMIT, size("1KiB", "64MiB"));
        let header_timeout = from.get(&HEADER_TIMEOUT, duration("100ms", "5m"));
        let body_timeout = from.get(&BODY_TIMEOUT, duration("100ms", "1h"));
        let keep_alive = from.get(&KEEP_ALIVE, duration("1s", "1h"));
        let shutdown_delay = from.get(&SHUTDOWN_DELAY, duration("0s", "10m"));
        let shutdown_timeout = from.get(&SHUTDOWN_TIMEOUT, duration("0s", "1h"));
        let cors = from.get(&CORS_ALLOWED_ORIGINS, AllowedOrigins::parse);
        let docs = from.get(&DOCS, choice(TRUE_OR_FALSE));
        let tls = TlsFiles::read(from);
        if let (Some(port @ 1..), true) = (port, port == metrics_port) {
            from.refuse(&METRICS_PORT, &format!("\"{port}\""), "another port than PORT");
        }
        Some(Self {
            host: host?,
            port: port?,
            metrics_port: metrics_port?,
            workers: workers?.unwrap_or_else(cores),
            body_limit: body_limit?,
            header_timeout: header_timeout?,
            body_timeout: body_timeout?,
            keep_alive: keep_alive?,
            shutdown_delay: shutdown_delay?,
            shutdown_timeout: shutdown_timeout?,
            cors: cors?,
            docs: docs?,
            tls: tls?,
        })
    }

    /// Where the server can be reached from this machine: "all addresses" (0.0.0.0 or ::) includes the loopback.
    #[must_use]
    pub fn probe_address(&self) -> SocketAddr {
        let host = match self.host {
            IpAddr::V4(Ipv4Addr::UNSPECIFIED) => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(Ipv6Addr::UNSPECIFIED) => Ipv6Addr::LOCALHOST.into(),
            host => host,
        };
        SocketAddr::new(host, self.port)
    }
}

impl TlsFiles {
    fn read(from: &mut Reader) -> Option<Option<Self>> {
        let cert = from.optional(&TLS_CERT_FILE, readable_file);
        let key = from.optional(&TLS_KEY_FILE, readable_file);
        match (cert?, key?) {
            (Some(cert), Some(key)) => return Some(Some(Self { cert, key })),
            (None, None) => return Some(None),
            (Some(_), None) => from.refuse(&TLS_KEY_FILE, "not set", "the key for TLS_CERT_FILE"),
            (None, Some(_)) => from.refuse(&TLS_CERT_FILE, "not set", "the chain for TLS_KEY_FILE"),
        }
        None
    }
}

fn cores() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

fn ip_address(text: &str) -> Result<IpAddr, Wrong> {
    let address = text.parse().ok();
    address.ok_or_else(|| Wrong::expected("an IP address such as 127.0.0.1 or 0.0.0.0"))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{errors, load, load_prod};
    use super::*;

    #[test]
    fn the_defaults_suit_a_laptop() {
        let http = load(&[]).http;
        assert_eq!((http.host.to_string().as_str(), http.port, http.metrics_port), ("127.0.0.1", 8080, 9464));
        assert_eq!((http.workers, http.body_limit), (cores(), 1024 * 1024));
        assert_eq!((http.header_timeout, http.body_timeout), (Duration::from_secs(10), Duration::from_secs(30)));
        assert_eq!(http.keep_alive, Duration::from_secs(75));
        assert_eq!((http.shutdown_timeout, http.tls), (Duration::from_secs(30), None));
        assert_eq!((http.cors, http.docs), (AllowedOrigins::Any, true));
        assert_eq!((http.shutdown_delay, load_prod(&[]).http.shutdown_delay), (Duration::ZERO, Duration::from_secs(5)));
    }

    #[test]
    fn values_are_taken() {
        let http = load(&[
            ("HOST", "::1"),
            ("PORT", "0"),
            ("METRICS_PORT", "0"),
            ("WORKERS", "4"),
            ("BODY_LIMIT", "512KiB"),
            ("HEADER_TIMEOUT", "500ms"),
            ("BODY_TIMEOUT", "2m"),
            ("KEEP_ALIVE", "5s"),
            ("SHUTDOWN_DELAY", "10s"),
            ("SHUTDOWN_TIMEOUT", "2m"),
            ("DOCS", "false"),
            ("TLS_CERT_FILE", "/dev/null"),
            ("TLS_KEY_FILE", "/dev/zero"),
        ])
        .http;
        assert_eq!((http.host.to_string().as_str(), http.port, http.metrics_port), ("::1", 0, 0));
        assert_eq!((http.workers, http.body_limit), (4, 512 * 1024));
        assert_eq!((http.header_timeout, http.body_timeout), (Duration::from_millis(500), Duration::from_secs(120)));
        assert_eq!((http.keep_alive, http.shutdown_timeout), (Duration::from_secs(5), Duration::from_secs(120)));
        assert!(!http.docs);
        assert_eq!(http.shutdown_delay, Duration::from_secs(10));
        assert_eq!(http.tls, Some(TlsFiles { cert: "/dev/null".into(), key: "/dev/zero".into() }));
    }

    #[test]
    fn wrong_values_are_named() {
        for (name, value, line) in [
            ("HOST", "localhost", "HOST is \"localhost\": expected an IP address such as 127.0.0.1 or 0.0.0.0"),
            ("PORT", "80a", "PORT is \"80a\": expected a number from 0 to 65535"),
            ("METRICS_PORT", "-1", "METRICS_PORT is \"-1\": expected a number from 0 to 65535"),
            ("METRICS_PORT", "8080", "METRICS_PORT is \"8080\": expected another port than PORT"),
            ("WORKERS", "0", "WORKERS is \"0\": expected a number from 1 to 1024"),
            (
                "BODY_LIMIT",
                "1GB",
                "BODY_LIMIT is \"1GB\": expected a size from 1KiB to 64MiB, such as 1048576, 512KiB or 1MiB",
            ),
            (
                "SHUTDOWN_TIMEOUT",
                "2h",
                "SHUTDOWN_TIMEOUT is \"2h\": expected a duration from 0s to 1h, such as 500ms, 90s, 15m, 12h or 7d",
            ),
            (
                "SHUTDOWN_DELAY",
                "11m",
                "SHUTDOWN_DELAY is \"11m\": expected a duration from 0s to 10m, such as 500ms, 90s, 15m, 12h or 7d",
            ),
            ("TLS_CERT_FILE", "/dev/null", "TLS_KEY_FILE is not set: expected the key for TLS_CERT_FILE"),
            ("TLS_KEY_FILE", "/dev/null", "TLS_CERT_FILE is not set: expected the chain for TLS_KEY_FILE"),
            ("TLS_KEY_FILE", "/", "TLS_KEY_FILE is \"/\": expected a file, and this is a directory"),
        ] {
            assert_eq!(errors(&[(name, value)]), line);
        }
    }

    #[test]
    fn the_probe_asks_the_loopback_where_all_addresses_are_bound() {
        for (host, asked) in [("0.0.0.0", "127.0.0.1:8080"), ("::", "[::1]:8080"), ("10.1.2.3", "10.1.2.3:8080")] {
            assert_eq!(load(&[("HOST", host)]).http.probe_address().to_string(), asked);
        }
    }
}
