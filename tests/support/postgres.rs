//! PostgreSQL server of the tests: the one in `TEST_DATABASE_URL`, or a private one of this
//! process.
//!
//! `TEST_DATABASE_VIA` decides how the application reaches it: directly by default, through
//! PgBouncer if it is `pgbouncer`, and as a private primary with a replica if it is `replica`.

use std::env;
use std::sync::OnceLock;

use super::script::Script;

enum Topology {
    Direct,
    /// PgBouncer in transaction mode, with few server connections.
    Pooled(Script),
    /// A primary and its replica. A commit waits for the replica to show it, because tests read at
    /// once.
    Replicated(Script),
}

#[expect(clippy::disallowed_methods, reason = "these variables are the tests' own")]
fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

fn topology() -> &'static Topology {
    static TOPOLOGY: OnceLock<Topology> = OnceLock::new();
    TOPOLOGY.get_or_init(|| match variable("TEST_DATABASE_VIA").as_deref() {
        None => Topology::Direct,
        Some("pgbouncer") => Topology::Pooled(Script::pgbouncer(url())),
        Some("replica") => Topology::Replicated(Script::postgres_with_standby(&[
            "synchronous_standby_names=*",
            "synchronous_commit=remote_apply",
        ])),
        Some(other) => panic!("TEST_DATABASE_VIA is {other:?}: expected pgbouncer or replica"),
    })
}

static URL: OnceLock<String> = OnceLock::new();

/// URL of the server, with a role that may create databases.
pub fn url() -> &'static str {
    static PRIVATE: OnceLock<Script> = OnceLock::new();
    URL.get_or_init(|| match variable("TEST_DATABASE_VIA").as_deref() {
        Some("replica") => match topology() {
            Topology::Replicated(servers) => servers.line(0).to_owned(),
            Topology::Direct | Topology::Pooled(_) => unreachable!("TEST_DATABASE_VIA is replica"),
        },
        _ => variable("TEST_DATABASE_URL").unwrap_or_else(|| PRIVATE.get_or_init(Script::postgres).line(0).to_owned()),
    })
}

/// Password in the URL, if a test has used it: starts no server for a test that needs none.
pub fn password() -> Option<&'static str> {
    let (_, rest) = URL.get()?.split_once("://")?;
    let (user, _) = rest.split_once('@')?;
    user.split_once(':').map(|(_, password)| password)
}

/// URL of a database on the server itself.
pub fn url_of(database: &str) -> String {
    with_database(url(), database)
}

/// Settings with which the application reaches a database.
pub fn settings_for(database: &str) -> Vec<(&'static str, String)> {
    match topology() {
        Topology::Direct => vec![("DATABASE_URL", url_of(database))],
        Topology::Pooled(pgbouncer) => vec![
            ("DATABASE_URL", with_database(pgbouncer.line(0), database)),
            ("DATABASE_POOL_MODE", String::from("transaction")),
        ],
        Topology::Replicated(servers) => {
            vec![("DATABASE_URL", url_of(database)), ("DATABASE_REPLICA_URL", with_database(servers.line(1), database))]
        }
    }
}

fn with_database(url: &str, database: &str) -> String {
    let (server, _) = url.rsplit_once('/').expect("the URL names a database");
    format!("{server}/{database}")
}
