//! Articles, favorites and tags.

use actix_web::web::Data;

use super::HandlerResult;
use crate::{
    adapters::http::{
        dto::{
            articles::{MultipleArticlesResponse, SingleArticleResponse, TagsResponse},
            body::Body,
            created, no_content, ok,
        },
        errors::HttpError,
        extract::{ArticlePath, AuthUser, CurrentUser, ListQuery, MaybeAuthUser},
        openapi::{
            bodies::{NewArticleRequest, UpdateArticleRequest},
            errors::{Forbidden, Invalid, NotFound},
            parameters::PageQuery,
        },
    },
    domain::model::article::{ArticleChanges, ArticleDraft},
    ports::services::{ArticleService, UserService},
};

/// List articles
///
/// Most recent first. Filters may be combined; an unknown name matches nothing.
#[utoipa::path(
    get, path = "/articles", tag = "Articles", operation_id = "GetArticles",
    security((), ("Token" = [])), params(ListQuery),
    responses((status = 200, description = "A page of them", body = MultipleArticlesResponse), Invalid),
)]
pub async fn list(
    query: ListQuery,
    MaybeAuthUser(reader): MaybeAuthUser,
    articles: Data<dyn ArticleService>,
) -> HandlerResult {
    let page = articles.list(&query.filter, reader.as_ref(), query.page).await?;
    ok(&MultipleArticlesResponse::from(&page))
}

/// List the articles of those whom one follows
///
/// Most recent first.
#[utoipa::path(
    get, path = "/articles/feed", tag = "Articles", operation_id = "GetArticlesFeed",
    security(("Token" = [])), params(PageQuery),
    responses((status = 200, description = "A page of them", body = MultipleArticlesResponse), Invalid),
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
            // Who asks is judged before what is asked.
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
    ArticlePath(slug): ArticlePath,
    MaybeAuthUser(reader): MaybeAuthUser,
    articles: Data<dyn ArticleService>,
) -> HandlerResult {
    let article = articles.show(&slug, reader.as_ref()).await?;
    ok(&SingleArticleResponse::from(&article))
}

/// Publish an article
///
/// Its slug is made of the title.
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

/// Update one's own article
///
/// An absent field stays as it is. A new title makes a new slug.
#[utoipa::path(
    put, path = "/articles/{slug}", tag = "Articles", operation_id = "UpdateArticle",
    security(("Token" = [])), params(ArticlePath), request_body = UpdateArticleRequest,
    responses((status = 200, description = "The article as it is now", body = SingleArticleResponse), Forbidden, NotFound),
)]
pub async fn update(
    ArticlePath(slug): ArticlePath,
    author: CurrentUser,
    Body(changes): Body<ArticleChanges>,
    articles: Data<dyn ArticleService>,
) -> HandlerResult {
    let article = articles.update(&slug, changes, &author.identity).await?;
    ok(&SingleArticleResponse::from(&article))
}

/// Delete one's own article
///
/// Its comments and favorites go with it.
#[utoipa::path(
    delete, path = "/articles/{slug}", tag = "Articles", operation_id = "DeleteArticle",
    security(("Token" = [])), params(ArticlePath),
    responses((status = 204, description = "It is gone"), Forbidden, NotFound),
)]
pub async fn delete(
    ArticlePath(slug): ArticlePath,
    AuthUser(author): AuthUser,
    articles: Data<dyn ArticleService>,
) -> HandlerResult {
    articles.delete(&slug, &author).await?;
    no_content()
}

/// Favorite an article
///
/// Doing it again changes nothing.
#[utoipa::path(
    post, path = "/articles/{slug}/favorite", tag = "Favorites", operation_id = "CreateArticleFavorite",
    security(("Token" = [])), params(ArticlePath),
    responses((status = 200, description = "The article, now a favorite", body = SingleArticleResponse), NotFound),
)]
pub async fn favorite(
    ArticlePath(slug): ArticlePath,
    AuthUser(reader): AuthUser,
    articles: Data<dyn ArticleService>,
) -> HandlerResult {
    let article = articles.favorite(&slug, &reader).await?;
    ok(&SingleArticleResponse::from(&article))
}

/// Unfavorite an article
///
/// Doing it again changes nothing.
#[utoipa::path(
    delete, path = "/articles/{slug}/favorite", tag = "Favorites", operation_id = "DeleteArticleFavorite",
    security(("Token" = [])), params(ArticlePath),
    responses((status = 200, description = "The article, no longer a favorite", body = SingleArticleResponse), NotFound),
)]
pub async fn unfavorite(
    ArticlePath(slug): ArticlePath,
    AuthUser(reader): AuthUser,
    articles: Data<dyn ArticleService>,
) -> HandlerResult {
    let article = articles.unfavorite(&slug, &reader).await?;
    ok(&SingleArticleResponse::from(&article))
}

/// List the tags
///
/// Those that some article carries, the most used first.
#[utoipa::path(
    get, path = "/tags", tag = "Tags", operation_id = "GetTags",
    responses((status = 200, description = "The tags", body = TagsResponse)),
)]
pub async fn tags(MaybeAuthUser(reader): MaybeAuthUser, articles: Data<dyn ArticleService>) -> HandlerResult {
    let tags = articles.tags(reader.as_ref()).await?;
    ok(&TagsResponse::from(tags.as_slice()))
}
