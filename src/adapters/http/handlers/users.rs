//! Registration, log-in, and the user's own account.

use actix_web::web::Data;
use utoipa::OpenApi;

use crate::adapters::http::dto::errors::{Conflict, TooMany, Unauthorized};
use crate::adapters::http::dto::users::UserResponse;
use crate::adapters::http::extract::auth::{AuthUser, BearerToken, CurrentUser};
use crate::adapters::http::extract::body::Body;
use crate::adapters::http::headers::client_address::ClientAddress;
use crate::adapters::http::response::{HandlerResult, created, ok};
use crate::domain::model::user::{AccountChanges, Credentials, Registration};
use crate::domain::model::values::Client;
use crate::ports::services::UserService;

#[derive(OpenApi)]
#[openapi(paths(register, log_in, current, update))]
pub struct UserOperations;

type NewUserRequest = Body<Registration>;
type LoginUserRequest = Body<Credentials>;
type UpdateUserRequest = Body<AccountChanges>;

/// Register
///
/// Creates a user and logs it in.
#[utoipa::path(
    post, path = "/users", tag = "User and Authentication", operation_id = "CreateUser",
    request_body = NewUserRequest,
    responses((status = 201, description = "The new user with a token", body = UserResponse), Conflict, TooMany),
)]
pub async fn register(
    ClientAddress(address): ClientAddress,
    Body(registration): Body<Registration>,
    users: Data<dyn UserService>,
) -> HandlerResult {
    let user = users.register(registration, Client::at(address)).await?;
    created(&UserResponse::from(&user))
}

/// Log in
#[utoipa::path(
    post, path = "/users/login", tag = "User and Authentication", operation_id = "Login",
    request_body = LoginUserRequest,
    responses((status = 200, description = "The user with a token", body = UserResponse), Unauthorized, TooMany),
)]
pub async fn log_in(
    ClientAddress(address): ClientAddress,
    Body(credentials): Body<Credentials>,
    users: Data<dyn UserService>,
) -> HandlerResult {
    let user = users.log_in(credentials, Client::at(address)).await?;
    ok(&UserResponse::from(&user))
}

/// Get the current user
#[utoipa::path(
    get, path = "/user", tag = "User and Authentication", operation_id = "GetCurrentUser",
    security(("Token" = [])),
    responses((status = 200, description = "The user with a token, which is renewed after a hundredth of its lifetime", body = UserResponse)),
)]
pub async fn current(
    AuthUser(identity): AuthUser,
    BearerToken(token): BearerToken,
    users: Data<dyn UserService>,
) -> HandlerResult {
    let user = users.current(&identity, token).await?;
    ok(&UserResponse::from(&user))
}

/// Update the current user
///
/// Absent fields remain unchanged. A new password ends every other session.
#[utoipa::path(
    put, path = "/user", tag = "User and Authentication", operation_id = "UpdateCurrentUser",
    security(("Token" = [])), request_body = UpdateUserRequest,
    responses((status = 200, description = "The updated user with a new token", body = UserResponse), TooMany),
)]
pub async fn update(
    user: CurrentUser,
    Body(changes): Body<AccountChanges>,
    users: Data<dyn UserService>,
) -> HandlerResult {
    let user = users.update(&user.identity, changes).await?;
    ok(&UserResponse::from(&user))
}
