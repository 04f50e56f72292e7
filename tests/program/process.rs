//! The program as a child process, in a folder of its own, with nothing in its environment but what the test puts
//! there. Whatever it says is searched for secrets, in every test.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    time::Duration,
};

use tempfile::TempDir;
use tokio::{
    io::{AsyncRead, AsyncReadExt},
    net::TcpSocket,
    process::{Child, ChildStdout, Command},
    task::JoinHandle,
    time::timeout,
};

use crate::support::{Client, Database};

/// How long anything may take that usually takes a moment: machines that build meanwhile are slow.
const DEADLINE: Duration = Duration::from_secs(60);

/// The program before it runs.
pub struct Program {
    folder: TempDir,
    environment: BTreeMap<String, String>,
}

impl Program {
    /// With no settings but this: it takes any free ports, as other tests run beside it.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        Self { folder, environment: BTreeMap::new() }.with("PORT", "0").with("METRICS_PORT", "0")
    }

    /// With this database.
    pub fn on(database: &Database) -> Self {
        Self::new().with("DATABASE_URL", &database.url())
    }

    /// With this setting in its environment.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.environment.insert(name.to_owned(), value.to_owned());
        self
    }

    /// With this file in its working directory.
    pub fn with_file(self, name: &str, content: &str) -> Self {
        fs::write(self.path(name), content).expect("a file of the test");
        self
    }

    /// A file in its working directory.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs it to its end.
    pub async fn run(&self, arguments: &[&str]) -> Ended {
        let output = timeout(DEADLINE, self.command(arguments).output()).await.expect("the program ends by itself");
        let output = output.expect("the program can be run");
        Ended::of(self, output.status, output.stdout, output.stderr)
    }

    /// Starts it without arguments and waits until it says where it listens.
    pub async fn serve(&self) -> Server<'_> {
        self.serve_with(&[]).await
    }

    /// The same with arguments.
    pub async fn serve_with(&self, arguments: &[&str]) -> Server<'_> {
        self.start(arguments, read_on).await
    }

    /// The same without, with another reader of its standard output from then on. The reader gives all that was said.
    pub async fn serve_to(&self, reader: impl FnOnce(Vec<u8>, ChildStdout) -> JoinHandle<Vec<u8>>) -> Server<'_> {
        self.start(&[], reader).await
    }

    async fn start(
        &self,
        arguments: &[&str],
        reader: impl FnOnce(Vec<u8>, ChildStdout) -> JoinHandle<Vec<u8>>,
    ) -> Server<'_> {
        let mut child = self.command(arguments).spawn().expect("the program can be run");
        let mut out = child.stdout.take().expect("its output is piped");
        let err = read_on(Vec::new(), child.stderr.take().expect("its errors are piped"));
        let mut said = Vec::new();
        while url_before(&said, "/api").is_none() || url_before(&said, "/metrics").is_none() {
            let read = timeout(DEADLINE, out.read_buf(&mut said)).await.expect("the program goes on");
            if read.expect("its output can be read") == 0 {
                panic!("the program ended: {}", String::from_utf8_lossy(&err.await.expect("its errors")));
            }
        }
        let base = url_before(&said, "/api").expect("an address");
        let metrics = url_before(&said, "/metrics").expect("an address") + "/metrics";
        Server { program: self, base, metrics, child, out: reader(said, out), err }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_conduit"));
        command.args(arguments).current_dir(self.folder.path()).env_clear().envs(&self.environment);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        command
    }

    /// What must never be told: keys, the password of the database as its URL has it, `hunter2`, which stands for a
    /// secret in settings that are refused, and tokens, which begin like any JSON in base64.
    fn secrets(&self) -> Vec<String> {
        let [key, previous_key] = ["JWT_SECRET", "JWT_SECRET_PREVIOUS"].map(|name| self.environment.get(name).cloned());
        let kept_key = fs::read_to_string(self.path(".conduit-jwt-secret")).ok();
        let url = self.environment.get("DATABASE_URL").and_then(|url| url.split_once("://"));
        let credentials = url.and_then(|(_, rest)| rest.rsplit_once('@')).and_then(|(user, _)| user.split_once(':'));
        let password = credentials.map(|(_, password)| format!(":{password}@"));
        let always = ["hunter2", "eyJ"].map(|text| Some(text.to_owned()));
        let secrets = [key, previous_key, kept_key, password].into_iter().chain(always).flatten();
        secrets.map(|secret| secret.trim().to_owned()).collect()
    }
}

