//! TLS to PostgreSQL by `sslmode`, with the operator's settings and a private server.

use std::collections::HashMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use conduit::adapters::persistence::maintenance::migrate::{MigrateError, Step, Target, migrate};
use conduit::adapters::persistence::postgres;
use conduit::adapters::persistence::sql::error::QueryError;
use conduit::adapters::persistence::sql::executor::Executor;
use conduit::adapters::persistence::sql::statement::Statement;
use conduit::app::config::Config;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rstest::rstest;
use tempfile::NamedTempFile;
use tokio::sync::OnceCell;
use tokio::time::timeout;

/// Certificate authority.
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

    /// Certificate for this host, and its key, in PEM.
    fn certify(&self, host: &str) -> (String, String) {
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new([host.to_owned()]).unwrap().signed_by(&key, &self.issuer).unwrap();
        (certificate.pem(), key.serialize_pem())
    }

    /// File for `DATABASE_CA_FILE`.
    fn file(&self) -> NamedTempFile {
        let file = NamedTempFile::new().unwrap();
        fs::write(&file, &self.certificate).unwrap();
        file
    }
}

/// A private server. The script stops it when its standard input closes: when the value is dropped,
/// or when the process ends.
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

    /// Installs a certificate. The server may run as another user, who must own the key and already
    /// owns the folder.
    async fn with_certificate(self, (certificate, key): &(String, String)) -> Self {
        let folder = self.query("show data_directory").await.concat();
        let folder = Path::new(&folder);
        let owner = fs::metadata(folder).unwrap();
        for (name, content) in [("server.crt", certificate), ("server.key", key)] {
            let path = folder.join(name);
            fs::write(&path, content).unwrap();
            fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).unwrap();
            chown(&path, Some(owner.uid()), Some(owner.gid())).unwrap();
        }
        self.query("alter system set ssl = on").await;
        self.query("select pg_reload_conf()::text").await;
        let reloaded = async { while self.query("show ssl").await != ["on"] {} };
        timeout(Duration::from_secs(30), reloaded).await.expect("the server takes its certificate: see its log");
        self
    }

    async fn query(&self, statement: &'static str) -> Vec<String> {
        let Target::Postgres(settings) = self.at("127.0.0.1", "disable", None) else { panic!("this is SQLite") };
        postgres::open(&settings).unwrap().rows(Statement::<String>::read("test", statement)).await.expect(statement)
    }

    /// Settings from `DATABASE_URL` and `DATABASE_CA_FILE`, with this host and mode.
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

/// Server whose certificate names `localhost`, and the authority that signed it.
async fn server_with_tls() -> &'static (Server, Authority) {
    static SERVER: OnceCell<(Server, Authority)> = OnceCell::const_new();
    SERVER
        .get_or_init(|| async {
            let authority = Authority::new("trusted");
            (Server::start().with_certificate(&authority.certify("localhost")).await, authority)
        })
        .await
}

/// Whether the server sees encrypted connections, both of migrations and of requests.
async fn is_encrypted(target: &Target) -> bool {
    migrate(target, Step::Inspect).await.expect("a connection to migrate");
    encryption(target).await.expect("a connection for requests") == ["true"]
}

/// Errors of the connection for migrations and of the one for requests.
async fn connection_errors(target: &Target) -> String {
    let of_migration: MigrateError = migrate(target, Step::Inspect).await.expect_err("no connection to migrate");
    let of_request: QueryError = encryption(target).await.expect_err("no connection for requests");
    format!("{of_migration:?}\n{of_request:?}")
}

async fn encryption(target: &Target) -> Result<Vec<String>, QueryError> {
    let Target::Postgres(settings) = target else { panic!("this is SQLite") };
    let statement = Statement::<String>::read("test", "select ssl::text from pg_stat_ssl where pid = pg_backend_pid()");
    postgres::open(settings).unwrap().rows(statement).await
}

#[rstest]
#[case::require("require", true)]
#[case::prefer("prefer", true)]
#[case::disable("disable", false)]
#[actix_web::test]
async fn encryption_follows_sslmode(#[case] mode: &str, #[case] encrypted: bool) {
    let (server, _) = server_with_tls().await;
    assert_eq!(is_encrypted(&server.at("127.0.0.1", mode, None)).await, encrypted);
}

#[actix_web::test]
async fn certificate_of_a_trusted_authority_is_accepted() {
    let (server, authority) = server_with_tls().await;
    assert!(is_encrypted(&server.at("localhost", "verify-full", Some(&authority.file()))).await);
}

#[actix_web::test]
async fn certificate_of_an_untrusted_authority_is_rejected() {
    let (server, _) = server_with_tls().await;
    let other = Authority::new("another").file();
    for trusted in [Some(&other), None] {
        let errors = connection_errors(&server.at("localhost", "verify-full", trusted)).await;
        assert_eq!(errors.matches("UnknownIssuer").count(), 2, "{errors}");
    }
}

#[actix_web::test]
async fn certificate_for_another_host_is_rejected() {
    let (server, authority) = server_with_tls().await;
    let errors = connection_errors(&server.at("127.0.0.1", "verify-full", Some(&authority.file()))).await;
    assert_eq!(errors.matches("certificate not valid for name").count(), 2, "{errors}");
}

#[actix_web::test]
async fn server_without_tls_is_rejected_unless_plain_text_is_allowed() {
    let server = Server::start();
    let authority = Authority::new("any").file();
    for (mode, trusted) in [("require", None), ("verify-full", Some(&authority))] {
        let errors = connection_errors(&server.at("127.0.0.1", mode, trusted)).await;
        assert_eq!(errors.matches("does not support TLS").count(), 2, "{errors}");
    }
    for mode in ["prefer", "disable"] {
        assert!(!is_encrypted(&server.at("127.0.0.1", mode, None)).await, "{mode}");
    }
}
