//! What handlers take from a request's path and query, as the extractors do.

use utoipa::{
    IntoParams,
    openapi::{
        Object, ObjectBuilder, Required,
        path::{Parameter, ParameterBuilder, ParameterIn},
        schema::Type,
    },
};

use crate::{
    adapters::http::extract::{ArticlePath, CommentPath, ListQuery, ProfilePath},
    domain::model::values::Page,
};

/// `limit` and `offset` alone, for lists without filters.
pub struct PageQuery;

impl IntoParams for ArticlePath {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        vec![path("slug", Type::String, "The article's slug", "how-to-train-your-dragon")]
    }
}

impl IntoParams for CommentPath {
    fn into_params(place: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let mut parameters = ArticlePath::into_params(place);
        parameters.push(path("id", Type::Integer, "The comment's id", 1));
        parameters
    }
}

impl IntoParams for ProfilePath {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        vec![path("username", Type::String, "The user's name, in any case", "jake")]
    }
}

impl IntoParams for ListQuery {
    fn into_params(place: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let text = || ObjectBuilder::new().schema_type(Type::String).build();
        let mut parameters = vec![
            query("tag", "Only articles that carry this tag", text()),
            query("author", "Only articles by the user of this name", text()),
            query("favorited", "Only articles that the user of this name favorited", text()),
        ];
        parameters.extend(PageQuery::into_params(place));
        parameters
    }
}

impl IntoParams for PageQuery {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let page = Page::default();
        let integer = |minimum: i64, default: i64| {
            let schema = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(minimum));
            schema.default(Some(default.into())).build()
        };
        let limit = format!("The most articles to answer; more than {} counts as {0}", Page::MAX_LIMIT);
        vec![
            query("limit", &limit, integer(1, page.limit())),
            query("offset", "How many articles to pass over", integer(0, page.offset())),
        ]
    }
}

/// The header by which a repeated request is known.
pub fn idempotency_key() -> Parameter {
    let about = "Makes the request safe to send again: it is carried out once, and its answer told again for 24 hours. \
                 A string of at most 255 characters; its quotes may be left out";
    ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(about))
        .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
        .build()
}

fn path(name: &str, kind: Type, about: &str, example: impl Into<serde_json::Value>) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Path)
        .required(Required::True)
        .description(Some(about))
        .schema(Some(ObjectBuilder::new().schema_type(kind)))
        .example(Some(example.into()))
        .build()
}

fn query(name: &str, about: &str, schema: Object) -> Parameter {
    let parameter = ParameterBuilder::new().name(name).parameter_in(ParameterIn::Query).required(Required::False);
    parameter.description(Some(about)).schema(Some(schema)).build()
}
