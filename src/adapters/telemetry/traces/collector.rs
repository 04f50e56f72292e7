//! HTTP client for the collector.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use ureq::Agent;
use ureq::tls::{Certificate, RootCerts, TlsConfig};

/// How long the collector may take for a batch.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Most bytes of a response that are read.
const MAX_RESPONSE: u64 = 1 << 20;

/// Blocking client, for a thread that does nothing else.
#[derive(Debug)]
pub struct Collector {
    agent: Agent,
    is_away: AtomicBool,
}

impl Collector {
    /// Trusts the system's certificate authorities.
    pub fn new() -> Self {
        let system = rustls_native_certs::load_native_certs().certs;
        let trusted = system.iter().map(|certificate| Certificate::from_der(certificate).to_owned()).collect();
        let tls = TlsConfig::builder().root_certs(RootCerts::Specific(Arc::new(trusted))).build();
        let config = Agent::config_builder().timeout_global(Some(TIMEOUT)).http_status_as_error(false).tls_config(tls);
        Self { agent: config.build().new_agent(), is_away: AtomicBool::new(false) }
    }

    fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, ureq::Error> {
        let (head, body) = request.into_parts();
        let (head, mut body) = self.agent.run(Request::from_parts(head, body.to_vec()))?.into_parts();
        let body = body.with_config().limit(MAX_RESPONSE).read_to_vec()?;
        Ok(Response::from_parts(head, body.into()))
    }

    /// Logs that the collector fails or works again, but not each failed batch.
    fn log_change(&self, failure: Option<String>) {
        let was_away = self.is_away.swap(failure.is_some(), Ordering::Relaxed);
        match (was_away, failure) {
            (false, Some(error)) => tracing::warn!(error, "traces are lost: the collector does not take them"),
            (true, None) => tracing::info!("the collector takes traces again"),
            _ => {}
        }
    }
}

#[async_trait]
impl HttpClient for Collector {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let response = self.send(request);
        self.log_change(match &response {
            Ok(response) if response.status().is_success() => None,
            Ok(response) => Some(response.status().to_string()),
            Err(error) => Some(error.to_string()),
        });
        Ok(response?)
    }
}
