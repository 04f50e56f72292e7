//! One span and one line in the log per request, and an id that ties them to what the client saw.

use std::time::Instant;

use actix_web::{
    Error,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::header::{HeaderName, HeaderValue},
    middleware::Next,
    web::Data,
};
use tracing::{Instrument, info_span};

use crate::ports::clock::Randomness;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The most characters of an id that a client sends; longer ones are replaced.
const MAX_ID: usize = 128;

/// Logs one request; for all routes.
pub async fn logged<B: MessageBody + 'static>(
    randomness: Data<dyn Randomness>,
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let start = Instant::now();
    let id = given_id(&request).unwrap_or_else(|| new_id(randomness.as_ref()));
    let span = info_span!("request", request_id = id.to_str().unwrap_or_default(), method = %request.method());
    let path = request.path().to_owned();
    async move {
        let mut result = next.call(request).await;
        let status = match &mut result {
            Ok(response) => {
                response.headers_mut().insert(REQUEST_ID, id);
                response.status()
            }
            Err(error) => error.as_response_error().status_code(),
        };
        let milliseconds = start.elapsed().as_secs_f64() * 1e3;
        tracing::info!(path, status = status.as_u16(), duration_ms = (milliseconds * 1e3).round() / 1e3, "answered");
        result
    }
    .instrument(span)
    .await
}

/// The client's own id for the request, if it is fit for a log.
fn given_id(request: &ServiceRequest) -> Option<HeaderValue> {
    let id = request.headers().get(REQUEST_ID)?;
    let is_fit = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.:".contains(byte);
    ((1..=MAX_ID).contains(&id.len()) && id.as_bytes().iter().all(is_fit)).then(|| id.clone())
}

fn new_id(randomness: &dyn Randomness) -> HeaderValue {
    let id = format!("{:016x}{:016x}", randomness.bits(), randomness.bits());
    HeaderValue::from_str(&id).unwrap_or_else(|_| HeaderValue::from_static("none"))
}
