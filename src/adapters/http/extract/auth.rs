//! The user that [`middleware::auth`](crate::adapters::http::middleware::auth) has identified.

use actix_web::{HttpMessage, HttpRequest};

use crate::adapters::http::auth::bearer_token;
use crate::adapters::http::errors::HttpError;
use crate::domain::model::user::{Account, Identity};
use crate::ports::security::Token;

/// For routes with `auth::optional`.
pub struct MaybeAuthUser(pub Option<Identity>);

/// For routes with `auth::required`. The handler's statement checks the session.
pub struct AuthUser(pub Identity);

pub struct BearerToken(pub Token);

/// For routes with `auth::with_account`, which has checked the session.
pub struct CurrentUser {
    pub identity: Identity,
    pub account: Account,
}

/// Returns the identity on a route that requires a token.
pub fn identity(request: &HttpRequest) -> Result<Identity, HttpError> {
    request.extensions().get::<Identity>().copied().ok_or(HttpError::MissingToken)
}

from_head! {
    MaybeAuthUser: |request| Ok(Self(request.extensions().get::<Identity>().copied()));
    AuthUser: |request| identity(request).map(Self);
    BearerToken: |request| Ok(Self(Token::new(bearer_token(request.headers())?.to_owned())));
    CurrentUser: |request| {
        let identity = identity(request)?;
        let account = request.extensions().get::<Account>().cloned().ok_or(HttpError::MissingToken)?;
        Ok(Self { identity, account })
    };
}
