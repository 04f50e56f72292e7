//! The way to PostgreSQL is encrypted as `sslmode` says: by the operator's settings, against a server of its own.

use std::{
    collections::HashMap,
    fs,
    io::{BufRead, BufReader},
    os::unix::fs::{MetadataExt, PermissionsExt, chown},
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use conduit::{
    adapters::persistence::{
        maintenance::migrate::{MigrateError, Step, Target, migrate},
        postgres,
        sql::{error::QueryError, executor::Executor, statement::Statement},
    },
    app::config::Config,
};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rstest::rstest;
use tempfile::NamedTempFile;
use tokio::{sync::OnceCell, time::timeout};

/// Signs certificates.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate: String,
}

impl Authority {
    fn new(name: &str) -> Self {
        let key = KeyPair::generate().unwrap();
        let mut parameters = CertificateParams::default();
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        parameters.distinguished_name.push(DnType::CommonName, name);
        let certificate = parameters.self_signed(&key).unwrap().pem();
        Self { issuer: Issuer::new(parameters, key), certificate }
    }

    /// A certificate for this host and its key, in PEM.
    fn certify(&self, host: &str) -> (String, String) {
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new([host.to_owned()]).unwrap().signed_by(&key, &self.issuer).unwrap();
        (certificate.pem(), key.serialize_pem())
    }

    /// As `DATABASE_CA_FILE` wants it.
    fn file(&self) -> NamedTempFile {
        let file = NamedTempFile::new().unwrap();
        fs::write(&file, &self.certificate).unwrap();
        file
    }
}

/// A server that nobody else uses. The script stops it when its standard input closes: with this value, or with this
/// process, however it ends.
struct Server {
    script: Child,
    url: String,
}

impl Server {
    fn start() -> Self {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/postgres");
        let mut script = Command::new(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("bash");
        let mut url = String::new();
        BufReader::new(script.stdout.take().unwrap()).read_line(&mut url).unwrap();
        assert!(!url.is_empty(), "no PostgreSQL to test with: see above, or run ./scripts/install-tools postgres");
        Self { script, url: url.trim().to_owned() }
    }

    /// Gives it a certificate under the names at which it looks for one. Its user may be another than ours, and must
    /// own the key, as it owns the folder.
    async fn certified(self, (certificate, key): &(String, String)) -> Self {
        let folder = self.ask("show data_directory").await.concat();
        let folder = Path::new(&folder);
        let owner = fs::metadata(folder).unwrap();
        for (name, content) in [("server.crt", certificate), ("server.key", key)] {
            let path = folder.join(name);
            fs::write(&path, content).unwrap();
            fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).unwrap();
            chown(&path, Some(owner.uid()), Some(owner.gid())).unwrap();
        }
        self.ask("alter system set ssl = on").await;
        self.ask("select pg_reload_conf()::text").await;
        let reloaded = async { while self.ask("show ssl").await != ["on"] {} };
        timeout(Duration::from_secs(30), reloaded).await.expect("the server takes its certificate: see its log");
        self
    }

    async fn ask(&self, statement: &'static str) -> Vec<String> {
        let Target::Postgres(settings) = self.at("127.0.0.1", "disable", None) else { panic!("this is SQLite") };
        postgres::open(&settings).unwrap().rows(Statement::<String>::read("test", statement)).await.expect(statement)
    }

    /// The database at this address of the server, as `DATABASE_URL` and `DATABASE_CA_FILE` name it.
    fn at(&self, host: &str, mode: &str, authority: Option<&NamedTempFile>) -> Target {
        let url = format!("{}?sslmode={mode}", self.url.replace("@127.0.0.1:", &format!("@{host}:")));
        let file = authority.map(|file| file.path().display().to_string()).unwrap_or_default();
        let environment = HashMap::from([("DATABASE_URL".to_owned(), url), ("DATABASE_CA_FILE".to_owned(), file)]);
        Config::load_from(None, &environment).unwrap().database.target()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.script.stdin.take());
        let _ = self.script.wait();
    }
}

/// A server whose certificate names `localhost`, and the authority that signed it.
async fn certified() -> &'static (Server, Authority) {
    static CERTIFIED: OnceCell<(Server, Authority)> = OnceCell::const_new();
    CERTIFIED
        .get_or_init(|| async {
            let authority = Authority::new("the one that is trusted");
            (Server::start().certified(&authority.certify("localhost")).await, authority)
        })
        .await
}

/// Whether the server sees the sessions of migrations and of requests encrypted.
async fn is_encrypted(target: &Target) -> bool {
    migrate(target, Step::Inspect).await.expect("a session to migrate");
    encryption(target).await.expect("a session for requests") == ["true"]
}

/// Why there is neither a session to migrate nor one for requests: the same reason twice.
async fn refusal(target: &Target) -> String {
    let to_migrate: MigrateError = migrate(target, Step::Inspect).await.expect_err("no session to migrate");
    let to_request: QueryError = encryption(target).await.expect_err("no session for requests");
    format!("{to_migrate:?}\n{to_request:?}")
}

async fn encryption(target: &Target) -> Result<Vec<String>, QueryError> {
    let Target::Postgres(settings) = target else { panic!("this is SQLite") };
    let question = Statement::<String>::read("test", "select ssl::text from pg_stat_ssl where pid = pg_backend_pid()");
    postgres::open(settings).unwrap().rows(question).await
}

#[rstest]
#[case::at_any_price("require", true)]
#[case::if_it_can_be_had("prefer", true)]
#[case::not_at_all("disable", false)]
#[actix_web::test]
async fn encryption_is_had_as_asked_for(#[case] mode: &str, #[case] encrypted: bool) {
    let (server, _) = certified().await;
    assert_eq!(is_encrypted(&server.at("127.0.0.1", mode, None)).await, encrypted);
}

#[actix_web::test]
async fn a_server_with_a_certificate_of_a_trusted_authority_is_verified() {
    let (server, authority) = certified().await;
    assert!(is_encrypted(&server.at("localhost", "verify-full", Some(&authority.file()))).await);
}

#[actix_web::test]
async fn a_certificate_of_another_authority_is_refused() {
    let (server, _) = certified().await;
    let other = Authority::new("another").file();
    for trusted in [Some(&other), None] {
        let reason = refusal(&server.at("localhost", "verify-full", trusted)).await;
        assert_eq!(reason.matches("UnknownIssuer").count(), 2, "{reason}");
    }
}

#[actix_web::test]
async fn a_certificate_for_another_host_is_refused() {
    let (server, authority) = certified().await;
    let reason = refusal(&server.at("127.0.0.1", "verify-full", Some(&authority.file()))).await;
    assert_eq!(reason.matches("NotValidForName").count(), 2, "{reason}");
}

#[actix_web::test]
async fn a_server_without_tls_is_refused_unless_plain_text_will_do() {
    let server = Server::start();
    let authority = Authority::new("any").file();
    for (mode, trusted) in [("require", None), ("verify-full", Some(&authority))] {
        let reason = refusal(&server.at("127.0.0.1", mode, trusted)).await;
        assert_eq!(reason.matches("does not support TLS").count(), 2, "{reason}");
    }
    for mode in ["prefer", "disable"] {
        assert!(!is_encrypted(&server.at("127.0.0.1", mode, None)).await, "{mode}");
    }
}
