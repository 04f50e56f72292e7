//! One log line per request, and the span that all lines about it share: a request id and a trace,
//! which the response carries too.

use std::borrow::Cow;
use std::net::IpAddr;
use std::rc::Rc;
use std::time::Instant;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::InternalError;
use actix_web::http::header::{HOST, HeaderMap, HeaderName, HeaderValue, USER_AGENT};
use actix_web::http::{Method, Uri};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, HttpMessage};
use tracing::{Instrument, Span, error_span};

use super::request_metrics::request_stats::{Outcome, RequestStats};
use super::request_metrics::route_metrics::UNMATCHED;
use crate::adapters::http::headers::client_address::ClientAddress;
use crate::adapters::http::headers::trace_context::{TRACEPARENT, trace_headers};
use crate::adapters::http::response::MiddlewareResult;
use crate::adapters::telemetry::logs::log_batch;
use crate::adapters::telemetry::traces::propagation::Traceparent;
use crate::adapters::telemetry::traces::request::{Received, RequestTrace};
use crate::domain::model::user::Identity;
use crate::ports::clock::Randomness;

pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Longer ids of clients are replaced.
const MAX_ID_BYTES: usize = 128;

/// Longer paths and user agents are truncated in the log.
const MAX_TEXT_BYTES: usize = 1024;

pub async fn access_log<B: MessageBody + 'static>(
    randomness: Data<dyn Randomness>,
    request: ServiceRequest,
    next: Next<B>,
) -> MiddlewareResult<B> {
    let id = client_request_id(request.headers()).unwrap_or_else(|| new_request_id(randomness.as_ref()));
    // Probes are frequent and of no interest.
    let is_probe = matches!(request.path(), "/livez" | "/readyz");
    let trace = RequestTrace::start(trace_headers(request.headers()), !is_probe);
    let traceparent = trace.traceparent();
    let span = span(&id, &traceparent);
    let log = (!is_probe).then(|| RequestLog::begin(&request, trace.clone()));
    let response = async move {
        let result = next.call(request).await;
        if let Some(log) = log {
            log.end(&result);
            log_batch::flushed().await;
        }
        match result {
            Ok(mut response) => {
                add_response_headers(response.headers_mut(), id, traceparent);
                Ok(response)
            }
            Err(error) => {
                let mut response = error.error_response();
                add_response_headers(response.headers_mut(), id, traceparent);
                Err(InternalError::from_response(error, response).into())
            }
        }
    };
    trace.around(response).instrument(span).await
}

/// At the level of errors, no filter that admits a line removes the span.
fn span(id: &HeaderValue, traceparent: &Traceparent) -> Span {
    error_span!(
        target: "request",
        "request",
        request_id = id.to_str().ok(),
        trace_id = traceparent.trace_id(),
        span_id = traceparent.span_id(),
    )
}

fn describe(trace: &RequestTrace, request: &ServiceRequest, client: IpAddr) {
    let headers = request.headers();
    trace.describe(&Received {
        method: request.method().as_str(),
        path: &truncate(request.path().as_bytes()),
        scheme: if request.app_config().secure() { "https" } else { "http" },
        host: headers.get(HOST).and_then(|host| host.to_str().ok()),
        user_agent: headers.get(USER_AGENT).map(|name| truncate(name.as_bytes())).as_deref(),
        client,
    });
}

struct RequestLog {
    start: Instant,
    method: Method,
    uri: Uri,
    user_agent: Option<HeaderValue>,
    client: IpAddr,
    stats: Rc<RequestStats>,
    trace: RequestTrace,
    is_logged: bool,
}

impl RequestLog {
    fn begin(request: &ServiceRequest, trace: RequestTrace) -> Self {
        let client = ClientAddress::from_head(request.request()).0;
        if trace.is_exported() {
            describe(&trace, request, client);
        }
        Self {
            start: Instant::now(),
            method: request.method().clone(),
            uri: request.uri().clone(),
            user_agent: request.headers().get(USER_AGENT).cloned(),
            client,
            stats: RequestStats::get_or_insert(request),
            trace,
            is_logged: false,
        }
    }

    fn end<B: MessageBody>(mut self, result: &Result<ServiceResponse<B>, Error>) {
        self.is_logged = true;
        let extensions = result.as_ref().ok().map(|response| response.request().extensions());
        let identity = extensions.and_then(|extensions| extensions.get::<Identity>().copied());
        self.log(Outcome::from_result(result), identity.map(|identity| identity.user.get()));
    }

    /// Fields without a value are omitted.
    fn log(&self, outcome: Outcome, user_id: Option<i64>) {
        let milliseconds = self.start.elapsed().as_secs_f64() * 1e3;
        let user_agent = self.user_agent.as_ref().map(|name| truncate(name.as_bytes()));
        tracing::info!(
            target: "access",
            method = self.method.as_str(),
            route = self.stats.route(),
            path = &*truncate(self.uri.path().as_bytes()),
            status = outcome.status,
            duration_ms = (milliseconds * 1e3).round() / 1e3,
            bytes = outcome.response_size,
            user_id,
            client_ip = %self.client,
            user_agent = user_agent.as_deref(),
            "answered"
        );
        let route = Some(self.stats.route()).filter(|route| *route != UNMATCHED);
        self.trace.end(self.method.as_str(), route, outcome.status, outcome.response_size, user_id);
    }
}

impl Drop for RequestLog {
    fn drop(&mut self) {
        if !self.is_logged {
            self.log(Outcome::dropped(), None);
        }
    }
}

fn truncate(bytes: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(bytes.get(..MAX_TEXT_BYTES).unwrap_or(bytes))
}

fn add_response_headers(headers: &mut HeaderMap, id: HeaderValue, traceparent: Traceparent) {
    headers.insert(REQUEST_ID, id);
    if let Ok(traceparent) = HeaderValue::try_from(traceparent.into_text()) {
        headers.insert(TRACEPARENT, traceparent);
    }
}

/// Returns the client's id for the request, if it is short and needs no escaping.
fn client_request_id(headers: &HeaderMap) -> Option<HeaderValue> {
    let id = headers.get(REQUEST_ID)?;
    let is_allowed = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.:".contains(byte);
    ((1..=MAX_ID_BYTES).contains(&id.len()) && id.as_bytes().iter().all(is_allowed)).then(|| id.clone())
}

fn new_request_id(randomness: &dyn Randomness) -> HeaderValue {
    let id = format!("{:016x}{:016x}", randomness.bits(), randomness.bits());
    HeaderValue::from_str(&id).unwrap_or_else(|_| HeaderValue::from_static("none"))
}
