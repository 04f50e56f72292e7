//! Query parameters of article lists.

use actix_web::{HttpRequest, web};
use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::Type;
use utoipa::openapi::{ObjectBuilder, Required};

use crate::adapters::http::errors::HttpError;
use crate::domain::Error;
use crate::domain::model::article::ArticleFilter;
use crate::domain::model::values::{Page, Tag, UsernameKey};

/// Of a parameter that appears several times the last one counts; unknown parameters are ignored.
pub struct ListQuery {
    pub filter: ArticleFilter,
    pub page: Page,
}

/// The parameters of `filter` in the OpenAPI document.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes what ListQuery parses")]
pub struct FilterParams {
    /// Only articles with this tag
    #[param(required = false)]
    tag: String,
    /// Only articles by the user with this name
    #[param(required = false)]
    author: String,
    /// Only favorites of the user with this name
    #[param(required = false)]
    favorited: String,
}

/// The parameters of `page` in the OpenAPI document.
pub struct PageParams;

from_head! {
    ListQuery: |request| Self::parse(request.query_string());
}

impl ListQuery {
    fn parse(query: &str) -> Result<Self, HttpError> {
        let pairs = web::Query::<Vec<(String, String)>>::from_query(query);
        let pairs = pairs.map(web::Query::into_inner).unwrap_or_default();
        let (mut filter, mut limit, mut offset) = (ArticleFilter::default(), None, None);
        for (name, value) in &pairs {
            match name.as_str() {
                "tag" => filter.tag = Some(Tag::for_lookup(value)),
                "author" => filter.author = Some(UsernameKey::for_lookup(value)),
                "favorited" => filter.favorited_by = Some(UsernameKey::for_lookup(value)),
                "limit" => limit = Some(value.as_str()),
                "offset" => offset = Some(value.as_str()),
                _ => {}
            }
        }
        Ok(Self { filter, page: Page::parse(limit, offset).map_err(Error::from)? })
    }
}

impl IntoParams for PageParams {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let parameter = |name: &str, description: &str, minimum: i64, default: i64| {
            let schema = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(minimum));
            let parameter = ParameterBuilder::new().name(name).parameter_in(ParameterIn::Query);
            let parameter = parameter.required(Required::False).description(Some(description));
            parameter.schema(Some(schema.default(Some(default.into())))).build()
        };
        let page = Page::default();
        let limit = format!("The maximum number of articles; more than {} counts as {0}", Page::MAX_LIMIT);
        vec![
            parameter("limit", &limit, 1, page.limit()),
            parameter("offset", "The number of articles to skip", 0, page.offset()),
        ]
    }
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
