//! Every setting: name, default, field, parser and help text, in the order of `--help`.
//!
//! A new setting is one entry here. `conduit --help`, the reader and the checks of unknown names
//! need nothing more.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use ipnet::IpNet;
use secrecy::SecretString;
use tracing_subscriber::filter::Targets;

use super::database_url::{DatabaseUrl, Location};
use super::declaration::DefaultValue::{Computed, Fixed, PerProfile};
use super::declaration::{Group, Setting, declare_settings};
use super::parsers::common::{boolean, cores, duration, number, optional, or_compute, readable_file, size};
use super::parsers::database::{pool_mode, replicas, replicas_have_primary};
use super::parsers::http::{chain_has_key, ip_address, key_has_chain, networks, origins, ports_differ};
use super::parsers::security::{memory_suffices, minimum_cost, secret, secrets_differ, signing_secret};
use super::parsers::telemetry::{collector, log_format, log_targets, sampled_share, service_name};
use super::reader::{Reader, SettingsGroup};
use crate::adapters::http::middleware::cors::AllowedOrigins;
use crate::adapters::persistence::maintenance::migrate::Target;
use crate::adapters::persistence::postgres::{PoolMode, ReplicaSettings};
use crate::adapters::persistence::{postgres, sqlite};
use crate::adapters::security::argon2::Cost;
use crate::adapters::telemetry::logs::settings::{LogFormat, LogSettings};
use crate::adapters::telemetry::traces::settings::TraceSettings;

