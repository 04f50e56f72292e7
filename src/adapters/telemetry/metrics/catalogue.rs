//! Every metric of this service. A metric is declared once; docs/metrics.md is generated from this.

use metrics::Unit;

use super::metric::{Kind, Metric};

/// Response times in seconds, from 1 ms to 10 s.
const RESPONSE_TIMES: Kind =
    Kind::Histogram(&[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0]);

/// Times in the database in seconds, from 100 µs to 5 s.
const DATABASE_TIMES: Kind =
    Kind::Histogram(&[0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0]);

/// Sizes in bytes, from 64 bytes to 1 MiB, the default limit of a body.
const BODY_SIZES: Kind = Kind::Histogram(&[64.0, 256.0, 1024.0, 4096.0, 16384.0, 65536.0, 262_144.0, 1_048_576.0]);

const COUNTER: Kind = Kind::Counter;
const GAUGE: Kind = Kind::Gauge;

/// Declares metrics and the list [`ALL`]. The comment is the metric's help text on the page of
/// metrics and its meaning in docs/metrics.md.
macro_rules! metrics {
    ($($(#[doc = $help:literal])+ $metric:ident: $kind:ident, $name:literal, $unit:ident, [$($label:literal),*];)+) => {
        $(
            $(#[doc = $help])+
            pub const $metric: Metric = Metric {
                name: $name,
                kind: $kind,
                unit: Unit::$unit,
                labels: &[$($label),*],
                help: concat!($($help),+).trim_ascii(),
            };
        )+

        pub const ALL: &[Metric] = &[$($metric),+];
    };
}

metrics! {
    /// Time from a request's head to the head of its response; `_count` is the number of requests.
    REQUEST_DURATION: RESPONSE_TIMES, "http_server_request_duration_seconds", Seconds, ["method", "route", "status"];

    /// Requests in progress.
    REQUESTS_IN_FLIGHT: GAUGE, "http_server_requests_in_flight", Count, [];

    /// Bytes read of the body of a request that has one.
    REQUEST_SIZE: BODY_SIZES, "http_server_request_body_size_bytes", Bytes, ["method", "route"];

    /// Size of the body of a response.
    RESPONSE_SIZE: BODY_SIZES, "http_server_response_body_size_bytes", Bytes, ["method", "route"];

    /// Requests whose handler panicked; they resulted in a 500.
    PANICS: COUNTER, "http_server_panics_total", Count, [];

    /// Time of a statement on its connection, without the wait for the connection.
    QUERY_DURATION: DATABASE_TIMES, "db_query_duration_seconds", Seconds, ["operation"];

    /// Connections to the database now: `idle` and `in_use`; `max` is the limit.
    POOL_CONNECTIONS: GAUGE, "db_pool_connections", Count, ["pool", "state"];

    /// Wait for a connection, including the time to open one.
    POOL_WAIT: DATABASE_TIMES, "db_pool_wait_seconds", Seconds, ["pool"];

    /// Requests for a connection that timed out, or were rejected because they would have.
    POOL_TIMEOUTS: COUNTER, "db_pool_timeouts_total", Count, ["pool"];

    /// Upper bound of a replica's lag behind the primary; `+Inf` while unknown.
    REPLICA_LAG: GAUGE, "db_replica_lag_seconds", Seconds, ["replica"];

    /// Time to create or verify the hash of a password, without the wait for a core.
    HASH_DURATION: RESPONSE_TIMES, "password_hash_duration_seconds", Seconds, [];

    /// Passwords that wait for a core.
    HASH_QUEUE: GAUGE, "password_hash_queue_length", Count, [];

    /// Passwords that were not processed because too many waited; the client received a 503.
    HASHES_REJECTED: COUNTER, "password_hash_rejected_total", Count, [];

    /// Registrations.
    USERS_REGISTERED: COUNTER, "conduit_users_registered_total", Count, [];

    /// Sessions begun with a password.
    LOG_INS: COUNTER, "conduit_logins_total", Count, [];

    /// Failed log-ins: `unknown_email`, `wrong_password`, `throttled` or `overloaded`.
    LOG_IN_FAILURES: COUNTER, "conduit_login_failures_total", Count, ["reason"];

    /// Articles published.
    ARTICLES_PUBLISHED: COUNTER, "conduit_articles_published_total", Count, [];

    /// Comments written.
    COMMENTS_ADDED: COUNTER, "conduit_comments_added_total", Count, [];

    /// Articles that became a favorite and were not one before.
    FAVORITES_ADDED: COUNTER, "conduit_favorites_added_total", Count, [];

    /// Users that were followed and were not before.
    FOLLOWS_ADDED: COUNTER, "conduit_follows_added_total", Count, [];

    /// Always 1: the version, the source revision and the database's engine of this build.
    BUILD_INFO: GAUGE, "conduit_build_info", Count, ["version", "revision", "engine"];
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const DOCS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/metrics.md");
    const TABLE: &str = "| metric | type | labels | meaning |\n|---|---|---|---|\n";

    fn row(metric: &Metric) -> String {
        let kind = match metric.kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram(_) => "histogram",
        };
        let labels: Vec<_> = metric.labels.iter().map(|label| format!("`{label}`")).collect();
        let cells = [format!("`{}`", metric.name), kind.to_owned(), labels.join(", "), metric.help.to_owned()];
        format!("| {} |\n", cells.join(" | "))
    }

    /// Writes the table if it is outdated, so that the next run passes.
    #[test]
    fn documentation_lists_every_metric() {
        let docs = fs::read_to_string(DOCS).unwrap();
        let (before, rest) = docs.split_once(TABLE).expect("docs/metrics.md has the table");
        let (_, after) = rest.split_once("\n\n").expect("text follows the table");
        let rows: String = ALL.iter().map(row).collect();
        let expected = format!("{before}{TABLE}{rows}\n{after}");
        if docs != expected {
            fs::write(DOCS, expected).unwrap();
            panic!("docs/metrics.md was outdated and has been rewritten: commit it");
        }
    }
}
