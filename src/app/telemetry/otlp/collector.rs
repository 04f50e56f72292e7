//! The way to the collector.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use ureq::{
    Agent,
    tls::{Certificate, RootCerts, TlsConfig},
};

/// How long the collector may take for a batch.
const DEADLINE: Duration = Duration::from_secs(10);

/// The most of its answer that is read.
const MAX_ANSWER: u64 = 1 << 20;

/// A client that waits for its answer: it belongs to a thread that has nothing else to do.
#[derive(Debug)]
pub struct Collector {
    agent: Agent,
    is_away: AtomicBool,
}

impl Collector {
    /// Trusts the authorities that the system trusts.
    pub fn new() -> Self {
        let system = rustls_native_certs::load_native_certs().certs;
        let trusted = system.iter().map(|certificate| Certificate::from_der(certificate).to_owned()).collect();
        let tls = TlsConfig::builder().root_certs(RootCerts::Specific(Arc::new(trusted))).build();
        let config = Agent::config_builder().timeout_global(Some(DEADLINE)).http_status_as_error(false).tls_config(tls);
        Self { agent: config.build().new_agent(), is_away: AtomicBool::new(false) }
    }

    fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, ureq::Error> {
        let (head, body) = request.into_parts();
        let (head, mut body) = self.agent.run(Request::from_parts(head, body.to_vec()))?.into_parts();
        let body = body.with_config().limit(MAX_ANSWER).read_to_vec()?;
        Ok(Response::from_parts(head, body.into()))
    }

    /// Tells when the collector goes and when it comes back, and not of each batch between.
    fn note(&self, failure: Option<String>) {
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
        let answer = self.send(request);
        self.note(match &answer {
            Ok(answer) if answer.status().is_success() => None,
            Ok(answer) => Some(answer.status().to_string()),
            Err(error) => Some(error.to_string()),
        });
        Ok(answer?)
    }
}
