//! Security headers of every response.

use actix_web::http::header;
use actix_web::middleware::DefaultHeaders;

/// Returns headers that a handler may override: HTML needs a content security policy of its own.
///
/// `requires_https` makes browsers use HTTPS alone for this host, its other ports and its
/// subdomains, for a year.
pub fn security_headers(requires_https: bool) -> DefaultHeaders {
    let headers = DefaultHeaders::new()
        .add((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .add((header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"))
        // Other origins read responses through CORS only.
        .add((header::CROSS_ORIGIN_RESOURCE_POLICY, "same-origin"))
        .add((header::REFERRER_POLICY, "no-referrer"))
        // Also where CORS adds nothing, so that caches keep origins apart.
        .add((header::VARY, "Origin"));
    if requires_https {
        headers.add((header::STRICT_TRANSPORT_SECURITY, "max-age=31536000; includeSubDomains"))
    } else {
        headers
    }
}
