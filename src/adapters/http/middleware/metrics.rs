//! Counts and times every answer by method, route template and status.

use std::time::Instant;

use actix_web::{
    Error,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::Method,
    middleware::Next,
};
use metrics::{Unit, counter, describe_counter, describe_histogram, histogram};

/// Answers so far.
pub const REQUESTS: &str = "http_server_requests_total";
/// How long they took.
pub const DURATION: &str = "http_server_request_duration_seconds";

/// Says what the metrics mean.
pub fn describe() {
    describe_counter!(REQUESTS, Unit::Count, "Answers by method, route template and status.");
    describe_histogram!(
        DURATION,
        Unit::Seconds,
        "Time from the request's head to the answer's, by method, route template and status."
    );
}

/// Measures one request; for all routes.
pub async fn measured<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let start = Instant::now();
    let method = method_label(request.method());
    let result = next.call(request).await;
    let (route, status) = match &result {
        Ok(response) => (response.request().match_pattern(), response.status()),
        Err(error) => (None, error.as_response_error().status_code()),
    };
    let labels = [
        ("method", method.into()),
        ("route", route.map_or_else(|| "unmatched".into(), metrics::SharedString::from)),
        ("status", metrics::SharedString::from(status.as_str().to_owned())),
    ];
    counter!(REQUESTS, &labels).increment(1);
    histogram!(DURATION, &labels).record(start.elapsed().as_secs_f64());
    result
}

/// The method, if it is one that somebody defined: clients may send any word, and every word would be a series of its
/// own.
fn method_label(method: &Method) -> &'static str {
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
