//! Counts and times every request by method, route and the status that the client got.
//!
//! A request is recorded when its measurement is dropped, whatever ends it: an answer, a client that went away, a
//! panic.

mod request_stats;
mod route;

use std::{rc::Rc, thread, time::Instant};

use actix_web::{
    Error, HttpMessage,
    body::MessageBody,
    dev::{Payload, ServiceRequest, ServiceResponse},
    http::{Method, StatusCode},
    middleware::Next,
};
use futures_util::TryStreamExt;
use metrics::{Gauge, gauge};

pub use self::request_stats::CLIENT_CLOSED_REQUEST;
pub use self::request_stats::RequestStats;
pub use self::request_stats::sent;
pub use self::route::Route;
use crate::adapters::telemetry::metrics::{catalogue::REQUESTS_IN_FLIGHT, guards::InFlightGuard};

/// Measures one request; for all routes.
pub async fn request_metrics<B: MessageBody + 'static>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let mut measurement = Measurement::start(&mut request);
    let result = next.call(request).await;
    measurement.outcome = Some(match &result {
        Ok(response) => Outcome { status: response.status(), size: sent(response) },
        Err(error) => Outcome { status: error.as_response_error().status_code(), size: None },
    });
    result
}

/// How a request was answered, with as many bytes as are known.
struct Outcome {
    status: StatusCode,
    size: Option<u32>,
}

/// A request that is being answered.
struct Measurement {
    start: Instant,
    method: &'static str,
    has_body: bool,
    stats: Rc<RequestStats>,
    outcome: Option<Outcome>,
    _in_flight: InFlightGuard,
}

thread_local! {
    static IN_FLIGHT: Gauge = gauge!(REQUESTS_IN_FLIGHT.name);
}

impl Measurement {
    fn start(request: &mut ServiceRequest) -> Self {
        let stats = RequestStats::of(request);
        Self {
            start: Instant::now(),
            method: label(request.method()),
            has_body: count_body(request, &stats),
            stats,
            outcome: None,
            _in_flight: InFlightGuard::new(IN_FLIGHT.with(Gauge::clone)),
        }
    }
}

impl Drop for Measurement {
    fn drop(&mut self) {
        let duration = self.start.elapsed();
        let (status, sent) = match &self.outcome {
            Some(outcome) => (outcome.status.as_u16(), outcome.size),
            None if thread::panicking() => (StatusCode::INTERNAL_SERVER_ERROR.as_u16(), None),
            None => (CLIENT_CLOSED_REQUEST, Some(0)),
        };
        let received = self.has_body.then(|| self.stats.received.get());
        let record = |route: &Route| route.record(self.method, status, duration, received, sent);
        match self.stats.route.get() {
            Some(route) => record(route),
            None => Route::with_unmatched(record),
        }
    }
}

/// Counts what is read of the request's body, if it has one. What a client announces is not believed.
fn count_body(request: &mut ServiceRequest, stats: &Rc<RequestStats>) -> bool {
    let payload = match request.take_payload() {
        Payload::None => return false,
        payload => payload,
    };
    let stats = Rc::clone(stats);
    let counted = payload.inspect_ok(move |bytes| {
        let bytes = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        stats.received.set(stats.received.get().saturating_add(bytes));
    });
    request.set_payload(Payload::Stream { payload: Box::pin(counted) });
    true
}

/// The method, if it is one that somebody defined: clients may send any word, and every word would be a series of its
/// own.
fn label(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        Method::PATCH => "PATCH",
        Method::HEAD => "HEAD",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}
