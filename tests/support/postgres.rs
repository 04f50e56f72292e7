//! The PostgreSQL server that the tests use: the one that `TEST_DATABASE_URL` names, or a private one of this process;
//! and the way on which the application reaches it: directly, through PgBouncer with `TEST_DATABASE_VIA=pgbouncer`, or
//! with `TEST_DATABASE_VIA=replica` beside a private one that follows it.

use std::{env, sync::OnceLock};

use super::script::Script;

/// A way from the application to the server.
enum Way {
    Direct,
    /// PgBouncer in transaction mode, with few sessions of the server's.
    Pooled(Script),
    /// A primary and its replica. A write is acknowledged when the replica shows it, because tests look at once.
    Replicated(Script),
}

#[expect(clippy::disallowed_methods, reason = "these variables are the tests' own")]
fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

fn way() -> &'static Way {
    static WAY: OnceLock<Way> = OnceLock::new();
    WAY.get_or_init(|| match variable("TEST_DATABASE_VIA").as_deref() {
        None => Way::Direct,
        Some("pgbouncer") => Way::Pooled(Script::pgbouncer(url())),
        Some("replica") => Way::Replicated(Script::postgres_with_standby(&[
            "synchronous_standby_names=*",
            "synchronous_commit=remote_apply",
        ])),
        Some(other) => panic!("TEST_DATABASE_VIA is {other:?}: expected pgbouncer or replica"),
    })
}

static URL: OnceLock<String> = OnceLock::new();

/// The URL of a role that may create databases, on the server itself.
pub fn url() -> &'static str {
    static PRIVATE: OnceLock<Script> = OnceLock::new();
    URL.get_or_init(|| match variable("TEST_DATABASE_VIA").as_deref() {
        Some("replica") => match way() {
            Way::Replicated(servers) => servers.line(0).to_owned(),
            Way::Direct | Way::Pooled(_) => unreachable!("it was asked for a replica"),
        },
        _ => variable("TEST_DATABASE_URL").unwrap_or_else(|| PRIVATE.get_or_init(Script::postgres).line(0).to_owned()),
    })
}

/// The password in the URL, if one was asked for: a test that needs no server starts none.
pub fn password() -> Option<&'static str> {
    let (_, rest) = URL.get()?.split_once("://")?;
    let (user, _) = rest.split_once('@')?;
    user.split_once(':').map(|(_, password)| password)
}

/// The URL with another database in it, on the server itself.
pub fn url_of(database: &str) -> String {
    with(url(), database)
}

/// What tells the application how to reach this database.
pub fn settings_for(database: &str) -> Vec<(&'static str, String)> {
    match way() {
        Way::Direct => vec![("DATABASE_URL", url_of(database))],
        Way::Pooled(pooler) => {
            vec![("DATABASE_URL", with(pooler.line(0), database)), ("DATABASE_POOL_MODE", String::from("transaction"))]
        }
        Way::Replicated(servers) => {
            vec![("DATABASE_URL", url_of(database)), ("DATABASE_REPLICA_URL", with(servers.line(1), database))]
        }
    }
}

fn with(url: &str, database: &str) -> String {
    let (server, _) = url.rsplit_once('/').expect("the URL names a database");
    format!("{server}/{database}")
}
