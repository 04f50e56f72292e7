//! The metrics on a port of their own, which is never the public one.

use std::{
    net::TcpListener,
    sync::{Arc, Mutex, OnceLock},
    time::Duration,
};

use actix_web::{
    App, HttpResponse, HttpServer,
    dev::Server,
    web::{self, Data},
};
use metrics::gauge;
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use metrics_process::Collector;

use crate::{
    adapters::telemetry::metrics::{
        catalogue::{self, BUILD_INFO},
        metric::{Kind, Metric},
    },
    ports::repositories::Store,
};

/// How often what was measured is folded into what is shown: often enough that memory stays small without a scrape.
const UPKEEP: Duration = Duration::from_secs(1);

/// The recorder of this process. The metrics macros record into one for all applications in it, of which tests have
/// many.
static RECORDER: OnceLock<PrometheusHandle> = OnceLock::new();

/// Why metrics cannot be exported.
#[derive(Debug, thiserror::Error)]
pub enum ExporterError {
    /// The recorder could not be installed.
    #[error(transparent)]
    Recorder(#[from] BuildError),
    /// The server could not be set up.
    #[error(transparent)]
    SetUp(#[from] std::io::Error),
}

/// Serves `GET /metrics`, with the measurements of this store up to date.
pub fn serve(
    listener: TcpListener,
    recorder: PrometheusHandle,
    store: Arc<dyn Store>,
) -> Result<Server, ExporterError> {
    let server = HttpServer::new(move || {
        App::new()
            .app_data(Data::new(recorder.clone()))
            .app_data(Data::from(Arc::clone(&store)))
            .app_data(Data::new(Collector::default()))
            .route("/metrics", web::get().to(exposition))
    });
    Ok(server.workers(1).disable_signals().listen(listener)?.run())
}

/// Shows what runs: this build, on this engine.
pub fn announce(engine: &'static str) {
    let revision = option_env!("CONDUIT_REVISION").unwrap_or("unknown");
    let version = env!("CARGO_PKG_VERSION");
    gauge!(BUILD_INFO.name, "version" => version, "revision" => revision, "engine" => engine).set(1);
}

/// Folds what was measured into what is shown, for ever.
pub async fn upkeep() {
    loop {
        tokio::time::sleep(UPKEEP).await;
        if let Some(recorder) = RECORDER.get() {
            recorder.run_upkeep();
        }
    }
}

/// The text format of Prometheus, version 0.0.4.
async fn exposition(
    recorder: Data<PrometheusHandle>,
    store: Data<dyn Store>,
    process: Data<Collector>,
) -> HttpResponse {
    store.record_metrics();
    process.collect();
    HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body(recorder.render())
}

/// Installs the recorder of this process. It comes before everything that is measured: a handle that is made before
/// records nothing.
///
/// # Errors
/// When another recorder is there already.
pub fn install() -> Result<PrometheusHandle, ExporterError> {
    // Two applications that start at once must not both install one.
    static INSTALLING: Mutex<()> = Mutex::new(());
    let _installing = INSTALLING.lock();
    if let Some(recorder) = RECORDER.get() {
        return Ok(recorder.clone());
    }
    let mut builder = PrometheusBuilder::new();
    for metric in catalogue::ALL {
        if let Kind::Histogram(buckets) = metric.kind {
            builder = builder.set_buckets_for_metric(Matcher::Full(metric.name.into()), buckets)?;
        }
    }
    let recorder = builder.install_recorder()?;
    catalogue::ALL.iter().for_each(Metric::introduce);
    Collector::default().describe();
    Ok(RECORDER.get_or_init(|| recorder).clone())
}
