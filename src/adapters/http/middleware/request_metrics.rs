//! Metrics of requests by method, route and the status that the client received.

pub mod request_stats;
pub mod route_metrics;

use std::rc::Rc;
use std::time::Instant;

use actix_web::HttpMessage;
use actix_web::body::MessageBody;
use actix_web::dev::{Payload, ServiceRequest};
use actix_web::http::Method;
use actix_web::middleware::Next;
use futures_util::TryStreamExt;
use metrics::{Gauge, gauge};

use self::request_stats::{Outcome, RequestStats};
use self::route_metrics::RouteMetrics;
use crate::adapters::http::response::MiddlewareResult;
use crate::adapters::telemetry::metrics::catalogue::REQUESTS_IN_FLIGHT;
use crate::adapters::telemetry::metrics::guards::InFlightGuard;

pub async fn request_metrics<B: MessageBody + 'static>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> MiddlewareResult<B> {
    let stats = RequestStats::get_or_insert(&request);
    let mut measurement = Measurement {
        start: Instant::now(),
        method: label(request.method()),
        has_body: count_body(&mut request, &stats),
        stats,
        outcome: None,
        _in_flight: InFlightGuard::new(IN_FLIGHT.with(Gauge::clone)),
    };
    let result = next.call(request).await;
    measurement.outcome = Some(Outcome::from_result(&result));
    result
}

/// A request in progress. It is recorded when dropped, so that cancellation and panics count too.
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

impl Drop for Measurement {
    fn drop(&mut self) {
        let duration = self.start.elapsed();
        let Outcome { status, response_size } = self.outcome.take().unwrap_or_else(Outcome::dropped);
        let request_size = self.has_body.then(|| self.stats.received_bytes.get());
        let record = |route: &RouteMetrics| route.record(self.method, status, duration, request_size, response_size);
        match self.stats.route_metrics.get() {
            Some(route) => record(route),
            None => RouteMetrics::with_unmatched(record),
        }
    }
}

/// Counts what is read of the body, if there is one; `Content-Length` may be wrong.
fn count_body(request: &mut ServiceRequest, stats: &Rc<RequestStats>) -> bool {
    let payload = match request.take_payload() {
        Payload::None => return false,
        payload => payload,
    };
    let stats = Rc::clone(stats);
    let counted = payload.inspect_ok(move |bytes| {
        let bytes = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        stats.received_bytes.set(stats.received_bytes.get().saturating_add(bytes));
    });
    request.set_payload(Payload::Stream { payload: Box::pin(counted) });
    true
}

/// Bounds the number of series: clients may send any word as a method.
fn label(method: &Method) -> &'static str {
    let known = ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"];
    known.into_iter().find(|name| method == name).unwrap_or("other")
}
