//! Who asks? One function per kind of route.
//!
//! A token comes as `Authorization: Token <jwt>` or `Bearer <jwt>`. Its signature and dates are judged here. Whether
//! its session still lives is judged by the statement that answers; on routes with a body a statement of its own asks
//! first, because what is wrong with the body is the business of those alone who may send it.

use actix_web::{
    Error as ActixError, HttpMessage,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::header::{AUTHORIZATION, HeaderMap},
    middleware::Next,
    web::Data,
};

use crate::{
    adapters::http::errors::HttpError,
    domain::{Error, model::user::Identity},
    ports::services::UserService,
};

type MiddlewareResult = Result<ServiceResponse<BoxBody>, ActixError>;

/// Whoever asks may, and a token that is not valid counts as none.
pub async fn optional(
    users: Data<dyn UserService>,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> MiddlewareResult {
    if let Ok(identity) = identify(&request, users.as_ref()) {
        request.extensions_mut().insert(identity);
    }
    Ok(next.call(request).await?.map_into_boxed_body())
}

/// Only with a valid token. The handler's statement MUST see to it that the session lives.
pub async fn required(
    users: Data<dyn UserService>,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> MiddlewareResult {
    match identify(&request, users.as_ref()) {
        Ok(identity) => {
            request.extensions_mut().insert(identity);
            Ok(next.call(request).await?.map_into_boxed_body())
        }
        Err(error) => Ok(request.error_response(error)),
    }
}

/// Only with a valid token of a living session, which is asked for before the body is looked at.
pub async fn with_account(
    users: Data<dyn UserService>,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> MiddlewareResult {
    let known = match identify(&request, users.as_ref()) {
        Ok(identity) => users.authenticate(&identity).await.map(|account| (identity, account)).map_err(HttpError::from),
        Err(error) => Err(error),
    };
    match known {
        Ok((identity, account)) => {
            request.extensions_mut().insert(identity);
            request.extensions_mut().insert(account);
            Ok(next.call(request).await?.map_into_boxed_body())
        }
        Err(error) => Ok(request.error_response(error)),
    }
}

fn identify(request: &ServiceRequest, users: &dyn UserService) -> Result<Identity, HttpError> {
    Ok(users.identify(sent_token(request.headers())?)?)
}

/// The token that came with a request.
pub fn sent_token(headers: &HeaderMap) -> Result<&str, HttpError> {
    let header = headers.get(AUTHORIZATION).ok_or_else(HttpError::missing_token)?;
    Ok(header.to_str().ok().and_then(token).ok_or(Error::InvalidToken)?)
}

/// The token behind a scheme that we know, in any case (RFC 9110, section 11.1).
fn token(header: &str) -> Option<&str> {
    let (scheme, token) = header.trim().split_once(' ')?;
    let is_known = ["Token", "Bearer"].iter().any(|known| scheme.eq_ignore_ascii_case(known));
    is_known.then(|| token.trim())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_scheme_is_known_in_any_case() {
        for header in ["Token a.b.c", "Bearer a.b.c", "token a.b.c", "BEARER  a.b.c "] {
            assert_eq!(token(header), Some("a.b.c"), "{header}");
        }
        for header in ["", "Token", "a.b.c", "Basic a.b.c", "Tokena.b.c"] {
            assert_eq!(token(header), None, "{header}");
        }
    }

    proptest! {
        #[test]
        fn a_token_is_the_end_of_its_header(header in "(?i:token|bearer|basic)?[ \t]{0,3}\\PC{0,40}") {
            if let Some(found) = token(&header) {
                prop_assert!(header.trim().ends_with(found) && found.trim() == found, "{:?}", found);
            }
        }
    }
}
