//! What ties together all that is known of a request: an id and a place in a trace, which the client gets back and
//! every line of the log carries; and the one line that says how the request ended.

use std::{borrow::Cow, net::IpAddr, rc::Rc, thread, time::Instant};

use actix_web::{
    Error, HttpMessage,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    error::InternalError,
    http::{
        Method, StatusCode, Uri,
        header::{HOST, HeaderMap, HeaderName, HeaderValue, USER_AGENT},
    },
    middleware::Next,
    web::Data,
};
use tracing::{Instrument, Span, error_span};

use super::request_metrics::{CLIENT_CLOSED_REQUEST, RequestStats, sent};
use crate::{
    adapters::{
        http::{
            client_address::ClientAddress,
            trace_context::{Sampling, TRACEPARENT, TRACESTATE, TraceContext, Traceparent},
        },
        telemetry::logs::log_batch,
    },
    domain::model::user::Identity,
    ports::clock::Randomness,
};

/// The header that carries the id.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The most characters of an id that a client sends; longer ones are replaced.
const MAX_ID: usize = 128;

/// The most bytes of a path and of the name of a program that are logged: a line has an end.
const MAX_TEXT: usize = 1024;

/// Logs one request; for all routes.
pub async fn access_log<B: MessageBody + 'static>(
    randomness: Data<dyn Randomness>,
    sampling: Data<Sampling>,
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let id = given_id(request.headers()).unwrap_or_else(|| new_id(randomness.as_ref()));
    // Probes ask all the time, and nobody asks about them.
    let is_probe = matches!(request.path(), "/livez" | "/readyz");
    let sampling = if is_probe { Sampling::NONE } else { **sampling };
    let trace = TraceContext::of(request.headers(), sampling, randomness.as_ref());
    let place = Traceparent::from(&trace);
    let span = span(&id, &trace, &place, &request);
    let access = (!is_probe).then(|| Access::begin(&request));
    async move {
        let result = next.call(request).await;
        if let Some(access) = access {
            access.end(&result);
            log_batch::flushed().await;
        }
        match result {
            Ok(mut response) => {
                add_response_headers(response.headers_mut(), id, place);
                Ok(response)
            }
            Err(error) => {
                let mut response = error.error_response();
                add_response_headers(response.headers_mut(), id, place);
                Err(InternalError::from_response(error, response).into())
            }
        }
    }
    .instrument(span)
    .await
}

/// What every line about a request carries. At the level of errors, so that no filter that lets a line pass leaves this
/// out. What begins with `otel.` is for the exporter of traces alone.
fn span(id: &HeaderValue, trace: &TraceContext, place: &Traceparent, request: &ServiceRequest) -> Span {
    let headers = request.headers();
    error_span!(
        target: "request",
        "request",
        request_id = id.to_str().ok(),
        trace_id = place.trace_id(),
        span_id = place.span_id(),
        otel.parent_id = trace.parent_id,
        otel.state = trace.parent_id.and_then(|_| headers.get(TRACESTATE)).and_then(|value| value.to_str().ok()),
        otel.sampled = trace.is_sampled,
        otel.host = headers.get(HOST).and_then(|value| value.to_str().ok()),
        otel.scheme = if request.app_config().secure() { "https" } else { "http" },
    )
}

/// A request until it is answered.
struct Access {
    start: Instant,
    method: Method,
    uri: Uri,
    user_agent: Option<HeaderValue>,
    client: IpAddr,
    stats: Rc<RequestStats>,
    is_over: bool,
}

impl Access {
    fn begin(request: &ServiceRequest) -> Self {
        Self {
            start: Instant::now(),
            method: request.method().clone(),
            uri: request.uri().clone(),
            user_agent: request.headers().get(USER_AGENT).cloned(),
            client: ClientAddress::of(request.request()).0,
            stats: RequestStats::of(request),
            is_over: false,
        }
    }

    fn end<B: MessageBody>(mut self, result: &Result<ServiceResponse<B>, Error>) {
        self.is_over = true;
        match result {
            Ok(response) => {
                let user = response.request().extensions().get::<Identity>().map(|identity| identity.user.get());
                self.log(response.status().as_u16(), sent(response), user);
            }
            Err(error) => self.log(error.as_response_error().status_code().as_u16(), None, None),
        }
    }

    /// The one line. A field that has no value is left out.
    fn log(&self, status: u16, bytes: Option<u32>, user_id: Option<i64>) {
        let milliseconds = self.start.elapsed().as_secs_f64() * 1e3;
        let user_agent = self.user_agent.as_ref().map(|name| clipped(name.as_bytes()));
        tracing::info!(
            target: "access",
            method = self.method.as_str(),
            route = self.stats.template(),
            path = &*clipped(self.uri.path().as_bytes()),
            status,
            duration_ms = (milliseconds * 1e3).round() / 1e3,
            bytes,
            user_id,
            client_ip = %self.client,
            user_agent = user_agent.as_deref(),
            "answered"
        );
    }
}

impl Drop for Access {
    /// Dropped before its end: the client went away, or the server did at the end of its patience.
    fn drop(&mut self) {
        if !self.is_over {
            let status =
                if thread::panicking() { StatusCode::INTERNAL_SERVER_ERROR.as_u16() } else { CLIENT_CLOSED_REQUEST };
            self.log(status, Some(0), None);
        }
    }
}

/// The beginning of what a client sent, whatever it is.
fn clipped(bytes: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(bytes.get(..MAX_TEXT).unwrap_or(bytes))
}

fn add_response_headers(headers: &mut HeaderMap, id: HeaderValue, place: Traceparent) {
    headers.insert(REQUEST_ID, id);
    if let Some(place) = place.into_header() {
        headers.insert(TRACEPARENT, place);
    }
}

/// The client's own id for the request, if it is fit for a log.
fn given_id(headers: &HeaderMap) -> Option<HeaderValue> {
    let id = headers.get(REQUEST_ID)?;
    let is_fit = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.:".contains(byte);
    ((1..=MAX_ID).contains(&id.len()) && id.as_bytes().iter().all(is_fit)).then(|| id.clone())
}

fn new_id(randomness: &dyn Randomness) -> HeaderValue {
    let id = format!("{:016x}{:016x}", randomness.bits(), randomness.bits());
    HeaderValue::from_str(&id).unwrap_or_else(|_| HeaderValue::from_static("none"))
}
