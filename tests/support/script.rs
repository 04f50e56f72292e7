//! A script that starts servers, prints a line about each, and stops them when its standard input closes: with this
//! value, or with this process, however it ends.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};

/// A running script.
pub struct Script {
    child: Child,
    lines: Vec<String>,
}

impl Script {
    /// A private PostgreSQL: its URL.
    pub fn postgres() -> Self {
        Self::start(&mut script("postgres"), 1)
    }

    /// A private PostgreSQL with these settings, and another that follows it: their URLs.
    pub fn postgres_with_standby(settings: &[&str]) -> Self {
        let settings = settings.iter().flat_map(|setting| ["-c", setting]);
        Self::start(script("postgres").arg("--standby").args(settings), 2)
    }

    /// A private PgBouncer before this server: its URL.
    pub fn pgbouncer(server: &str) -> Self {
        Self::start(script("pgbouncer").env("DATABASE_URL", server), 1)
    }

    fn start(script: &mut Command, count: usize) -> Self {
        let script = script.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = script.spawn().expect("the scripts can be run; they need bash");
        let output = BufReader::new(child.stdout.take().expect("its output is piped"));
        let lines: Vec<String> = output.lines().take(count).map(|line| line.expect("its output can be read")).collect();
        let wanting = "nothing to test with: see above, or run ./scripts/test, which installs what is missing";
        assert_eq!(lines.len(), count, "{wanting}");
        Self { child, lines }
    }

    /// What it printed in this line.
    pub fn line(&self, number: usize) -> &str {
        &self.lines[number]
    }
}

impl Drop for Script {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

fn script(name: &str) -> Command {
    Command::new(format!("{}/scripts/{name}", env!("CARGO_MANIFEST_DIR")))
}
