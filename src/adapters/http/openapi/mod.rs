//! The OpenAPI document, generated from the attributes of handlers, their types, and `modifiers`.

mod modifiers;

use utoipa::{OpenApi, openapi};

use self::modifiers::{add_idempotency_keys, add_implied_errors, add_token_scheme, merge_flattened};
use super::dto::errors::ErrorBody;
use super::handlers::articles::ArticleOperations;
use super::handlers::comments::CommentOperations;
use super::handlers::profiles::ProfileOperations;
use super::handlers::users::UserOperations;

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
    components(schemas(ErrorBody)),
)]
struct Document;

pub fn pretty_json() -> Result<String, serde_json::Error> {
    document().to_pretty_json()
}

pub fn json() -> Result<String, serde_json::Error> {
    document().to_json()
}

fn document() -> openapi::OpenApi {
    let mut document = Document::openapi();
    document.merge(UserOperations::openapi());
    document.merge(ProfileOperations::openapi());
    document.merge(ArticleOperations::openapi());
    document.merge(CommentOperations::openapi());
    add_token_scheme(&mut document);
    merge_flattened(&mut document);
    add_idempotency_keys(&mut document);
    add_implied_errors(&mut document);
    document
}
