//! The page of metrics, on a port that is never the public one.

use std::io;
use std::net::TcpListener;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::web::Data;
use actix_web::{App, HttpResponse, HttpServer};
use metrics::gauge;
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use metrics_process::Collector;

use crate::adapters::http::resource::get;
use crate::adapters::telemetry::metrics::catalogue;
use crate::adapters::telemetry::metrics::catalogue::BUILD_INFO;
use crate::adapters::telemetry::metrics::metric::{Kind, Metric};
use crate::ports::repositories::Store;

/// Interval at which samples are folded into histograms, which bounds memory without scrapes.
const UPKEEP_INTERVAL: Duration = Duration::from_secs(1);

/// Recorder of the process, which all applications share; tests run many.
static RECORDER: OnceLock<PrometheusHandle> = OnceLock::new();

/// Installs the recorder, unless it is installed. A metric's handle that is created earlier records
/// nothing.
pub fn install_recorder() -> Result<PrometheusHandle, BuildError> {
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
    catalogue::ALL.iter().for_each(Metric::describe);
    Collector::default().describe();
    Ok(RECORDER.get_or_init(|| recorder).clone())
}

pub fn record_build_info(engine: &'static str) {
    let revision = option_env!("CONDUIT_REVISION").unwrap_or("unknown");
    let version = env!("CARGO_PKG_VERSION");
    gauge!(BUILD_INFO.name, "version" => version, "revision" => revision, "engine" => engine).set(1);
}

/// Never returns.
pub async fn run_upkeep() {
    loop {
        tokio::time::sleep(UPKEEP_INTERVAL).await;
        if let Some(recorder) = RECORDER.get() {
            recorder.run_upkeep();
        }
    }
}

pub fn serve(listener: TcpListener, recorder: PrometheusHandle, store: Arc<dyn Store>) -> io::Result<Server> {
    let server = HttpServer::new(move || {
        App::new()
            .app_data(Data::new(recorder.clone()))
            .app_data(Data::from(Arc::clone(&store)))
            .app_data(Data::new(Collector::default()))
            .route("/metrics", get().to(metrics_page))
    });
    Ok(server.workers(1).disable_signals().listen(listener)?.run())
}

async fn metrics_page(
    recorder: Data<PrometheusHandle>,
    store: Data<dyn Store>,
    process: Data<Collector>,
) -> HttpResponse {
    store.record_metrics();
    process.collect();
    HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body(recorder.render())
}
