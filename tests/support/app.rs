//! The application, started in the test's process and reached over HTTP.

use std::collections::HashMap;
use std::sync::Arc;
use std::thread;

use actix_web::dev::ServerHandle;
use conduit::adapters::http::routes::Services;
use conduit::app::config::Config;
use conduit::app::server::application;
use conduit::app::server::application::Application;
use tokio::net::TcpStream;

use super::{Client, Database, Engine, log};

/// A running instance. It stops with this value.
pub struct Instance {
    handle: ServerHandle,
    /// `http://HOST:PORT` of the API.
    pub base_url: String,
    pub metrics_url: String,
}

impl Instance {
    pub async fn start(config: &Config) -> Self {
        Self::run(Application::build(config).await.expect("the application starts"))
    }

    #[expect(clippy::disallowed_methods, reason = "the server runs beside the test")]
    fn run(application: Application) -> Self {
        let base_url = format!("http://{}", application.address);
        let metrics_url = format!("http://{}/metrics", application.metrics_address);
        let handle = application.handle();
        actix_web::rt::spawn(application.run_until_stopped());
        Self { handle, base_url, metrics_url }
    }

    pub fn anonymous(&self) -> Client {
        Client::anonymous(&self.base_url)
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        // Does not wait for the end: no other test needs this port.
        drop(self.handle.stop(false));
    }
}

/// An instance with a database of its own, whose log must not contain a secret.
pub struct TestApp {
    instance: Instance,
    /// Database, which other instances may share.
    pub database: Arc<Database>,
}

impl TestApp {
    pub async fn start(engine: Engine) -> Self {
        Self::start_with(engine, &[]).await
    }

    /// Starts an instance on an empty database, with these environment variables.
    pub async fn start_with(engine: Engine, environment: &[(&str, &str)]) -> Self {
        Self::start_on(Database::create(engine).await, environment).await
    }

    pub async fn start_on(database: impl Into<Arc<Database>>, environment: &[(&str, &str)]) -> Self {
        let database = database.into();
        log::capture();
        let instance = Instance::start(&config(&database, environment)).await;
        Self { instance, database }
    }

    /// Starts an instance on an empty database, with services that the test replaces.
    pub async fn start_with_services(engine: Engine, replace: impl FnOnce(Services) -> Services) -> Self {
        let database = Arc::new(Database::create(engine).await);
        log::capture();
        let config = config(&database, &[]);
        let services = replace(application::build_services(&config).expect("services"));
        let instance = Instance::run(Application::with_services(services, &config).expect("the application starts"));
        Self { instance, database }
    }

    pub async fn another_instance(&self, environment: &[(&str, &str)]) -> Self {
        Self::start_on(Arc::clone(&self.database), environment).await
    }

    /// `http://HOST:PORT` of the API.
    pub fn base_url(&self) -> &str {
        &self.instance.base_url
    }

    pub fn metrics_url(&self) -> &str {
        &self.instance.metrics_url
    }

    /// `HOST:PORT` of the API, for tests that write HTTP by hand.
    pub fn address(&self) -> &str {
        self.base_url().trim_start_matches("http://")
    }

    pub async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address()).await.expect("a connection")
    }

    pub fn anonymous(&self) -> Client {
        self.instance.anonymous()
    }

    /// Registers a user and returns its client.
    pub async fn user(&self, name: &str) -> Client {
        self.anonymous().register(name).await
    }

    /// Client of this instance with the token of a user who logged in on another.
    pub fn client_of(&self, user: &Client) -> Client {
        self.anonymous().with_token(user.token())
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        if !thread::panicking() {
            log::assert_no_secret_was_logged();
        }
    }
}

pub const JWT_SECRET: &str = "0123456789abcdef0123456789abcdef-test";

/// Configuration for a test on this database: free ports, cheap password hashes, long timeouts.
pub fn config(database: &Database, environment: &[(&str, &str)]) -> Config {
    let settings = database.settings();
    let settings = settings.iter().map(|(name, value)| (*name, value.as_str()));
    configuration(&settings.chain(environment.iter().copied()).collect::<Vec<_>>())
}

/// Same without a database. Of two variables with one name the last counts.
pub fn configuration(environment: &[(&str, &str)]) -> Config {
    let defaults = [
        ("PORT", "0"),
        ("METRICS_PORT", "0"),
        ("WORKERS", "2"),
        ("JWT_SECRET", JWT_SECRET),
        ("ARGON2_MEMORY_KIB", "8"),
        ("ARGON2_ITERATIONS", "1"),
        ("MIGRATE_ON_START", "false"),
        ("DATABASE_POOL_WAIT", "20s"),
        ("SQLITE_BUSY_TIMEOUT", "20s"),
    ];
    let variables: HashMap<String, String> =
        defaults.iter().chain(environment).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Config::load_from(None, &variables).expect("a configuration for tests")
}
