//! Scripts that start servers. A script prints a line about each server, and stops all of them when
//! its standard input closes: when the value is dropped, or when the test process ends.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

pub struct Script {
    child: Child,
    lines: Vec<String>,
}

impl Script {
    /// Starts a private PostgreSQL server. Line 0 is its URL.
    pub fn postgres() -> Self {
        Self::start(&mut script("postgres"), 1)
    }

    /// Starts a private primary with these settings, and a standby. Lines 0 and 1 are their URLs.
    pub fn postgres_with_standby(settings: &[&str]) -> Self {
        let settings = settings.iter().flat_map(|setting| ["-c", setting]);
        Self::start(script("postgres").arg("--standby").args(settings), 2)
    }

    /// Starts a private PgBouncer for this server. Line 0 is its URL.
    pub fn pgbouncer(server: &str) -> Self {
        Self::start(script("pgbouncer").env("DATABASE_URL", server), 1)
    }

    fn start(script: &mut Command, count: usize) -> Self {
        let script = script.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = script.spawn().expect("the scripts can be run; they need bash");
        let output = BufReader::new(child.stdout.take().expect("its output is piped"));
        let lines: Vec<String> = output.lines().take(count).map(|line| line.expect("its output can be read")).collect();
        let hint = "the server did not start: see above, or run ./scripts/test, which installs missing programs";
        assert_eq!(lines.len(), count, "{hint}");
        Self { child, lines }
    }

    /// Line that the script printed, by its index.
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
