//! No cache keeps what is somebody's own, or gives to those with a token what is made for everybody.

use actix_web::{
    Error,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::{
        Method,
        header::{AUTHORIZATION, CACHE_CONTROL, HeaderValue, VARY},
    },
    middleware::Next,
};

/// Forbids to store an answer that is made for the bearer of a token, or to a request that is more than a question:
/// those who register or log in are given a token. For all routes.
pub async fn security_headers<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let is_public =
        matches!(*request.method(), Method::GET | Method::HEAD) && !request.headers().contains_key(AUTHORIZATION);
    let mut response = next.call(request).await?;
    let headers = response.headers_mut();
    if is_public {
        headers.append(VARY, HeaderValue::from_static("Authorization"));
    } else {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    Ok(response)
}
