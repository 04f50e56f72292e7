//! The application: everything made and both ports bound, then run until it is stopped. The program and the tests start
//! the same way.

use std::{
    io,
    net::{SocketAddr, TcpListener},
    sync::Arc,
    time::Duration,
};

use actix_web::{
    App, HttpServer,
    dev::{Server, ServerHandle, ServiceRequest},
    middleware::{Condition, Next, from_fn},
    rt,
    web::{Data, ServiceConfig},
};

use super::{
    container,
    exporter::{self, ExporterError},
    shutdown::{GracefulShutdown, ShutdownTimeouts, StopError},
    tls,
};
use crate::{
    adapters::{
        http::{
            docs::Docs,
            extract::body::BodyLimits,
            headers::client_address::TrustedProxies,
            middleware::{
                access_log::access_log,
                cache_control::cache_control,
                cors::cors,
                drain::{Draining, drain},
                error_shape::error_shape,
                idle_timeout::{self, idle_timeout},
                inject_faults::inject_faults,
                request_metrics::request_metrics,
                security_headers::security_headers,
            },
            routes::{self, Services},
        },
        persistence::maintenance::migrate::Step,
        security::{argon2::Argon2Hasher, jwt::JsonWebTokens, rate_limiter::AttemptLimiter},
        telemetry::logs::log_batch,
    },
    app::{
        config::{Config, SecretFileError},
        database::{self, DatabaseError},
    },
    domain::error::Cause,
    ports::{repositories::Store, security::SecurityError},
};

/// How long the server's threads may take to end after it.
const WORKERS_END: Duration = Duration::from_millis(250);

