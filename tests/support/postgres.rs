//! The PostgreSQL server that the tests use: the one that `TEST_DATABASE_URL` names, or a private one of this process;
//! and the way on which the application reaches it: directly, or through PgBouncer with `TEST_DATABASE_VIA=pgbouncer`.

use std::{env, sync::OnceLock};

use super::script::Script;

/// A way from the application to the server.
enum Way {
    Direct,
    /// PgBouncer in transaction mode, with few sessions of the server's.
    Pooled(Script),
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
        Some(other) => panic!("TEST_DATABASE_VIA is {other:?}: expected pgbouncer"),
    })
}

static URL: OnceLock<String> = OnceLock::new();

/// The URL of a role that may create databases, on the server itself.
pub fn url() -> &'static str {
    static PRIVATE: OnceLock<Script> = OnceLock::new();
    URL.get_or_init(|| {
        variable("TEST_DATABASE_URL").unwrap_or_else(|| PRIVATE.get_or_init(Script::postgres).line(0).to_owned())
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
    }
}

fn with(url: &str, database: &str) -> String {
    let (server, _) = url.rsplit_once('/').expect("the URL names a database");
    format!("{server}/{database}")
}
