//! Keeps personal responses out of caches, and cached ones from users with a token.

use actix_web::body::MessageBody;
use actix_web::dev::ServiceRequest;
use actix_web::http::{Method, header};
use actix_web::middleware::Next;

use crate::adapters::http::response::MiddlewareResult;

/// Allows storing responses to GET and HEAD without a token: other responses may contain one.
pub async fn cache_control<B: MessageBody + 'static>(request: ServiceRequest, next: Next<B>) -> MiddlewareResult<B> {
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    let is_public = is_read && !request.headers().contains_key(header::AUTHORIZATION);
    let mut response = next.call(request).await?;
    let headers = response.headers_mut();
    if is_public {
        headers.append(header::VARY, header::HeaderValue::from_static("Authorization"));
    } else {
        headers.insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
    }
    Ok(response)
}
