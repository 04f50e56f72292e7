//! Articles, favorites and tags.

use actix_web::web::Data;

use super::Answer;
use crate::{
    adapters::http::{
        dto::{
            articles::{MultipleArticlesResponse, SingleArticleResponse, TagsResponse},
            body::Body,
            created, no_content, ok,
        },
        errors::HttpError,
        extract::{ArticlePath, Asker, Authenticated, ListQuery, Reader},
    },
    domain::model::article::{ArticleChanges, Draft},
    ports::services::{ArticleService, UserService},
};

/// `GET /api/articles`
pub async fn list(query: ListQuery, Reader(reader): Reader, articles: Data<dyn ArticleService>) -> Answer {
    let page = articles.list(&query.filter, reader.as_ref(), query.page).await?;
    ok(&MultipleArticlesResponse::from(&page))
}

/// `GET /api/articles/feed`
pub async fn feed(
    query: Result<ListQuery, HttpError>,
    Asker(reader): Asker,
    articles: Data<dyn ArticleService>,
    users: Data<dyn UserService>,
) -> Answer {
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

/// `GET /api/articles/{slug}`
pub async fn show(
    ArticlePath(slug): ArticlePath,
    Reader(reader): Reader,
    articles: Data<dyn ArticleService>,
) -> Answer {
    let article = articles.show(&slug, reader.as_ref()).await?;
    ok(&SingleArticleResponse::from(&article))
}

/// `POST /api/articles`
pub async fn publish(author: Authenticated, Body(draft): Body<Draft>, articles: Data<dyn ArticleService>) -> Answer {
    let article = articles.publish(&author.account, draft).await?;
    created(&SingleArticleResponse::from(&article))
}

/// `PUT /api/articles/{slug}`
pub async fn update(
    ArticlePath(slug): ArticlePath,
    author: Authenticated,
    Body(changes): Body<ArticleChanges>,
    articles: Data<dyn ArticleService>,
) -> Answer {
    let article = articles.update(&slug, changes, &author.identity).await?;
    ok(&SingleArticleResponse::from(&article))
}

/// `DELETE /api/articles/{slug}`
pub async fn delete(
    ArticlePath(slug): ArticlePath,
    Asker(author): Asker,
    articles: Data<dyn ArticleService>,
) -> Answer {
    articles.delete(&slug, &author).await?;
    no_content()
}

/// `POST /api/articles/{slug}/favorite`
pub async fn favorite(
    ArticlePath(slug): ArticlePath,
    Asker(reader): Asker,
    articles: Data<dyn ArticleService>,
) -> Answer {
    let article = articles.favorite(&slug, &reader).await?;
    ok(&SingleArticleResponse::from(&article))
}

/// `DELETE /api/articles/{slug}/favorite`
pub async fn unfavorite(
    ArticlePath(slug): ArticlePath,
    Asker(reader): Asker,
    articles: Data<dyn ArticleService>,
) -> Answer {
    let article = articles.unfavorite(&slug, &reader).await?;
    ok(&SingleArticleResponse::from(&article))
}

/// `GET /api/tags`
pub async fn tags(articles: Data<dyn ArticleService>) -> Answer {
    let tags = articles.tags().await?;
    ok(&TagsResponse::from(tags.as_slice()))
}