/// The URL before this path at which the program says that it listens, in a log of either format.
fn url_before(said: &[u8], path: &str) -> Option<String> {
    let text = String::from_utf8_lossy(said);
    let (before, _) = text.split_once(&format!("{path}\""))?;
    let (_, base) = before.rsplit_once('"')?;
    Some(base.to_owned())
}

/// Reads to the end, beside the test.
#[expect(clippy::disallowed_methods, reason = "the program must not have to wait for its reader")]
pub fn read_on(mut said: Vec<u8>, mut from: impl AsyncRead + Unpin + Send + 'static) -> JoinHandle<Vec<u8>> {
    tokio::spawn(async move {
        from.read_to_end(&mut said).await.expect("what the program says can be read");
        said
    })
}

/// The program while it serves. It ends with this value.
pub struct Server<'p> {
    program: &'p Program,
    child: Child,
    out: JoinHandle<Vec<u8>>,
    err: JoinHandle<Vec<u8>>,
    /// Where it listens: `http://127.0.0.1:PORT`.
    pub base: String,
    /// Where its metrics are.
    pub metrics: String,
}

impl Server<'_> {
    /// Nobody in particular.
    pub fn anon(&self) -> Client {
        Client::anonymous(&self.base)
    }

    /// The port that it took.
    pub fn port(&self) -> &str {
        self.base.rsplit_once(':').expect("a port").1
    }

    /// The folder in which it runs.
    pub fn folder(&self) -> &Path {
        self.program.folder.path()
    }

    /// Sends it SIGTERM, as service managers do, and waits for its end.
    pub async fn stop(self) -> Ended {
        self.signal("TERM").await;
        self.ended().await
    }

    /// Sends it a signal.
    pub async fn signal(&self, name: &str) {
        let id = self.child.id().expect("the program still runs").to_string();
        let told = Command::new("kill").args([&format!("-{name}"), &id]).status().await.expect("kill can be run");
        assert!(told.success());
    }

    /// Waits for its end, which it was told to come to.
    pub async fn ended(mut self) -> Ended {
        let status = timeout(DEADLINE, self.child.wait()).await.expect("the program ends on SIGTERM");
        let (out, err) = (self.out.await.expect("its output"), self.err.await.expect("its errors"));
        Ended::of(self.program, status.expect("a status"), out, err)
    }
}

/// The program afterwards.
#[derive(Debug)]
pub struct Ended {
    status: Option<i32>,
    out: String,
    err: String,
}

impl Ended {
    fn of(program: &Program, status: ExitStatus, out: Vec<u8>, err: Vec<u8>) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("its output is UTF-8");
        let ended = Self { status: status.code(), out: text(out), err: text(err) };
        program.secrets().iter().for_each(|secret| ended.keeps(secret));
        ended
    }

    /// Asserts that it told a secret neither as text nor as a list of bytes, which is how some would log it.
    #[track_caller]
    pub fn keeps(&self, secret: &str) {
        let bytes = format!("{:?}", secret.as_bytes());
        for kind in [secret, bytes.trim_matches(['[', ']'])] {
            let told =
                [&self.out, &self.err].into_iter().flat_map(|text| text.lines()).find(|line| line.contains(kind));
            assert_eq!(told, None, "tells {secret}");
        }
    }

    /// Asserts that it did what it was asked, and gives what it printed.
    #[track_caller]
    pub fn succeeds(self) -> String {
        assert_eq!((self.status, self.err.as_str()), (Some(0), ""), "{}", self.out);
        self.out
    }

    /// Asserts that it did what it was asked, and said one line on standard error about it; gives the line.
    #[track_caller]
    pub fn complains(self) -> String {
        let lines: Vec<&str> = self.err.lines().collect();
        let [line] = lines[..] else { panic!("not one line: {self:?}") };
        assert_eq!(self.status, Some(0), "{line}");
        line.to_owned()
    }

    /// Asserts that it gave up with one line on standard error, and gives the line.
    #[track_caller]
    pub fn fails(self) -> String {
        let lines: Vec<&str> = self.err.lines().collect();
        let [line] = lines[..] else { panic!("not one line: {self:?}") };
        assert_eq!(self.status, Some(1), "{line}");
        line.to_owned()
    }
}

/// A port of the loopback where nobody listens and nobody else will: it is bound.
pub struct ClosedPort(TcpSocket);

impl ClosedPort {
    /// Takes one.
    pub fn take() -> Self {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.bind("127.0.0.1:0".parse().expect("an address")).expect("a free port");
        Self(socket)
    }

    /// Its number.
    pub fn number(&self) -> u16 {
        self.0.local_addr().expect("an address").port()
    }
}
