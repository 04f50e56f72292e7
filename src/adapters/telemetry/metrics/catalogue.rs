//! Every metric of this service: its name, unit, labels, meaning and, if it is a histogram, its buckets.

use metrics::Unit;

use super::metric::{Kind, Metric};

/// From 1 ms to 10 s: what somebody waits for.
const WAITS: &[f64] = &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// From 100 µs to 5 s: what the database does.
const QUERIES: &[f64] =
    &[0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0];

/// From 64 bytes to 1 MiB, the largest body that is accepted unless settings say otherwise.
const SIZES: &[f64] = &[64.0, 256.0, 1024.0, 4096.0, 16384.0, 65536.0, 262_144.0, 1_048_576.0];

/// Every request, whatever became of it; the count is the number of requests.
pub const REQUEST_DURATION: Metric = Metric {
    name: "http_server_request_duration_seconds",
    kind: Kind::Histogram(WAITS),
    unit: Unit::Seconds,
    labels: &["method", "route", "status"],
    about: "Time from a request's head to the head of its answer. Status 499: the client left before the answer.",
};

/// Requests now.
pub const REQUESTS_IN_FLIGHT: Metric = Metric {
    name: "http_server_requests_in_flight",
    kind: Kind::Gauge,
    unit: Unit::Count,
    labels: &[],
    about: "Requests that are being answered.",
};

/// Requests that have a body.
pub const REQUEST_SIZE: Metric = Metric {
    name: "http_server_request_body_size_bytes",
    kind: Kind::Histogram(SIZES),
    unit: Unit::Bytes,
    labels: &["method", "route"],
    about: "Bytes read of the body of a request that has one.",
};

/// Answers.
pub const RESPONSE_SIZE: Metric = Metric {
    name: "http_server_response_body_size_bytes",
    kind: Kind::Histogram(SIZES),
    unit: Unit::Bytes,
    labels: &["method", "route"],
    about: "Size of the body of an answer.",
};

/// Handlers that panicked.
pub const PANICS: Metric = Metric {
    name: "http_server_panics_total",
    kind: Kind::Counter,
    unit: Unit::Count,
    labels: &[],
    about: "Requests whose handler panicked; they were answered with 500.",
};

/// Statements, by the names of [`Statement`](crate::adapters::persistence::sql::statement::Statement)s.
pub const QUERY_DURATION: Metric = Metric {
    name: "db_query_duration_seconds",
    kind: Kind::Histogram(QUERIES),
    unit: Unit::Seconds,
    labels: &["operation"],
    about: "Time of a statement on its connection, without the wait for that.",
};

/// Connections that are `idle` or `in_use`, and `max` for how many there may be.
pub const POOL_CONNECTIONS: Metric = Metric {
    name: "db_pool_connections",
    kind: Kind::Gauge,
    unit: Unit::Count,
    labels: &["pool", "state"],
    about: "Connections to the database now, and how many there may be.",
};

/// Waits, in vain or not.
pub const POOL_WAIT: Metric = Metric {
    name: "db_pool_wait_seconds",
    kind: Kind::Histogram(QUERIES),
    unit: Unit::Seconds,
    labels: &["pool"],
    about: "Wait for a connection, with the time to open one.",
};

/// How old what replicas show is.
pub const REPLICA_LAG: Metric = Metric {
    name: "db_replica_lag_seconds",
    kind: Kind::Gauge,
    unit: Unit::Seconds,
    labels: &["replica"],
    about: "How far a replica is behind the primary at the most; +Inf while that is not known.",
};

/// Waits in vain.
pub const POOL_TIMEOUTS: Metric = Metric {
    name: "db_pool_timeouts_total",
    kind: Kind::Counter,
    unit: Unit::Count,
    labels: &["pool"],
    about: "Requests for a connection that waited for one in vain, or were refused because they would have.",
};

/// Hashes, made or checked.
pub const HASH_DURATION: Metric = Metric {
    name: "password_hash_duration_seconds",
    kind: Kind::Histogram(WAITS),
    unit: Unit::Seconds,
    labels: &[],
    about: "Time to make or check the hash of a password, without the wait for a core.",
};

/// Passwords now.
pub const HASH_QUEUE: Metric = Metric {
    name: "password_hash_queue_length",
    kind: Kind::Gauge,
    unit: Unit::Count,
    labels: &[],
    about: "Passwords that wait for a core.",
};

/// Passwords that could not even wait.
pub const HASHES_REJECTED: Metric = Metric {
    name: "password_hash_rejected_total",
    kind: Kind::Counter,
    unit: Unit::Count,
    labels: &[],
    about: "Passwords that were not hashed or checked because too many waited.",
};

/// [`Registered`](crate::ports::business_events::Event::Registered).
pub const USERS_REGISTERED: Metric = Metric {
    name: "conduit_users_registered_total",
    kind: Kind::Counter,
    unit: Unit::Count,
    labels: &[],
    about: "Accounts made.",
};

/// [`LoggedIn`](crate::ports::business_events::Event::LoggedIn).
pub const LOG_INS: Metric = Metric {
    name: "conduit_logins_total",
    kind: Kind::Counter,
    unit: Unit::Count,
    labels: &[],
    about: "Sessions begun with a password.",
};

/// [`LogInFailed`](crate::ports::business_events::Event::LogInFailed), by its reason.
pub const LOG_IN_FAILURES: Metric = Metric {
    name: "conduit_login_failures_total",
    kind: Kind::Counter,
    unit: Unit::Count,
    labels: &["reason"],
    about: "Log-ins that failed.",
};

/// [`ArticlePublished`](crate::ports::business_events::Event::ArticlePublished).
pub const ARTICLES_PUBLISHED: Metric = Metric {
    name: "conduit_articles_published_total",
    kind: Kind::Counter,
    unit: Unit::Count,
    labels: &[],
    about: "Articles published.",
};

/// [`CommentAdded`](crate::ports::business_events::Event::CommentAdded).
pub const COMMENTS_ADDED: Metric = Metric {
    name: "conduit_comments_added_total",
    kind: Kind::Counter,
    unit: Unit::Count,
    labels: &[],
    about: "Comments written.",
};

/// [`FavoriteAdded`](crate::ports::business_events::Event::FavoriteAdded).
pub const FAVORITES_ADDED: Metric = Metric {
    name: "conduit_favorites_added_total",
    kind: Kind::Counter,
    unit: Unit::Count,
    labels: &[],
    about: "Articles that became favorites; none that were already.",
};

/// [`FollowAdded`](crate::ports::business_events::Event::FollowAdded).
pub const FOLLOWS_ADDED: Metric = Metric {
    name: "conduit_follows_added_total",
    kind: Kind::Counter,
    unit: Unit::Count,
    labels: &[],
    about: "Users that were followed; none that were already.",
};

/// Always 1.
pub const BUILD_INFO: Metric = Metric {
    name: "conduit_build_info",
    kind: Kind::Gauge,
    unit: Unit::Count,
    labels: &["version", "revision", "engine"],
    about: "What runs: the version, the revision of its source and the engine of its database.",
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
    REPLICA_LAG,
    HASH_DURATION,
    HASH_QUEUE,
    HASHES_REJECTED,
    USERS_REGISTERED,
    LOG_INS,
    LOG_IN_FAILURES,
    ARTICLES_PUBLISHED,
    COMMENTS_ADDED,
    FAVORITES_ADDED,
    FOLLOWS_ADDED,
    BUILD_INFO,
];
