//! What handlers take from a request besides the body: who asks, and for what.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload, web};
use serde::Deserialize;

use super::{errors::HttpError, middleware::auth::sent_token};
use crate::{
    domain::{
        Error,
        model::{
            article::ArticleFilter,
            user::{Account, Identity},
            values::{CommentId, Page, Slug, Tag, UsernameKey},
        },
    },
    ports::security::Token,
};

/// Lets handlers take these, each made by its `of` from the head of the request alone.
macro_rules! from_request {
    ($($extractor:ident),+ $(,)?) => {
        $(impl FromRequest for $extractor {
            type Error = HttpError;
            type Future = Ready<Result<Self, HttpError>>;

            fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
                ready(Self::of(request))
            }
        })+
    };
}
from_request!(MaybeAuthUser, AuthUser, BearerToken, CurrentUser, ArticlePath, CommentPath, ProfilePath, ListQuery);

/// Who asks, if the token says so: on routes with [`optional`](super::middleware::jwt::optional) authentication.
pub struct MaybeAuthUser(pub Option<Identity>);

/// Who asks: on routes with [`required`](super::middleware::jwt::required) authentication, whose statement sees to it
/// that the session lives.
pub struct AuthUser(pub Identity);

/// The token that the request came with: on routes that need one.
pub struct BearerToken(pub Token);

/// Who asks, and the account: on routes with [`with_account`](super::middleware::jwt::with_account) authentication.
pub struct CurrentUser {
    /// The session.
    pub identity: Identity,
    /// Its user.
    pub account: Account,
}

impl MaybeAuthUser {
    fn of(request: &HttpRequest) -> Result<Self, HttpError> {
        Ok(Self(request.extensions().get::<Identity>().copied()))
    }
}

impl AuthUser {
    fn of(request: &HttpRequest) -> Result<Self, HttpError> {
        let identity = request.extensions().get::<Identity>().copied();
        identity.map(Self).ok_or_else(HttpError::missing_token)
    }
}

impl BearerToken {
    fn of(request: &HttpRequest) -> Result<Self, HttpError> {
        let token = sent_token(request.headers())?.to_owned();
        Ok(Self(Token::new(token)))
    }
}

impl CurrentUser {
    fn of(request: &HttpRequest) -> Result<Self, HttpError> {
        let extensions = request.extensions();
        let known = extensions.get::<Identity>().copied().zip(extensions.get::<Account>().cloned());
        known.map(|(identity, account)| Self { identity, account }).ok_or_else(HttpError::missing_token)
    }
}

/// The article that the path names; one that cannot be is one that does not exist.
pub struct ArticlePath(pub Slug);

/// The comment that the path names, and its article.
pub struct CommentPath(pub Slug, pub CommentId);

/// The user that the path names.
pub struct ProfilePath(pub UsernameKey);

/// The parts of the path that routes name; those that the route has not, or that are no UTF-8, are empty.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Parts {
    slug: String,
    id: String,
    username: String,
}

impl Parts {
    fn of(request: &HttpRequest) -> Self {
        request.match_info().load().unwrap_or_default()
    }
}

impl ArticlePath {
    fn of(request: &HttpRequest) -> Result<Self, HttpError> {
        Ok(Self(Slug::for_lookup(&Parts::of(request).slug)))
    }
}

impl CommentPath {
    fn of(request: &HttpRequest) -> Result<Self, HttpError> {
        // Ids begin at 1: what can be no id is that of no comment.
        let Parts { slug, id, .. } = Parts::of(request);
        let id = CommentId::parse(&id).unwrap_or(CommentId::new(0));
        Ok(Self(Slug::for_lookup(&slug), id))
    }
}

impl ProfilePath {
    fn of(request: &HttpRequest) -> Result<Self, HttpError> {
        Ok(Self(UsernameKey::for_lookup(&Parts::of(request).username)))
    }
}

/// Which articles, and which page of them, the query asks for.
#[derive(Debug)]
pub struct ListQuery {
    /// `tag`, `author` and `favorited`.
    pub filter: ArticleFilter,
    /// `limit` and `offset`.
    pub page: Page,
}

impl ListQuery {
    fn of(request: &HttpRequest) -> Result<Self, HttpError> {
        Self::parse(request.query_string())
    }
}

impl ListQuery {
    /// Of a parameter that comes twice the last one counts; unknown ones are ignored.
    fn parse(query: &str) -> Result<Self, HttpError> {
        let pairs =
            web::Query::<Vec<(String, String)>>::from_query(query).map(web::Query::into_inner).unwrap_or_default();
        let last = |name: &str| pairs.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        let page = Page::parse(last("limit"), last("offset")).map_err(Error::from)?;
        let filter = ArticleFilter {
            tag: last("tag").map(Tag::for_lookup),
            author: last("author").map(UsernameKey::for_lookup),
            favorited_by: last("favorited").map(UsernameKey::for_lookup),
        };
        Ok(Self { filter, page })
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

    proptest! {
        #[test]
        fn any_query_is_a_page_or_invalid(query in "(limit|offset|tag|author|[&=%+;0-9a-f-]|\\PC){0,12}") {
            match ListQuery::parse(&query) {
                Ok(ListQuery { page, .. }) => prop_assert!((1..=100).contains(&page.limit()) && page.offset() >= 0),
                Err(error) => prop_assert_eq!(error.status_code(), StatusCode::UNPROCESSABLE_ENTITY),
            }
        }

        #[test]
        fn what_is_encoded_is_read_as_it_was(tag: String, author: String, limit in 1..100_i64, offset in 0..i64::MAX) {
            let (first, second) = (encoded(&tag), encoded(&author));
            let query = ListQuery::parse(&format!("tag={first}&limit={limit}&author={second}&offset={offset}")).unwrap();
            prop_assert_eq!(query.filter.tag, Some(Tag::for_lookup(&tag)));
            prop_assert_eq!(query.filter.author, Some(UsernameKey::for_lookup(&author)));
            prop_assert_eq!((query.page.limit(), query.page.offset()), (limit, offset));
        }
    }
}
