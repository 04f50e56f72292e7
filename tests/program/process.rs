//! The program as a child process, with its own working directory and an environment that the test
//! sets. The output is searched for secrets in every test.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use tempfile::TempDir;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::net::TcpSocket;
use tokio::process::{Child, ChildStdout, Command};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::exit::Exit;
use crate::support::app::JWT_SECRET;
use crate::support::{Client, Database};

/// Timeout of each step, long enough for a busy machine.
const DEADLINE: Duration = Duration::from_secs(60);

/// Arguments of a child process. Other tests run at the same time, so it listens on any free ports.
pub struct Program {
    folder: TempDir,
    environment: BTreeMap<String, String>,
}

impl Program {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        Self { folder, environment: BTreeMap::new() }.with("PORT", "0").with("METRICS_PORT", "0")
    }

    pub fn on(database: &Database) -> Self {
        Self::new().with("DATABASE_URL", &database.url())
    }

    /// Sets the key that tests share, so that a token is valid in several processes.
    pub fn with_jwt_secret(self) -> Self {
        self.with("JWT_SECRET", JWT_SECRET)
    }

    /// Selects the `prod` profile with its required settings.
    pub fn with_prod_profile(self) -> Self {
        self.with("CONDUIT_PROFILE", "prod").with_jwt_secret()
    }

    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.environment.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Writes a file to the working directory.
    pub fn with_file(self, name: &str, content: &str) -> Self {
        fs::write(self.path(name), content).expect("a written file");
        self
    }

    /// Returns the path of a file in the working directory.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub async fn run(&self, arguments: &[&str]) -> Exit {
        self.run_into(Stdio::piped(), arguments).await
    }

    /// Runs a command with another standard output than a pipe to this process.
    pub async fn run_into(&self, stdout: impl Into<Stdio>, arguments: &[&str]) -> Exit {
        let child = self.command(arguments).stdout(stdout).spawn().expect("the program can be run");
        let output = timeout(DEADLINE, child.wait_with_output()).await.expect("the program ends in time");
        let output = output.expect("the output of the program");
        Exit::new(output.status, output.stdout, output.stderr, &self.secrets())
    }

    pub async fn serve(&self) -> Server<'_> {
        self.serve_with(&[]).await
    }

    pub async fn serve_with(&self, arguments: &[&str]) -> Server<'_> {
        self.start(arguments, read_to_end).await
    }

    /// Starts the server without arguments. `reader` receives the output so far and the pipe, and
    /// returns the whole output.
    pub async fn serve_with_reader(
        &self,
        reader: impl FnOnce(Vec<u8>, ChildStdout) -> JoinHandle<Vec<u8>>,
    ) -> Server<'_> {
        self.start(&[], reader).await
    }

    /// Waits until the log contains the addresses.
    async fn start(
        &self,
        arguments: &[&str],
        reader: impl FnOnce(Vec<u8>, ChildStdout) -> JoinHandle<Vec<u8>>,
    ) -> Server<'_> {
        let mut child = self.command(arguments).spawn().expect("the program can be run");
        let mut stdout = child.stdout.take().expect("a pipe");
        let stderr = read_to_end(Vec::new(), child.stderr.take().expect("a pipe"));
        let mut output = Vec::new();
        while url_before(&output, "/api").is_none() || url_before(&output, "/metrics").is_none() {
            let read = timeout(DEADLINE, stdout.read_buf(&mut output)).await.expect("the program listens in time");
            if read.expect("readable output") == 0 {
                panic!("the program ended: {}", String::from_utf8_lossy(&stderr.await.expect("standard error")));
            }
        }
        let base_url = url_before(&output, "/api").expect("an address");
        let metrics_url = url_before(&output, "/metrics").expect("an address") + "/metrics";
        Server { program: self, base_url, metrics_url, child, stdout: reader(output, stdout), stderr }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_conduit"));
        command.args(arguments).current_dir(self.folder.path()).env_clear().envs(&self.environment);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        command
    }

    /// Returns what no output may contain: keys, the database password as its URL has it, `hunter2`
    /// (the secret in rejected settings) and `eyJ` (the first characters of every token).
    fn secrets(&self) -> Vec<String> {
        let [key, previous_key] = ["JWT_SECRET", "JWT_SECRET_PREVIOUS"].map(|name| self.environment.get(name).cloned());
        let generated_key = fs::read_to_string(self.path(".conduit-jwt-secret")).ok();
        let url = self.environment.get("DATABASE_URL").and_then(|url| url.split_once("://"));
        let credentials = url.and_then(|(_, rest)| rest.rsplit_once('@')).and_then(|(user, _)| user.split_once(':'));
        let password = credentials.map(|(_, password)| format!(":{password}@"));
        let always = ["hunter2", "eyJ"].map(|text| Some(text.to_owned()));
        let secrets = [key, previous_key, generated_key, password].into_iter().chain(always).flatten();
        secrets.map(|secret| secret.trim().to_owned()).collect()
    }
}

/// Returns the URL before this path in a log of either format.
fn url_before(output: &[u8], path: &str) -> Option<String> {
    let text = String::from_utf8_lossy(output);
    let (before, _) = text.split_once(&format!("{path}\""))?;
    let (_, base) = before.rsplit_once('"')?;
    Some(base.to_owned())
}

/// Appends everything that `source` yields, while the test runs.
#[expect(clippy::disallowed_methods, reason = "the program must not wait for its reader")]
pub fn read_to_end(mut output: Vec<u8>, mut source: impl AsyncRead + Unpin + Send + 'static) -> JoinHandle<Vec<u8>> {
    tokio::spawn(async move {
        source.read_to_end(&mut output).await.expect("readable output");
        output
    })
}

/// A running server. It is killed with this value.
pub struct Server<'p> {
    program: &'p Program,
    child: Child,
    stdout: JoinHandle<Vec<u8>>,
    stderr: JoinHandle<Vec<u8>>,
    /// `http://127.0.0.1:PORT`.
    pub base_url: String,
    /// URL of the metrics.
    pub metrics_url: String,
}

impl Server<'_> {
    /// Returns a client without a token.
    pub fn anonymous(&self) -> Client {
        Client::anonymous(&self.base_url)
    }

    pub fn port(&self) -> &str {
        self.base_url.rsplit_once(':').expect("a port").1
    }

    /// Sends SIGTERM and waits for the end.
    pub async fn stop(self) -> Exit {
        self.signal("TERM").await;
        self.wait_for_exit().await
    }

    /// Sends a signal, such as `TERM`.
    pub async fn signal(&self, name: &str) {
        let id = self.child.id().expect("the program still runs").to_string();
        let status = Command::new("kill").args([&format!("-{name}"), &id]).status().await.expect("kill can be run");
        assert!(status.success());
    }

    /// Waits for the end after a signal.
    pub async fn wait_for_exit(mut self) -> Exit {
        let status = timeout(DEADLINE, self.child.wait()).await.expect("the program ends after the signal");
        let (stdout, stderr) = (self.stdout.await.expect("output"), self.stderr.await.expect("standard error"));
        Exit::new(status.expect("a status"), stdout, stderr, &self.program.secrets())
    }
}

/// A port of the loopback that refuses connections: it is bound, and nothing listens on it.
pub struct ClosedPort(TcpSocket);

impl ClosedPort {
    pub fn reserve() -> Self {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.bind("127.0.0.1:0".parse().expect("an address")).expect("a free port");
        Self(socket)
    }

    pub fn number(&self) -> u16 {
        self.0.local_addr().expect("an address").port()
    }
}
