//! Articles, favorites and tags.

use actix_web::web::Data;
use utoipa::OpenApi;

use crate::adapters::http::dto::articles::{MultipleArticlesResponse, SingleArticleResponse, TagsResponse};
use crate::adapters::http::dto::errors::{Forbidden, Invalid, NotFound};
use crate::adapters::http::errors::HttpError;
use crate::adapters::http::extract::auth::{AuthUser, CurrentUser, MaybeAuthUser};
use crate::adapters::http::extract::body::Body;
use crate::adapters::http::extract::list_query::{FilterParams, ListQuery, PageParams};
use crate::adapters::http::extract::path::ArticlePath;
use crate::adapters::http::response::{HandlerResult, created, no_content, ok};
use crate::domain::model::article::{ArticleChanges, ArticleDraft};
use crate::ports::services::{ArticleService, UserService};

#[derive(OpenApi)]
#[openapi(paths(list, publish, feed, show, update, delete, favorite, unfavorite, tags))]
pub struct ArticleOperations;

// Aliases for the attributes, which accept no generic types.
type NewArticleRequest = Body<ArticleDraft>;
type UpdateArticleRequest = Body<ArticleChanges>;

/// List articles
///
/// Newest first. Filters may be combined; an unknown name matches nothing.
#[utoipa::path(
    get, path = "/articles", tag = "Articles", operation_id = "GetArticles",
    security((), ("Token" = [])), params(FilterParams, PageParams),
    responses((status = 200, description = "A page of articles", body = MultipleArticlesResponse), Invalid),
)]
pub async fn list(
    query: ListQuery,
    MaybeAuthUser(reader): MaybeAuthUser,
    articles: Data<dyn ArticleService>,
) -> HandlerResult {
    let page = articles.list(&query.filter, reader.as_ref(), query.page).await?;
    ok(&MultipleArticlesResponse::from(&page))
}

/// List the articles of followed users
///
/// Newest first.
#[utoipa::path(
    get, path = "/articles/feed", tag = "Articles", operation_id = "GetArticlesFeed",
    security(("Token" = [])), params(PageParams),
    responses((status = 200, description = "A page of articles", body = MultipleArticlesResponse), Invalid),
)]
pub async fn feed(
    query: Result<ListQuery, HttpError>,
    AuthUser(reader): AuthUser,
    articles: Data<dyn ArticleService>,
    users: Data<dyn UserService>,
) -> HandlerResult {
    let query = match query {
        Ok(query) => query,
        Err(error) => {
            // The statement of the feed would check the session; a 401 takes precedence over a 422.
            users.authenticate(&reader).await?;
            return Err(error);
        }
    };
    let page = articles.feed(&reader, query.page).await?;
    ok(&MultipleArticlesResponse::from(&page))
}

/// Get an article
#[utoipa::path(
    get, path = "/articles/{slug}", tag = "Articles", operation_id = "GetArticle",
    security((), ("Token" = [])), params(ArticlePath),
    responses((status = 200, description = "The article", body = SingleArticleResponse), NotFound),
)]
pub async fn show(
    ArticlePath { slug }: ArticlePath,
    MaybeAuthUser(reader): MaybeAuthUser,
    articles: Data<dyn ArticleService>,
) -> HandlerResult {
    let article = articles.show(&slug, reader.as_ref()).await?;
    ok(&SingleArticleResponse::from(&article))
}

/// Publish an article
///
/// Its slug is made from the title.
#[utoipa::path(
    post, path = "/articles", tag = "Articles", operation_id = "CreateArticle",
    security(("Token" = [])), request_body = NewArticleRequest,
    responses((status = 201, description = "The new article", body = SingleArticleResponse)),
)]
pub async fn publish(
    author: CurrentUser,
    Body(draft): Body<ArticleDraft>,
    articles: Data<dyn ArticleService>,
) -> HandlerResult {
    let article = articles.publish(&author.account, draft).await?;
    created(&SingleArticleResponse::from(&article))
}

/// Update an article
///
/// Only its author may. Absent fields remain unchanged. A new title results in a new slug.
#[utoipa::path(
    put, path = "/articles/{slug}", tag = "Articles", operation_id = "UpdateArticle",
    security(("Token" = [])), params(ArticlePath), request_body = UpdateArticleRequest,
    responses((status = 200, description = "The updated article", body = SingleArticleResponse), Forbidden, NotFound),
)]
pub async fn update(
    ArticlePath { slug }: ArticlePath,
    author: CurrentUser,
    Body(changes): Body<ArticleChanges>,
    articles: Data<dyn ArticleService>,
) -> HandlerResult {
    let article = articles.update(&slug, changes, &author.identity).await?;
    ok(&SingleArticleResponse::from(&article))
}

/// Delete an article
///
/// Only its author may. Its comments and favorites are deleted too.
#[utoipa::path(
    delete, path = "/articles/{slug}", tag = "Articles", operation_id = "DeleteArticle",
    security(("Token" = [])), params(ArticlePath),
    responses((status = 204, description = "The article is deleted"), Forbidden, NotFound),
)]
pub async fn delete(
    ArticlePath { slug }: ArticlePath,
    AuthUser(author): AuthUser,
    articles: Data<dyn ArticleService>,
) -> HandlerResult {
    articles.delete(&slug, &author).await?;
    no_content()
}

/// Favorite an article
///
/// Repeating it changes nothing.
#[utoipa::path(
    post, path = "/articles/{slug}/favorite", tag = "Favorites", operation_id = "CreateArticleFavorite",
    security(("Token" = [])), params(ArticlePath),
    responses((status = 200, description = "The article, now a favorite", body = SingleArticleResponse), NotFound),
)]
pub async fn favorite(
    ArticlePath { slug }: ArticlePath,
    AuthUser(reader): AuthUser,
    articles: Data<dyn ArticleService>,
) -> HandlerResult {
    let article = articles.favorite(&slug, &reader).await?;
    ok(&SingleArticleResponse::from(&article))
}

/// Unfavorite an article
///
/// Repeating it changes nothing.
#[utoipa::path(
    delete, path = "/articles/{slug}/favorite", tag = "Favorites", operation_id = "DeleteArticleFavorite",
    security(("Token" = [])), params(ArticlePath),
    responses((status = 200, description = "The article, no longer a favorite", body = SingleArticleResponse), NotFound),
)]
pub async fn unfavorite(
    ArticlePath { slug }: ArticlePath,
    AuthUser(reader): AuthUser,
    articles: Data<dyn ArticleService>,
) -> HandlerResult {
    let article = articles.unfavorite(&slug, &reader).await?;
    ok(&SingleArticleResponse::from(&article))
}

/// List the tags
///
/// Every tag in use, the most used first.
#[utoipa::path(
    get, path = "/tags", tag = "Tags", operation_id = "GetTags",
    responses((status = 200, description = "The tags", body = TagsResponse)),
)]
pub async fn tags(MaybeAuthUser(reader): MaybeAuthUser, articles: Data<dyn ArticleService>) -> HandlerResult {
    let tags = articles.tags(reader.as_ref()).await?;
    ok(&TagsResponse::from(tags.as_slice()))
}
