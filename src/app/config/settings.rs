//! The table of every setting: its name, its default and what it means, in the order of `--help`.
//! For the loader, which parses nothing that is not in it, and for the command line, which prints it.

use std::fmt::Write;

use super::Profile;

/// One setting, known by the same name in the environment (`PORT`) and in YAML (`port`).
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    /// The environment variable.
    pub name: &'static str,
    /// What holds when it is not set.
    pub fallback: Fallback,
    /// What it means, in one line.
    pub about: &'static str,
}

/// What holds when a setting is not set.
#[derive(Debug, Clone, Copy)]
pub enum Fallback {
    /// This text, parsed like any other value.
    Always(&'static str),
    /// One text for each profile; an empty one stands for "none".
    PerProfile {
        /// For laptops.
        dev: &'static str,
        /// For servers.
        prod: &'static str,
    },
    /// No text at all: the code decides, and these words tell the reader what.
    Decided(&'static str),
}

/// Settings that belong together.
#[derive(Debug)]
pub struct Group {
    /// Heading in `--help`.
    pub title: &'static str,
    /// Its settings, in the order of `--help`.
    pub settings: &'static [Setting],
}

/// Declares each setting once: a constant for the loader and a row in [`GROUPS`], which cannot drift apart.
macro_rules! settings {
    ($($title:literal { $($name:ident = $fallback:expr, $about:literal;)+ })+) => {
        $($(
            #[doc = concat!("`", stringify!($name), "`.")]
            pub const $name: Setting =
                Setting { name: stringify!($name), fallback: $fallback, about: $about };
        )+)+

        /// Every setting, in groups.
        pub const GROUPS: &[Group] = &[$(Group { title: $title, settings: &[$($name),+] }),+];
    };
}

use Fallback::{Always, Decided, PerProfile};

settings! {
    "General" {
        CONDUIT_PROFILE = Always("dev"), "dev is lenient and readable; prod is strict and logs JSON";
        CONDUIT_CONFIG = Decided("default: conduit.yaml where there is one"), "YAML file with settings, like --config";
        SHUTDOWN_DELAY = PerProfile { dev: "0s", prod: "5s" }, "From SIGTERM on, how long new connections are still taken, up to 10m";
        SHUTDOWN_TIMEOUT = Always("30s"), "Time that running requests get to finish then, up to 1h";
    }
    "HTTP" {
        HOST = Always("127.0.0.1"), "IP address to listen on";
        PORT = Always("8080"), "Port of the API; 0 takes any free one";
        METRICS_PORT = Always("9464"), "Port of the metrics; 0 takes any free one";
        WORKERS = Decided("default: the number of cores"), "Threads that serve requests";
        BODY_LIMIT = Always("1MiB"), "Largest request body, 1KiB to 64MiB";
        HEADER_TIMEOUT = Always("10s"), "Time that a client gets to send the head of a request, 100ms to 5m";
        BODY_TIMEOUT = Always("30s"), "Time that a client gets to send the body, 100ms to 1h";
        KEEP_ALIVE = Always("75s"), "Time that a connection may stay open without a request: longer than the load balancer's";
        CORS_ALLOWED_ORIGINS = PerProfile { dev: "*", prod: "" }, "Origins of browsers, by commas; * is any, without credentials";
        TRUSTED_PROXIES = Decided("default: none"), "Networks by commas whose X-Forwarded-For is believed";
        DOCS = Always("true"), "Serve the API's document at /api/openapi.json and Swagger UI at /docs";
        TLS_CERT_FILE = Decided("default: plain HTTP"), "PEM certificate chain, with TLS_KEY_FILE";
        TLS_KEY_FILE = Decided("default: plain HTTP"), "PEM private key, with TLS_CERT_FILE";
    }
    "Database" {
        DATABASE_URL = Always("sqlite://conduit.db"), "sqlite://PATH or postgres://USER:PASSWORD@HOST[,HOST]/DATABASE";
        DATABASE_POOL_MODE = Always("session"), "transaction where PgBouncer lends sessions for one transaction at a time";
        DATABASE_POOL_SIZE = Always("16"), "Connections to PostgreSQL, or readers of SQLite, two per core at the most";
        DATABASE_POOL_WAIT = Always("500ms"), "How long a request waits for a connection";
        DATABASE_CONNECT_TIMEOUT = Always("3s"), "How long PostgreSQL may take to accept a connection";
        DATABASE_STATEMENT_TIMEOUT = Always("5s"), "How long PostgreSQL may work on one statement";
        DATABASE_LOCK_TIMEOUT = Always("2s"), "How long a PostgreSQL statement waits for a lock";
        DATABASE_REPLICA_URL = Decided("default: none"), "Streaming replicas that answer anonymous readers: postgres://USER:PASSWORD@HOST[,HOST]/DATABASE";
        DATABASE_REPLICA_MAX_LAG = Always("1s"), "How far a replica may be behind to be asked";
        DATABASE_CA_FILE = Decided("default: the system's"), "PEM root certificates for sslmode=verify-full";
        SQLITE_BUSY_TIMEOUT = Always("5s"), "How long SQLite waits for another writer";
        MIGRATE_ON_START = PerProfile { dev: "true", prod: "false" }, "Apply pending migrations before serving";
    }
    "Security" {
        THROTTLE = PerProfile { dev: "false", prod: "true" }, "Slow down clients and accounts that log in or register too often";
        JWT_SECRET = Decided("required in prod; dev keeps one in .conduit-jwt-secret"), "Key of the tokens, 32 bytes or more";
        JWT_SECRET_PREVIOUS = Decided("default: none"), "The key before JWT_SECRET: its tokens are good until they expire";
        JWT_TTL = Always("7d"), "How long a token is good for, 1m to 365d";
        ARGON2_MEMORY_KIB = Always("19456"), "Memory for one password hash in KiB, in prod no less";
        ARGON2_ITERATIONS = Always("2"), "Passes of one password hash, in prod no fewer";
        ARGON2_PARALLELISM = Always("1"), "Lanes of one password hash";
    }
    "Logs and traces" {
        LOG_FORMAT = PerProfile { dev: "pretty", prod: "json" }, "pretty (in colour on a terminal, unless NO_COLOR) or json";
        RUST_LOG = Always("info,actix_server=warn"), "What is logged, such as warn,conduit=debug";
        OTEL_EXPORTER_OTLP_ENDPOINT = Decided("default: none"), "Collector of traces by OTLP over HTTP, such as http://127.0.0.1:4318";
        OTEL_SERVICE_NAME = Always("conduit"), "What this service is called in traces";
        OTEL_TRACES_SAMPLER_ARG = Always("1"), "Share of the traces that begin here which is kept, 0 to 1";
    }
}

/// Every setting, one after the other.
pub fn all() -> impl Iterator<Item = &'static Setting> {
    GROUPS.iter().flat_map(|group| group.settings)
}

impl Setting {
    /// The name in the YAML file.
    #[must_use]
    pub fn key(&self) -> String {
        self.name.to_ascii_lowercase()
    }

