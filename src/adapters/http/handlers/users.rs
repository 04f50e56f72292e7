//! Registering, logging in, and one's own account.

use actix_web::web::Data;

use super::HandlerResult;
use crate::{
    adapters::http::{
        client_address::ClientAddress,
        dto::{body::Body, created, ok, users::UserResponse},
        extract::{AuthUser, BearerToken, CurrentUser},
        openapi::{
            bodies::{LoginUserRequest, NewUserRequest, UpdateUserRequest},
            errors::{Conflict, TooMany, Unauthorized},
        },
    },
    domain::model::{
        user::{AccountChanges, Credentials, Registration},
        values::Client,
    },
    ports::services::UserService,
};

/// Register
///
/// Makes a user and logs it in.
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
    responses((status = 200, description = "The user with a token that is good for as long as a new one, or a hundredth less", body = UserResponse)),
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
/// An absent field stays as it is. A new password ends every other session.
#[utoipa::path(
    put, path = "/user", tag = "User and Authentication", operation_id = "UpdateCurrentUser",
    security(("Token" = [])), request_body = UpdateUserRequest,
    responses((status = 200, description = "The user as it is now, with a fresh token", body = UserResponse), TooMany),
)]
pub async fn update(
    user: CurrentUser,
    Body(changes): Body<AccountChanges>,
    users: Data<dyn UserService>,
) -> HandlerResult {
    let user = users.update(&user.identity, changes).await?;
    ok(&UserResponse::from(&user))
}
