//! Security headers of every response.

use actix_web::http::header;
use actix_web::middleware::DefaultHeaders;

/// Returns headers that a handler may override: HTML needs a content security policy of its own.
pub fn security_headers(is_tls: bool) -> DefaultHeaders {
    let headers = DefaultHeaders::new()
        .add((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .add((header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"))
        // Other origins read responses through CORS only.
        .add((header::CROSS_ORIGIN_RESOURCE_POLICY, "same-origin"))
        .add((header::REFERRER_POLICY, "no-referrer"))
        // Also where CORS adds nothing, so that caches keep origins apart.
        .add((header::VARY, "Origin"));
    if is_tls {
        headers.add((header::STRICT_TRANSPORT_SECURITY, "max-age=31536000; includeSubDomains"))
    } else {
        headers
    }
}
