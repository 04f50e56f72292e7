//! Authentication, one function per kind of route.
//!
//! The signature and the dates of the token are verified here. The statement that handles the
//! request checks the session, at no extra query. Routes with a body check it before, because a 401
//! takes precedence over an invalid body.

use actix_web::HttpMessage;
use actix_web::body::BoxBody;
use actix_web::dev::ServiceRequest;
use actix_web::middleware::Next;
use actix_web::web::Data;

use crate::adapters::http::auth::bearer_token;
use crate::adapters::http::errors::HttpError;
use crate::adapters::http::response::MiddlewareResult;
use crate::domain::model::user::{Account, Identity};
use crate::ports::services::UserService;

/// Accepts requests without a token, and treats an invalid token as none.
pub async fn optional(users: Data<dyn UserService>, request: ServiceRequest, next: Next<BoxBody>) -> MiddlewareResult {
    if let Ok(identity) = identify(&request, users.as_ref()) {
        request.extensions_mut().insert(identity);
    }
    next.call(request).await
}

/// Requires a valid token. The handler's statement MUST check the session.
pub async fn required(users: Data<dyn UserService>, request: ServiceRequest, next: Next<BoxBody>) -> MiddlewareResult {
    match identify(&request, users.as_ref()) {
        Ok(identity) => {
            request.extensions_mut().insert(identity);
            next.call(request).await
        }
        Err(error) => Ok(request.error_response(error)),
    }
}

/// Requires a valid token of a session that exists, and loads its account before the body is read.
pub async fn with_account(
    users: Data<dyn UserService>,
    request: ServiceRequest,
    next: Next<BoxBody>,
) -> MiddlewareResult {
    match load_account(&request, users.as_ref()).await {
        Ok((identity, account)) => {
            request.extensions_mut().insert(identity);
            request.extensions_mut().insert(account);
            next.call(request).await
        }
        Err(error) => Ok(request.error_response(error)),
    }
}

async fn load_account(request: &ServiceRequest, users: &dyn UserService) -> Result<(Identity, Account), HttpError> {
    let identity = identify(request, users)?;
    Ok((identity, users.authenticate(&identity).await?))
}

fn identify(request: &ServiceRequest, users: &dyn UserService) -> Result<Identity, HttpError> {
    Ok(users.identify(bearer_token(request.headers())?)?)
}
