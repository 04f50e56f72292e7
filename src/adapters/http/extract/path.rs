//! Path parameters. A value that is not valid is looked up like any other, and not found.

use actix_web::HttpRequest;
use serde::Deserialize;
use utoipa::{
    IntoParams,
    openapi::{
        ObjectBuilder, Required,
        path::{Parameter, ParameterBuilder, ParameterIn},
        schema::Type,
    },
};

use crate::{
    adapters::http::errors::HttpError,
    domain::model::values::{CommentId, Slug, UsernameKey},
};

pub struct ArticlePath(pub Slug);

pub struct CommentPath(pub Slug, pub CommentId);

pub struct ProfilePath(pub UsernameKey);

from_head!(ArticlePath, CommentPath, ProfilePath);

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

impl ArticlePath {
    fn from_head(request: &HttpRequest) -> Result<Self, HttpError> {
        Ok(Self(Slug::for_lookup(&PathParams::decode(request).slug)))
    }
}

impl CommentPath {
    fn from_head(request: &HttpRequest) -> Result<Self, HttpError> {
        let params = PathParams::decode(request);
        // No comment has the id 0.
        let id = CommentId::parse(&params.id).unwrap_or(CommentId::new(0));
        Ok(Self(Slug::for_lookup(&params.slug), id))
    }
}

impl ProfilePath {
    fn from_head(request: &HttpRequest) -> Result<Self, HttpError> {
        Ok(Self(UsernameKey::for_lookup(&PathParams::decode(request).username)))
    }
}

impl IntoParams for ArticlePath {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        vec![parameter("slug", Type::String, "The article's slug", "how-to-train-your-dragon")]
    }
}

impl IntoParams for CommentPath {
    fn into_params(parameter_in: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let mut parameters = ArticlePath::into_params(parameter_in);
        parameters.push(parameter("id", Type::Integer, "The comment's id", 1));
        parameters
    }
}

impl IntoParams for ProfilePath {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        vec![parameter("username", Type::String, "The user's name, in any case", "jake")]
    }
}

fn parameter(name: &str, schema: Type, description: &str, example: impl Into<serde_json::Value>) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Path)
        .required(Required::True)
        .description(Some(description))
        .schema(Some(ObjectBuilder::new().schema_type(schema)))
        .example(Some(example.into()))
        .build()
}
