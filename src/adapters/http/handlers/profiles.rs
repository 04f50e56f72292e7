//! Profiles and followers.

use actix_web::web::Data;
use utoipa::OpenApi;

use crate::adapters::http::dto::errors::{Invalid, NotFound};
use crate::adapters::http::dto::profiles::ProfileResponse;
use crate::adapters::http::extract::auth::{AuthUser, MaybeAuthUser};
use crate::adapters::http::extract::path::ProfilePath;
use crate::adapters::http::response::{HandlerResult, ok};
use crate::ports::services::ProfileService;

#[derive(OpenApi)]
#[openapi(paths(show, follow, unfollow))]
pub struct ProfileOperations;

/// Get a profile
#[utoipa::path(
    get, path = "/profiles/{username}", tag = "Profile", operation_id = "GetProfileByUsername",
    security((), ("Token" = [])), params(ProfilePath),
    responses((status = 200, description = "The profile", body = ProfileResponse), NotFound),
)]
pub async fn show(
    ProfilePath { username }: ProfilePath,
    MaybeAuthUser(reader): MaybeAuthUser,
    profiles: Data<dyn ProfileService>,
) -> HandlerResult {
    let profile = profiles.show(&username, reader.as_ref()).await?;
    ok(&ProfileResponse::from(&profile))
}

/// Follow a user
///
/// Users cannot follow themselves. Repeating it changes nothing.
#[utoipa::path(
    post, path = "/profiles/{username}/follow", tag = "Profile", operation_id = "FollowUserByUsername",
    security(("Token" = [])), params(ProfilePath),
    responses((status = 200, description = "The profile, now followed", body = ProfileResponse), NotFound, Invalid),
)]
pub async fn follow(
    ProfilePath { username }: ProfilePath,
    AuthUser(reader): AuthUser,
    profiles: Data<dyn ProfileService>,
) -> HandlerResult {
    let profile = profiles.follow(&username, &reader).await?;
    ok(&ProfileResponse::from(&profile))
}

/// Unfollow a user
///
/// Repeating it changes nothing.
#[utoipa::path(
    delete, path = "/profiles/{username}/follow", tag = "Profile", operation_id = "UnfollowUserByUsername",
    security(("Token" = [])), params(ProfilePath),
    responses((status = 200, description = "The profile, no longer followed", body = ProfileResponse), NotFound),
)]
pub async fn unfollow(
    ProfilePath { username }: ProfilePath,
    AuthUser(reader): AuthUser,
    profiles: Data<dyn ProfileService>,
) -> HandlerResult {
    let profile = profiles.unfollow(&username, &reader).await?;
    ok(&ProfileResponse::from(&profile))
}