    /// The text to parse when the setting is not set.
    #[must_use]
    pub fn default_text(&self, profile: Profile) -> Option<&'static str> {
        match (self.fallback, profile) {
            (Always(text), _) => Some(text),
            (PerProfile { dev, .. }, Profile::Dev) => Some(dev),
            (PerProfile { prod, .. }, Profile::Prod) => Some(prod),
            (Decided(_), _) => None,
        }
    }

    /// The default in words, for people.
    fn default_words(&self) -> String {
        let or_none = |text: &'static str| if text.is_empty() { "none" } else { text };
        match self.fallback {
            Always(text) => format!("default: {text}"),
            PerProfile { dev, prod } => {
                format!("default: {} in dev, {} in prod", or_none(dev), or_none(prod))
            }
            Decided(words) => words.to_owned(),
        }
    }
}

/// The table as text for `--help`: one line per setting, in aligned columns.
#[must_use]
pub fn help() -> String {
    let width = all().map(|setting| setting.name.len()).max().unwrap_or(0);
    let mut text = String::new();
    for group in GROUPS {
        let _ = writeln!(text, "  {}:", group.title); // writing to a String cannot fail
        for setting in group.settings {
            let (name, about, default) = (setting.name, setting.about, setting.default_words());
            let _ = writeln!(text, "    {name:width$}  {about} [{default}]");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn names_are_unique_and_shouted() {
        let names: HashSet<_> = all().map(|setting| setting.name).collect();
        assert_eq!(names.len(), all().count());
        assert!(names.iter().all(|name| name.to_ascii_uppercase() == *name));
    }

    #[test]
    fn the_help_has_one_aligned_line_for_each_setting() {
        let help = help();
        for setting in all() {
            let start = format!("    {:27}  {} [", setting.name, setting.about);
            assert_eq!(help.lines().filter(|line| line.starts_with(&start)).count(), 1, "{start}");
        }
        assert_eq!(help.lines().count(), all().count() + GROUPS.len());
    }

    #[test]
    fn the_help_names_the_defaults() {
        let help = help();
        for line in [
            "    PORT                         Port of the API; 0 takes any free one [default: 8080]",
            "[default: * in dev, none in prod]",
            "[default: true in dev, false in prod]",
            "[default: the number of cores]",
            "[required in prod; dev keeps one in .conduit-jwt-secret]",
        ] {
            assert!(help.contains(line), "{line}\n{help}");
        }
    }
}
