//! Path parameters. A value that is not valid is looked up like any other, and not found.

use actix_web::HttpRequest;
use serde::Deserialize;
use utoipa::openapi::schema::Type;
use utoipa::openapi::{ObjectBuilder, RefOr, Schema};
use utoipa::{IntoParams, PartialSchema, ToSchema};

use crate::adapters::http::errors::HttpError;
use crate::domain::model::values::{CommentId, Slug, UsernameKey};

#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
pub struct ArticlePath {
    /// The article's slug
    #[param(value_type = String, example = "how-to-train-your-dragon")]
    pub slug: Slug,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
pub struct CommentPath {
    /// The article's slug
    #[param(value_type = String, example = "how-to-train-your-dragon")]
    pub slug: Slug,
    /// The comment's id
    #[param(value_type = Integer, inline, example = 1)]
    pub id: CommentId,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
pub struct ProfilePath {
    /// The user's name, in any case
    #[param(value_type = String, example = "jake")]
    pub username: UsernameKey,
}

/// The schema of an integer without a format.
struct Integer;

impl ToSchema for Integer {}

impl PartialSchema for Integer {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new().schema_type(Type::Integer).into()
    }
}

/// The parameters of all routes; those that a route does not have are empty.
#[derive(Default, Deserialize)]
#[serde(default)]
struct PathParams {
    slug: String,
    id: String,
    username: String,
}

impl PathParams {
    fn decode(request: &HttpRequest) -> Self {
        request.match_info().load().unwrap_or_default()
    }
}

from_head! {
    ArticlePath: |request| Ok(Self { slug: Slug::for_lookup(&PathParams::decode(request).slug) });
    CommentPath: |request| {
        let params = PathParams::decode(request);
        // No comment has the id 0.
        let id = CommentId::parse(&params.id).unwrap_or(CommentId::new(0));
        Ok(Self { slug: Slug::for_lookup(&params.slug), id })
    };
    ProfilePath: |request| Ok(Self { username: UsernameKey::for_lookup(&PathParams::decode(request).username) });
}
