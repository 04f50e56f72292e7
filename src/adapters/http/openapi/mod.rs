//! The OpenAPI document, generated from the attributes of handlers, their types, and [`modifiers`].

mod modifiers;

use utoipa::OpenApi;

use self::modifiers::{IdempotencyKeys, ImpliedErrors, MergeFlattened, TokenScheme};
use super::{
    dto::errors::ErrorBody,
    handlers::{articles, comments, profiles, users},
};

#[derive(OpenApi)]
#[openapi(
    info(title = "Conduit", description = include_str!("introduction.md")),
    servers((url = "/api", description = "This server")),
    tags(
        (name = "User and Authentication", description = "Registration, log-in, the user's own account"),
        (name = "Profile", description = "Users as others see them, and followers"),
        (name = "Articles", description = "Articles, lists of them, and the feed"),
        (name = "Favorites", description = "Articles that readers like"),
        (name = "Comments", description = "Comments on articles"),
        (name = "Tags", description = "Keywords of articles"),
    ),
    paths(
        users::register,
        users::log_in,
        users::current,
        users::update,
        profiles::show,
        profiles::follow,
        profiles::unfollow,
        articles::list,
        articles::publish,
        articles::feed,
        articles::show,
        articles::update,
        articles::delete,
        articles::favorite,
        articles::unfavorite,
        comments::list,
        comments::add,
        comments::delete,
        articles::tags,
    ),
    components(schemas(ErrorBody)),
    modifiers(&TokenScheme, &MergeFlattened, &IdempotencyKeys, &ImpliedErrors),
)]
struct Document;

pub fn pretty_json() -> Result<String, serde_json::Error> {
    Document::openapi().to_pretty_json()
}

pub fn json() -> Result<String, serde_json::Error> {
    Document::openapi().to_json()
}
