//! Access of web pages from other origins.

use actix_cors::Cors;
use actix_web::http::{Method, header};

use super::access_log::REQUEST_ID;
use crate::adapters::http::headers::idempotency_key::{IDEMPOTENCY_KEY, IDEMPOTENT_REPLAYED};
use crate::adapters::http::headers::trace_context::{TRACEPARENT, TRACESTATE};

/// Origins whose pages may read responses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AllowedOrigins {
    Any,
    These(Vec<String>),
}

/// Allows no credentials: pages set the token in a header themselves, and there are no cookies.
pub fn cors(origins: &AllowedOrigins) -> Cors {
    let cors = Cors::default()
        .allowed_methods([Method::GET, Method::POST, Method::PUT, Method::DELETE])
        .allowed_headers([
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            IDEMPOTENCY_KEY,
            REQUEST_ID,
            TRACEPARENT,
            TRACESTATE,
        ])
        .expose_headers([header::RETRY_AFTER, IDEMPOTENT_REPLAYED, REQUEST_ID, TRACEPARENT])
        .max_age(3600)
        .block_on_origin_mismatch(false);
    match origins {
        AllowedOrigins::Any => cors.allow_any_origin().send_wildcard(),
        AllowedOrigins::These(origins) => origins.iter().fold(cors, |cors, origin| cors.allowed_origin(origin)),
    }
}
