//! The PostgreSQL server that the tests use: the one that `TEST_DATABASE_URL` names, or a private one of this process.

use std::{
    env,
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    sync::OnceLock,
};

/// `scripts/postgres` stops its server when its standard input closes, which happens when this process ends, however it
/// ends.
struct PrivateServer {
    _script: Child,
    url: String,
}

/// The URL of a role that may create databases.
#[expect(clippy::disallowed_methods, reason = "this variable is the tests' own")]
pub fn url() -> &'static str {
    static URL: OnceLock<String> = OnceLock::new();
    URL.get_or_init(|| env::var("TEST_DATABASE_URL").unwrap_or_else(|_| private().url.clone()))
}

fn private() -> &'static PrivateServer {
    static SERVER: OnceLock<PrivateServer> = OnceLock::new();
    SERVER.get_or_init(|| {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/postgres");
        let mut script = Command::new(script)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("scripts/postgres can be run; it needs bash");
        let mut url = String::new();
        let mut lines = BufReader::new(script.stdout.take().expect("its output is piped"));
        lines.read_line(&mut url).expect("its output can be read");
        let url = url.trim().to_owned();
        assert!(
            !url.is_empty(),
            "no PostgreSQL to test with: see above, or run ./scripts/test, which installs what is missing"
        );
        PrivateServer { _script: script, url }
    })
}

/// The URL with another database in it.
pub fn url_of(database: &str) -> String {
    let (server, _) = url().rsplit_once('/').expect("TEST_DATABASE_URL names a database");
    format!("{server}/{database}")
}