/// Why the application could not be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Another program has the port, or it is not ours to take.
    #[error("{variable}: cannot listen on {address}")]
    Listen {
        /// The setting that named the port.
        variable: &'static str,
        /// Where it should have listened.
        address: SocketAddr,
        /// What the system said.
        #[source]
        cause: io::Error,
    },
    /// The database cannot be used.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// The signing key of development could not be kept.
    #[error("JWT_SECRET")]
    Secret(#[from] SecretFileError),
    /// A key cannot sign.
    #[error("JWT_SECRET, JWT_SECRET_PREVIOUS")]
    Key(#[source] SecurityError),
    /// The cost of password hashes is outside what Argon2 allows.
    #[error("ARGON2_MEMORY_KIB, ARGON2_ITERATIONS, ARGON2_PARALLELISM")]
    Cost(#[source] SecurityError),
    /// The certificate or its key cannot be used.
    #[error("TLS_CERT_FILE, TLS_KEY_FILE")]
    Tls(#[from] tls::TlsError),
    /// The metrics cannot be exported.
    #[error("metrics")]
    Exporter(#[from] ExporterError),
    /// The API's document cannot be made.
    #[error("the API's document")]
    Docs(#[source] Cause),
    /// The server could not be set up.
    #[error("cannot set up the server")]
    SetUp(#[from] io::Error),
}

/// The application with its ports bound.
pub struct Application {
    server: Server,
    exporter: Server,
    stop: GracefulShutdown,
    store: Arc<dyn Store>,
    address: SocketAddr,
    metrics_address: SocketAddr,
}

impl Application {
    /// Makes everything that the configuration asks for and binds both ports; the schema is brought up to date first if
    /// it says so.
    ///
    /// # Errors
    /// Whatever keeps the application from starting, with the setting to look at.
    pub async fn build(config: &Config) -> Result<Self, StartError> {
        if config.database.migrate_on_start {
            let report = database::migrate(&config.database, Step::Apply).await?;
            tracing::info!(applied = ?report.done, "the database is up to date");
        }
        Self::around(services(config)?, config)
    }

    /// The application around services that were made elsewhere.
    ///
    /// # Errors
    /// When a port cannot be bound, or something else around the services cannot be made.
    pub fn around(services: Services, config: &Config) -> Result<Self, StartError> {
        let recorder = exporter::install()?;
        exporter::announce(config.database.url.engine());
        let listener = listen("PORT", config.http.host, config.http.port)?;
        let metrics_listener = listen("METRICS_PORT", config.http.host, config.http.metrics_port)?;
        let (address, metrics_address) = (listener.local_addr()?, metrics_listener.local_addr()?);
        let (store, draining) = (Arc::clone(&services.store), Draining::default());
        let for_stop = listener.try_clone()?;
        let timeouts = ShutdownTimeouts { delay: config.shutdown.delay, deadline: config.shutdown.timeout };
        let server = serve(services, config, timeouts, draining.clone(), listener)?;
        let stop = GracefulShutdown { server: server.handle(), listener: for_stop, draining, timeouts };
        let exporter = exporter::serve(metrics_listener, recorder, Arc::clone(&store))?;
        Ok(Self { server, exporter, stop, store, address, metrics_address })
    }

    /// Where the API listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where the metrics listen.
    pub fn metrics_address(&self) -> SocketAddr {
        self.metrics_address
    }

    /// What stops the application from elsewhere.
    pub fn handle(&self) -> ServerHandle {
        self.server.handle()
    }

    /// Serves until SIGTERM, Ctrl-C or the [`handle`](Self::handle) stops it; on a signal in [good
    /// order](super::shutdown).
    ///
    /// # Errors
    /// When the system takes the listening socket away, and when a second signal stops it at once.
    pub async fn run_until_stopped(self) -> Result<(), RunError> {
        let exporter = self.exporter.handle();
        // Whatever ends first drops the others; a server that is dropped closes the connections that it still has.
        let served = tokio::select! {
            served = self.server => Ok(served?),
            served = self.exporter => Ok(served?),
            () = exporter::upkeep() => Ok(()),
            stopped = self.stop.on_signal() => Ok(stopped?),
        };
        exporter.stop(false).await;
        // Threads end by themselves; a request that is cut off says so in the log.
        tokio::time::sleep(WORKERS_END).await;
        self.store.close();
        tracing::info!("stopped");
        served
    }
}

/// Why the application did not serve, or not stop in good order.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The system took the listening socket away.
    #[error("cannot serve")]
    Serve(#[from] io::Error),
    /// The end was not in good order.
    #[error(transparent)]
    GracefulShutdown(#[from] StopError),
}

/// The services that the settings ask for.
///
/// # Errors
/// When one of them cannot be made, with the setting to look at.
pub fn services(config: &Config) -> Result<Services, StartError> {
    // Before anything that is measured is made.
    exporter::install()?;
    let hasher = hasher(config, std::thread::available_parallelism()?.get())?;
    let security = &config.security;
    let previous = security.jwt_secret_previous.as_ref();
    let tokens =
        JsonWebTokens::new(&security.signing_secret()?, previous, security.jwt_ttl).map_err(StartError::Key)?;
    let throttle = if security.throttle { AttemptLimiter::on() } else { AttemptLimiter::off() };
    Ok(container::services(database::open(&config.database)?, hasher, tokens, throttle))
}

/// The hasher that the settings ask for, on so many cores.
///
/// # Errors
/// [`StartError::Cost`].
pub fn hasher(config: &Config, cores: usize) -> Result<Argon2Hasher, StartError> {
    Argon2Hasher::new(config.argon2, cores).map_err(StartError::Cost)
}

/// Has this thread, which serves requests from now on, write its log by turns.
#[expect(clippy::disallowed_methods, reason = "it belongs to no request")]
fn start_log_flusher() {
    rt::spawn(log_batch::run_flusher());
}

fn listen(variable: &'static str, host: std::net::IpAddr, port: u16) -> Result<TcpListener, StartError> {
    let address = SocketAddr::new(host, port);
    TcpListener::bind(address).map_err(|cause| StartError::Listen { variable, address, cause })
}

fn serve(
    services: Services,
    config: &Config,
    timeouts: ShutdownTimeouts,
    draining: Draining,
    listener: TcpListener,
) -> Result<Server, StartError> {
    let settings = &config.http;
    let proxies = TrustedProxies::from(&settings.trusted_proxies[..]);
    let limits = BodyLimits { bytes: settings.body_limit, time: settings.body_timeout };
    let patience = settings.keep_alive.saturating_add(settings.header_timeout);
    let is_tls = settings.tls_files().is_some();
    let docs = settings.docs.then(Docs::new).transpose().map_err(StartError::Docs)?;
    let origins = settings.cors.clone();
    let faults = config.faults;
    let server = HttpServer::new(move || {
        start_log_flusher();
        let inject = move |request: ServiceRequest, next: Next<_>| inject_faults(faults, request, next);
        let configure = |config: &mut ServiceConfig| routes::configure(config, &services, limits, docs.as_ref());
        // From the inside out.
        App::new()
            .app_data(proxies.clone())
            .configure(configure)
            .wrap(Condition::new(faults.is_enabled(), from_fn(inject)))
            .wrap(cors(&origins))
            .wrap(from_fn(error_shape))
            .wrap(security_headers(is_tls))
            .wrap(from_fn(cache_control))
            .wrap(from_fn(request_metrics))
            .wrap(from_fn(access_log))
            .wrap(from_fn(drain))
            .wrap(from_fn(idle_timeout))
            .app_data(Data::new(draining.clone()))
    })
    .workers(settings.workers)
    .keep_alive(settings.keep_alive)
    .on_connect(move |io, data| idle_timeout::on_connect(io, data, patience))
    .client_request_timeout(settings.header_timeout)
    // Signals are `shutdown`'s.
    .disable_signals()
    .shutdown_timeout(timeouts.whole_seconds());
    let server = match settings.tls_files() {
        Some((chain, key)) => server.listen_rustls_0_23(listener, tls::config(chain, key)?)?,
        None => server.listen(listener)?,
    };
    Ok(server.run())
}
