//! Builds and runs the application. The program and the tests start it in the same way.

use std::net::{IpAddr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use actix_web::body::MessageBody;
use actix_web::dev::{Server, ServerHandle, ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::middleware::{Condition, Next, from_fn};
use actix_web::web::{Data, ServiceConfig};
use actix_web::{App, Error, HttpServer, rt};

use super::error::{RunError, StartError};
use super::shutdown::{GracefulShutdown, ShutdownTimeouts};
use super::{container, exporter, tls};
use crate::adapters::http::docs::Docs;
use crate::adapters::http::extract::body::BodyLimits;
use crate::adapters::http::headers::client_address::TrustedProxies;
use crate::adapters::http::middleware::access_log::access_log;
use crate::adapters::http::middleware::cache_control::cache_control;
use crate::adapters::http::middleware::cors::cors;
use crate::adapters::http::middleware::drain::{Draining, drain};
use crate::adapters::http::middleware::error_shape::error_shape;
use crate::adapters::http::middleware::idle_timeout;
use crate::adapters::http::middleware::idle_timeout::idle_timeout;
use crate::adapters::http::middleware::inject_faults::inject_faults;
use crate::adapters::http::middleware::request_metrics::request_metrics;
use crate::adapters::http::middleware::security_headers::security_headers;
use crate::adapters::http::routes;
use crate::adapters::http::routes::Services;
use crate::adapters::persistence::maintenance::migrate::Step;
use crate::adapters::security::argon2::Argon2Hasher;
use crate::adapters::security::jwt::JsonWebTokens;
use crate::adapters::security::rate_limiter::AttemptLimiter;
use crate::adapters::telemetry::logs::log_batch;
use crate::app::config::Config;
use crate::app::database;
use crate::ports::repositories::Store;

/// Time for worker threads to end, and to log requests that were cut off.
const WORKER_EXIT_GRACE: Duration = Duration::from_millis(250);

pub struct Application {
    server: Server,
    exporter: Server,
    shutdown: GracefulShutdown,
    store: Arc<dyn Store>,
    pub address: SocketAddr,
    pub metrics_address: SocketAddr,
}

impl Application {
    /// Builds the application and binds its ports. Migrates the database if the settings say so.
    pub async fn build(config: &Config) -> Result<Self, StartError> {
        if config.database.migrate_on_start {
            let report = database::migrate(&config.database, Step::Apply).await?;
            tracing::info!(applied = ?report.done, "the database is up to date");
        }
        Self::with_services(build_services(config)?, config)
    }

    pub fn with_services(services: Services, config: &Config) -> Result<Self, StartError> {
        let recorder = exporter::install_recorder()?;
        exporter::record_build_info(config.database.url.engine());
        let listener = listen("PORT", config.http.host, config.http.port)?;
        let metrics_listener = listen("METRICS_PORT", config.http.host, config.http.metrics_port)?;
        let (address, metrics_address) = (listener.local_addr()?, metrics_listener.local_addr()?);
        let (store, draining) = (Arc::clone(&services.store), Draining::default());
        let timeouts = ShutdownTimeouts { delay: config.shutdown.delay, drain: config.shutdown.timeout };
        let server = serve(services, config, timeouts, draining.clone(), listener.try_clone()?)?;
        let shutdown = GracefulShutdown { server: server.handle(), listener, draining, timeouts };
        let exporter = exporter::serve(metrics_listener, recorder, Arc::clone(&store)).map_err(StartError::Exporter)?;
        Ok(Self { server, exporter, shutdown, store, address, metrics_address })
    }

    pub fn handle(&self) -> ServerHandle {
        self.server.handle()
    }

    /// Serves until SIGTERM, Ctrl-C or the [`handle`](Self::handle) stops the server. Signals stop
    /// it gracefully.
    pub async fn run_until_stopped(self) -> Result<(), RunError> {
        let exporter = self.exporter.handle();
        // The first to end drops the others. A dropped server closes its remaining connections.
        let served = tokio::select! {
            served = self.server => Ok(served?),
            served = self.exporter => Ok(served?),
            () = exporter::run_upkeep() => Ok(()),
            stopped = self.shutdown.on_signal() => stopped,
        };
        exporter.stop(false).await;
        tokio::time::sleep(WORKER_EXIT_GRACE).await;
        self.store.close();
        tracing::info!("stopped");
        served
    }
}

pub fn build_services(config: &Config) -> Result<Services, StartError> {
    // Metrics of the services go to the recorder that is installed when they are built.
    exporter::install_recorder()?;
    let hasher = build_hasher(config, std::thread::available_parallelism()?.get())?;
    let security = &config.security;
    let previous = security.jwt_secret_previous.as_ref();
    let tokens = JsonWebTokens::new(&security.signing_secret()?, previous, security.jwt_ttl);
    let tokens = tokens.map_err(StartError::SigningKey)?;
    let limiter = if security.throttle { AttemptLimiter::on() } else { AttemptLimiter::off() };
    Ok(container::services(database::open(&config.database)?, hasher, tokens, limiter))
}

pub fn build_hasher(config: &Config, cores: usize) -> Result<Argon2Hasher, StartError> {
    Argon2Hasher::new(config.argon2, cores).map_err(StartError::HashingCost)
}

fn listen(setting: &'static str, host: IpAddr, port: u16) -> Result<TcpListener, StartError> {
    let address = SocketAddr::new(host, port);
    TcpListener::bind(address).map_err(|cause| StartError::Listen { setting, address, cause })
}

fn serve(
    services: Services,
    config: &Config,
    timeouts: ShutdownTimeouts,
    draining: Draining,
    listener: TcpListener,
) -> Result<Server, StartError> {
    let settings = &config.http;
    let docs = settings.docs.then(Docs::new).transpose().map_err(StartError::Docs)?;
    let max_idle = settings.keep_alive.saturating_add(settings.header_timeout);
    let worker_config = config.clone();
    let server = HttpServer::new(move || {
        start_log_flusher();
        app(&services, &worker_config, docs.as_ref(), &draining)
    })
    .workers(settings.workers)
    .keep_alive(settings.keep_alive)
    .on_connect(move |io, data| idle_timeout::on_connect(io, data, max_idle))
    .client_request_timeout(settings.header_timeout)
    .disable_signals() // GracefulShutdown handles them.
    .shutdown_timeout(timeouts.drain_seconds());
    let server = match settings.tls_files() {
        Some((chain, key)) => server.listen_rustls_0_23(listener, tls::server_config(chain, key)?)?,
        None => server.listen(listener)?,
    };
    Ok(server.run())
}

/// Lets this worker thread write its log lines in batches.
#[expect(clippy::disallowed_methods, reason = "it belongs to no request")]
fn start_log_flusher() {
    rt::spawn(log_batch::run_flusher());
}

fn app(
    services: &Services,
    config: &Config,
    docs: Option<&Docs>,
    draining: &Draining,
) -> App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl MessageBody + use<>>,
        Error = Error,
        InitError = (),
    > + use<>,
> {
    let limits = BodyLimits { bytes: config.http.body_limit, time: config.http.body_timeout };
    let configure = |routes: &mut ServiceConfig| routes::configure(routes, services, limits, docs);
    // Not in development: it would break every other server on localhost.
    let requires_https = config.http.tls_files().is_some() && !config.is_dev();
    let faults = config.faults;
    let inject = move |request: ServiceRequest, next: Next<_>| inject_faults(faults, request, next);
    // From the innermost to the outermost.
    App::new()
        .app_data(TrustedProxies(config.http.trusted_proxies[..].into()))
        .configure(configure)
        .wrap(Condition::new(faults.is_enabled(), from_fn(inject)))
        .wrap(cors(&config.http.cors))
        .wrap(from_fn(error_shape))
        .wrap(security_headers(requires_https))
        .wrap(from_fn(cache_control))
        .wrap(from_fn(request_metrics))
        .wrap(from_fn(access_log))
        .wrap(from_fn(drain))
        .wrap(from_fn(idle_timeout))
        .app_data(Data::new(draining.clone()))
}
