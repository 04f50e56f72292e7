//! The headers that every answer has, whatever made it.

use actix_web::{http::header, middleware::DefaultHeaders};

/// For a year this host is asked by HTTPS alone.
const HTTPS_ONLY: &str = "max-age=31536000; includeSubDomains";

/// What browsers and caches are to do with answers. A handler that sets one of these itself is not overruled: HTML needs
/// a content security policy of its own.
pub fn defaults(is_tls: bool) -> DefaultHeaders {
    let headers = DefaultHeaders::new()
        // An answer is what its type says, and a page may neither run nor frame it.
        .add((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .add((header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"))
        // Pages of other origins read answers by CORS, and by nothing else.
        .add((header::CROSS_ORIGIN_RESOURCE_POLICY, "same-origin"))
        .add((header::REFERRER_POLICY, "no-referrer"))
        // Also where CORS adds nothing: a cache must not give one origin's answer to another.
        .add((header::VARY, "Origin"));
    if is_tls { headers.add((header::STRICT_TRANSPORT_SECURITY, HTTPS_ONLY)) } else { headers }
}