declare_settings! {
    |reader|

    "General" {
        /// dev is lenient and readable; prod is strict and logs JSON
        CONDUIT_PROFILE = Fixed("dev");
        /// YAML file with settings, like --config
        CONDUIT_CONFIG = Computed("default: conduit.yaml if it exists");
    }

    /// Settings of the graceful shutdown.
    "General" struct ShutdownSettings {
        /// How long new connections are still accepted after SIGTERM, up to 10m
        SHUTDOWN_DELAY = PerProfile { dev: "0s", prod: "5s" } => delay: Duration, duration("0s", "10m");
        /// How long running requests may take to finish after that, up to 1h
        SHUTDOWN_TIMEOUT = Fixed("30s") => timeout: Duration, duration("0s", "1h");
    }

    /// Settings of the HTTP server.
    "HTTP" struct HttpSettings {
        /// IP address to listen on
        HOST = Fixed("127.0.0.1") => host: IpAddr, ip_address;
        /// Port of the API; 0 picks a free one
        PORT = Fixed("8080") => port: u16, number(0..=u16::MAX);
        /// Port of the metrics; 0 picks a free one
        METRICS_PORT = Fixed("9464") => metrics_port: u16, number(0..=u16::MAX);
        /// Threads that serve requests
        WORKERS = Computed("default: the number of cores") => workers: usize, or_compute(cores, number(1..=1024));
        /// Largest request body, 1KiB to 64MiB
        BODY_LIMIT = Fixed("1MiB") => body_limit: usize, size("1KiB", "64MiB");
        /// How long a client may take to send the head of a request, 100ms to 5m
        HEADER_TIMEOUT = Fixed("10s") => header_timeout: Duration, duration("100ms", "5m");
        /// How long a client may take to send the body, 100ms to 1h
        BODY_TIMEOUT = Fixed("30s") => body_timeout: Duration, duration("100ms", "1h");
        /// How long an idle connection stays open; must exceed the load balancer's timeout
        KEEP_ALIVE = Fixed("75s") => keep_alive: Duration, duration("1s", "1h");
        /// Allowed origins of browsers, separated by commas; * allows any, without credentials
        CORS_ALLOWED_ORIGINS = PerProfile { dev: "*", prod: "" } => cors: AllowedOrigins, origins;
        /// Networks whose X-Forwarded-For is trusted, separated by commas
        TRUSTED_PROXIES = Fixed("") => trusted_proxies: Vec<IpNet>, networks;
        /// Serve the OpenAPI document at /api/openapi.json and Swagger UI at /docs
        DOCS = Fixed("true") => docs: bool, boolean;
        /// PEM certificate chain, with TLS_KEY_FILE
        TLS_CERT_FILE = Computed("default: plain HTTP") => tls_cert_file: Option<PathBuf>, optional(readable_file);
        /// PEM private key, with TLS_CERT_FILE
        TLS_KEY_FILE = Computed("default: plain HTTP") => tls_key_file: Option<PathBuf>, optional(readable_file);
        rule METRICS_PORT: ports_differ(port, metrics_port);
        rule TLS_KEY_FILE: chain_has_key(tls_cert_file, tls_key_file);
        rule TLS_CERT_FILE: key_has_chain(tls_key_file, tls_cert_file);
    }

    /// Settings of the database; each engine uses those that concern it.
    "Database" struct DatabaseSettings {
        /// sqlite://PATH or postgres://USER:PASSWORD@HOST[,HOST]/DATABASE
        DATABASE_URL = Fixed("sqlite://conduit.db") => url: DatabaseUrl, DatabaseUrl::parse;
        /// session, or transaction for PgBouncer in transaction mode
        DATABASE_POOL_MODE = Fixed("session") => pool_mode: PoolMode, pool_mode;
        /// Connections to PostgreSQL, or readers of SQLite, at most two per core
        DATABASE_POOL_SIZE = Fixed("16") => pool_size: usize, number(1..=1000);
        /// How long a request waits for a connection
        DATABASE_POOL_WAIT = Fixed("500ms") => pool_wait: Duration, duration("1ms", "1h");
        /// How long PostgreSQL may take to accept a connection
        DATABASE_CONNECT_TIMEOUT = Fixed("3s") => connect_timeout: Duration, duration("1ms", "1h");
        /// How long PostgreSQL may work on one statement
        DATABASE_STATEMENT_TIMEOUT = Fixed("5s") => statement_timeout: Duration, duration("1ms", "1h");
        /// How long a PostgreSQL statement waits for a lock
        DATABASE_LOCK_TIMEOUT = Fixed("2s") => lock_timeout: Duration, duration("1ms", "1h");
        /// Streaming replicas that serve anonymous readers:
        /// postgres://USER:PASSWORD@HOST[,HOST]/DATABASE
        DATABASE_REPLICA_URL = Fixed("") => replica_url: Option<SecretString>, optional(replicas);
        /// Largest lag of a replica that still serves reads
        DATABASE_REPLICA_MAX_LAG = Fixed("1s") => replica_max_lag: Duration, duration("100ms", "1h");
        /// PEM root certificates for sslmode=verify-full
        DATABASE_CA_FILE = Computed("default: the system's") => ca_file: Option<PathBuf>, optional(readable_file);
        /// How long SQLite waits for another writer
        SQLITE_BUSY_TIMEOUT = Fixed("5s") => sqlite_busy_timeout: Duration, duration("1ms", "1h");
        /// Apply pending migrations before serving
        MIGRATE_ON_START = PerProfile { dev: "true", prod: "false" } => migrate_on_start: bool, boolean;
        rule DATABASE_REPLICA_URL: replicas_have_primary(url, replica_url);
    }

    /// Settings of the rate limit and of the tokens.
    "Security" struct SecuritySettings {
        /// Slow down clients and accounts that log in or register too often
        THROTTLE = PerProfile { dev: "false", prod: "true" } => throttle: bool, boolean;
        /// Key that signs tokens, at least 32 bytes
        JWT_SECRET = Computed("required in prod; dev keeps one in .conduit-jwt-secret")
            => jwt_secret: Option<SecretString>, signing_secret(reader.profile);
        /// Previous JWT_SECRET, whose tokens remain valid until they expire
        JWT_SECRET_PREVIOUS = Fixed("")
            => jwt_secret_previous: Option<SecretString>, optional(secret(reader.profile));
        /// How long a token is valid, 1m to 365d
        JWT_TTL = Fixed("7d") => jwt_ttl: Duration, duration("1m", "365d");
        rule JWT_SECRET_PREVIOUS: secrets_differ(jwt_secret, jwt_secret_previous);
    }

    "Security" extern Cost {
        /// Memory for one password hash in KiB; prod requires at least the default
        ARGON2_MEMORY_KIB = Fixed("19456")
            => memory_kib: u32, number(minimum_cost(reader.profile).memory_kib..=1_048_576);
        /// Passes of one password hash; prod requires at least the default
        ARGON2_ITERATIONS = Fixed("2") => iterations: u32, number(minimum_cost(reader.profile).iterations..=100);
        /// Lanes of one password hash
        ARGON2_PARALLELISM = Fixed("1") => parallelism: u32, number(1..=64);
        rule ARGON2_MEMORY_KIB: memory_suffices(memory_kib, parallelism);
    }

    "Logs and traces" extern LogSettings {
        /// pretty (in color on a terminal, unless NO_COLOR is set) or json
        LOG_FORMAT = PerProfile { dev: "pretty", prod: "json" } => format: LogFormat, log_format;
        /// Log levels, such as warn,conduit=debug
        RUST_LOG = Fixed("info,actix_server=warn") => filter: Targets, log_targets;
    }

    "Logs and traces" extern TraceSettings {
        /// Collector of traces by OTLP over HTTP, such as http://127.0.0.1:4318
        OTEL_EXPORTER_OTLP_ENDPOINT = Fixed("") => endpoint: Option<String>, optional(collector);
        /// Name of this service in traces
        OTEL_SERVICE_NAME = Fixed("conduit") => service: String, service_name;
        /// Share of the traces started here that is kept, 0 to 1
        OTEL_TRACES_SAMPLER_ARG = Fixed("1") => share: f64, sampled_share;
    }
}

