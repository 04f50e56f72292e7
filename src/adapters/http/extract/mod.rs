//! Extractors: what handlers receive of a request. Each documents itself in the OpenAPI document.

/// Implements `FromRequest` for types that are made from the head of a request.
macro_rules! from_head {
    ($($extractor:ident: $from_head:expr;)+) => {
        $(impl actix_web::FromRequest for $extractor {
            type Error = HttpError;
            type Future = std::future::Ready<Result<Self, HttpError>>;

            fn from_request(request: &HttpRequest, _: &mut actix_web::dev::Payload) -> Self::Future {
                let from_head: fn(&HttpRequest) -> Result<Self, HttpError> = $from_head;
                std::future::ready(from_head(request))
            }
        })+
    };
}

pub mod auth;
pub mod body;
pub mod list_query;
pub mod path;
