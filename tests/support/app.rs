//! The application as its users meet it: on a port, with a database of its own.

use std::{collections::HashMap, sync::Arc, thread};

use actix_web::dev::ServerHandle;
use conduit::{
    adapters::http::routes::Services,
    app::{
        config::Config,
        server::application::{self, Application},
    },
};

use super::{Client, Database, Engine, log};

/// A running application.
pub struct TestApp {
    handle: ServerHandle,
    /// Where it listens.
    pub base: String,
    /// Where its metrics listen.
    pub metrics: String,
    /// Its database, which other instances may share.
    pub database: Arc<Database>,
}

impl TestApp {
    /// Starts one on an empty database.
    pub async fn start(engine: Engine) -> Self {
        Self::start_with(engine, &[]).await
    }

    /// Starts one with these environment variables.
    pub async fn start_with(engine: Engine, environment: &[(&str, &str)]) -> Self {
        Self::start_on(Database::create(engine).await, environment).await
    }

    /// Starts another instance on the same database.
    pub async fn beside(&self, environment: &[(&str, &str)]) -> Self {
        Self::start_on(Arc::clone(&self.database), environment).await
    }

    /// Starts one on this database.
    pub async fn start_on(database: impl Into<Arc<Database>>, environment: &[(&str, &str)]) -> Self {
        let database = database.into();
        let application = Application::build(&config(&database, environment)).await.expect("the application starts");
        Self::run(application, database)
    }

    /// Starts one on an empty database, with services that the test has changed.
    pub async fn start_changed(engine: Engine, change: impl FnOnce(Services) -> Services) -> Self {
        let database = Database::create(engine).await;
        let config = config(&database, &[]);
        let services = change(application::build_services(&config).expect("the services can be made"));
        let application = Application::with_services(services, &config).expect("the application starts");
        Self::run(application, Arc::new(database))
    }

    #[expect(clippy::disallowed_methods, reason = "the server runs beside the test")]
    fn run(application: Application, database: Arc<Database>) -> Self {
        log::watch();
        let base = format!("http://{}", application.address());
        let metrics = format!("http://{}/metrics", application.metrics_address());
        let handle = application.handle();
        actix_web::rt::spawn(application.run_until_stopped());
        Self { handle, base, metrics, database }
    }

    /// Nobody in particular.
    pub fn anon(&self) -> Client {
        Client::anonymous(&self.base)
    }

    /// A new user of this name.
    pub async fn user(&self, name: &str) -> Client {
        self.anon().register(name).await
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        // Told, not waited for: the next test does not need this port.
        drop(self.handle.stop(false));
        if !thread::panicking() {
            log::assert_no_secret_was_told();
        }
    }
}

/// The key of the tests' tokens.
pub const JWT_SECRET: &str = "0123456789abcdef0123456789abcdef-test";

/// A configuration for tests on this database: any free ports, cheap password hashes, and patience for a busy machine.
pub fn config(database: &Database, environment: &[(&str, &str)]) -> Config {
    let settings = database.settings();
    let settings = settings.iter().map(|(name, value)| (*name, value.as_str()));
    configuration(&settings.chain(environment.iter().copied()).collect::<Vec<_>>())
}

/// The same with these environment variables alone, of which the last wins.
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
