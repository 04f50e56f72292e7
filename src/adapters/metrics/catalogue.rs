//! Every metric of this service: its name, unit, meaning and, if it is a histogram, its buckets.

use metrics::{Unit, describe_counter, describe_gauge, describe_histogram};

/// A metric. Its labels are said where it is recorded, and in `docs/metrics.md`.
#[derive(Clone, Copy, Debug)]
pub struct Metric {
    /// By the conventions of Prometheus: with its base unit, and `_total` at the end of a counter's.
    pub name: &'static str,
    /// Counter, gauge or histogram.
    pub kind: Kind,
    /// What it is measured in.
    pub unit: Unit,
    /// What it tells.
    pub about: &'static str,
}

/// What a metric's values do.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// It only grows.
    Counter,
    /// It goes up and down.
    Gauge,
    /// It counts values up to each of these bounds.
    Histogram(&'static [f64]),
}

/// From 1 ms to 10 s: what somebody waits for.
const WAITS: &[f64] = &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// From 100 µs to 5 s: what the database does.
const QUERIES: &[f64] =
    &[0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0];

/// From 64 bytes to 1 MiB, the largest body that is accepted unless settings say otherwise.
const SIZES: &[f64] = &[64.0, 256.0, 1024.0, 4096.0, 16384.0, 65536.0, 262_144.0, 1_048_576.0];

/// By `method`, `route` and `status`; its count is the number of requests.
pub const REQUEST_DURATION: Metric = Metric {
    name: "http_server_request_duration_seconds",
    kind: Kind::Histogram(WAITS),
    unit: Unit::Seconds,
    about: "Time from a request's head to the head of its answer. Status 499: the client left before the answer.",
};

/// Requests that are being answered.
pub const REQUESTS_IN_FLIGHT: Metric = Metric {
    name: "http_server_requests_in_flight",
    kind: Kind::Gauge,
    unit: Unit::Count,
    about: "Requests that are being answered.",
};

/// By `method` and `route`.
pub const REQUEST_SIZE: Metric = Metric {
    name: "http_server_request_body_size_bytes",
    kind: Kind::Histogram(SIZES),
    unit: Unit::Bytes,
    about: "Bytes read of the body of a request that has one.",
};

/// By `method` and `route`.
pub const RESPONSE_SIZE: Metric = Metric {
    name: "http_server_response_body_size_bytes",
    kind: Kind::Histogram(SIZES),
    unit: Unit::Bytes,
    about: "Size of the body of an answer.",
};

/// Handlers that panicked.
pub const PANICS: Metric = Metric {
    name: "http_server_panics_total",
    kind: Kind::Counter,
    unit: Unit::Count,
    about: "Requests whose handler panicked; they were answered with 500.",
};

/// By `operation`, a name per statement.
pub const QUERY_DURATION: Metric = Metric {
    name: "db_query_duration_seconds",
    kind: Kind::Histogram(QUERIES),
    unit: Unit::Seconds,
    about: "Time of a statement on its connection, without the wait for that.",
};

/// By `pool` and `state`: `idle`, `in_use`, and `max` for how many there may be.
pub const POOL_CONNECTIONS: Metric = Metric {
    name: "db_pool_connections",
    kind: Kind::Gauge,
    unit: Unit::Count,
    about: "Connections to the database now, and how many there may be.",
};

/// By `pool`.
pub const POOL_WAIT: Metric = Metric {
    name: "db_pool_wait_seconds",
    kind: Kind::Histogram(QUERIES),
    unit: Unit::Seconds,
    about: "Wait for a connection, with the time to open one.",
};

/// By `pool`.
pub const POOL_TIMEOUTS: Metric = Metric {
    name: "db_pool_timeouts_total",
    kind: Kind::Counter,
    unit: Unit::Count,
    about: "Requests for a connection that waited for one in vain.",
};

/// All of them.
pub const ALL: &[Metric] = &[
    REQUEST_DURATION,
    REQUESTS_IN_FLIGHT,
    REQUEST_SIZE,
    RESPONSE_SIZE,
    PANICS,
    QUERY_DURATION,
    POOL_CONNECTIONS,
    POOL_WAIT,
    POOL_TIMEOUTS,
];

impl Metric {
    /// Tells the recorder what this metric means.
    pub fn describe(&self) {
        match self.kind {
            Kind::Counter => describe_counter!(self.name, self.unit, self.about),
            Kind::Gauge => describe_gauge!(self.name, self.unit, self.about),
            Kind::Histogram(_) => describe_histogram!(self.name, self.unit, self.about),
        }
    }
}