impl DatabaseSettings {
    /// Returns the settings of the engine that the URL selects.
    pub fn target(&self) -> Target {
        match self.url.location.clone() {
            Location::Sqlite(path) => Target::Sqlite(sqlite::Settings {
                path,
                // Readers compute, and seldom wait for a disk.
                readers: self.pool_size.min((2 * cores()).max(4)),
                wait: self.pool_wait,
                write_wait: self.sqlite_busy_timeout,
                busy_timeout: self.sqlite_busy_timeout,
            }),
            Location::Postgres(url) => Target::Postgres(postgres::Settings {
                url,
                pool_mode: self.pool_mode,
                pool_size: self.pool_size,
                wait: self.pool_wait,
                connect_timeout: self.connect_timeout,
                statement_timeout: self.statement_timeout,
                lock_timeout: self.lock_timeout,
                ca_file: self.ca_file.clone(),
                replicas: self.replica_url.clone().map(|url| ReplicaSettings { url, max_lag: self.replica_max_lag }),
            }),
        }
    }
}

/// Returns every setting, in the order of `--help`.
pub fn all() -> impl Iterator<Item = &'static Setting> {
    GROUPS.iter().flat_map(|group| group.settings)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::{super::declaration::help, *};

    #[test]
    fn names_are_unique_and_in_upper_case() {
        let names: HashSet<_> = all().map(|setting| setting.name).collect();
        assert_eq!(names.len(), all().count());
        assert!(names.iter().all(|name| name.to_ascii_uppercase() == *name));
    }

    #[test]
    fn help_has_one_aligned_line_for_each_setting() {
        let help = help(GROUPS);
        for setting in all() {
            let start = format!("    {:27}  {} [", setting.name, setting.about);
            assert_eq!(help.lines().filter(|line| line.starts_with(&start)).count(), 1, "{start}");
        }
        let titles: HashSet<_> = GROUPS.iter().map(|group| group.title).collect();
        assert_eq!(help.lines().count(), all().count() + titles.len());
    }

    #[test]
    fn help_names_the_defaults() {
        let help = help(GROUPS);
        for line in [
            "    PORT                         Port of the API; 0 picks a free one [default: 8080]",
            "[default: * in dev, none in prod]",
            "[default: true in dev, false in prod]",
            "[default: the number of cores]",
            "[required in prod; dev keeps one in .conduit-jwt-secret]",
        ] {
            assert!(help.contains(line), "{line}\n{help}");
        }
    }
}
