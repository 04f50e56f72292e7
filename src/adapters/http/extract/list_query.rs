//! Query parameters of article lists.

use actix_web::{HttpRequest, web};
use utoipa::{
    IntoParams,
    openapi::{
        Object, ObjectBuilder, Required,
        path::{Parameter, ParameterBuilder, ParameterIn},
        schema::Type,
    },
};

use crate::{
    adapters::http::errors::HttpError,
    domain::{
        Error,
        model::{
            article::ArticleFilter,
            values::{Page, Tag, UsernameKey},
        },
    },
};

struct FilterParameter {
    name: &'static str,
    description: &'static str,
    set: fn(&mut ArticleFilter, &str),
}

const FILTERS: &[FilterParameter] = &[
    FilterParameter {
        name: "tag",
        description: "Only articles with this tag",
        set: |filter, value| filter.tag = Some(Tag::for_lookup(value)),
    },
    FilterParameter {
        name: "author",
        description: "Only articles by the user with this name",
        set: |filter, value| filter.author = Some(UsernameKey::for_lookup(value)),
    },
    FilterParameter {
        name: "favorited",
        description: "Only favorites of the user with this name",
        set: |filter, value| filter.favorited_by = Some(UsernameKey::for_lookup(value)),
    },
];

/// Of a parameter that appears several times the last one counts; unknown parameters are ignored.
#[derive(Debug)]
pub struct ListQuery {
    pub filter: ArticleFilter,
    pub page: Page,
}

/// `limit` and `offset`, in the OpenAPI document of lists without filters.
pub struct PageQuery;

from_head!(ListQuery);

impl ListQuery {
    fn from_head(request: &HttpRequest) -> Result<Self, HttpError> {
        Self::parse(request.query_string())
    }

    fn parse(query: &str) -> Result<Self, HttpError> {
        let pairs = web::Query::<Vec<(String, String)>>::from_query(query);
        let pairs = pairs.map(web::Query::into_inner).unwrap_or_default();
        let (mut filter, mut limit, mut offset) = (ArticleFilter::default(), None, None);
        for (name, value) in &pairs {
            match name.as_str() {
                "limit" => limit = Some(value.as_str()),
                "offset" => offset = Some(value.as_str()),
                name => {
                    if let Some(parameter) = FILTERS.iter().find(|parameter| parameter.name == name) {
                        (parameter.set)(&mut filter, value);
                    }
                }
            }
        }
        Ok(Self { filter, page: Page::parse(limit, offset).map_err(Error::from)? })
    }
}

impl IntoParams for ListQuery {
    fn into_params(parameter_in: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let text = || ObjectBuilder::new().schema_type(Type::String).build();
        let filters = FILTERS.iter().map(|filter| parameter(filter.name, filter.description, text()));
        filters.chain(PageQuery::into_params(parameter_in)).collect()
    }
}

impl IntoParams for PageQuery {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let page = Page::default();
        let integer = |minimum: i64, default: i64| {
            let schema = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(minimum));
            schema.default(Some(default.into())).build()
        };
        let limit = format!("The maximum number of articles; more than {} counts as {0}", Page::MAX_LIMIT);
        vec![
            parameter("limit", &limit, integer(1, page.limit())),
            parameter("offset", "The number of articles to skip", integer(0, page.offset())),
        ]
    }
}

fn parameter(name: &str, description: &str, schema: Object) -> Parameter {
    let parameter = ParameterBuilder::new().name(name).parameter_in(ParameterIn::Query).required(Required::False);
    parameter.description(Some(description)).schema(Some(schema)).build()
}

#[cfg(test)]
mod tests {
    use actix_web::{ResponseError, http::StatusCode};
    use proptest::prelude::*;

    use super::*;

    fn encoded(text: &str) -> String {
        text.bytes().map(|byte| format!("%{byte:02x}")).collect()
    }

    #[test]
    fn last_of_repeated_parameters_counts() {
        let query = ListQuery::parse("tag=a&limit=1&tag=b&limit=2&other=c").unwrap();
        assert_eq!((query.filter.tag, query.page.limit()), (Some(Tag::for_lookup("b")), 2));
    }

    proptest! {
        #[test]
        fn any_query_is_a_page_or_invalid(query in "(limit|offset|tag|author|[&=%+;0-9a-f-]|\\PC){0,12}") {
            match ListQuery::parse(&query) {
                Ok(ListQuery { page, .. }) => prop_assert!((1..=100).contains(&page.limit()) && page.offset() >= 0),
                Err(error) => prop_assert_eq!(error.status_code(), StatusCode::UNPROCESSABLE_ENTITY),
            }
        }

        #[test]
        fn encoded_values_are_decoded(tag: String, author: String, limit in 1..100_i64, offset in 0..i64::MAX) {
            let (first, second) = (encoded(&tag), encoded(&author));
            let query = ListQuery::parse(&format!("tag={first}&limit={limit}&author={second}&offset={offset}")).unwrap();
            prop_assert_eq!(query.filter.tag, Some(Tag::for_lookup(&tag)));
            prop_assert_eq!(query.filter.author, Some(UsernameKey::for_lookup(&author)));
            prop_assert_eq!((query.page.limit(), query.page.offset()), (limit, offset));
        }
    }
}
