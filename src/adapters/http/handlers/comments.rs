//! Comments on articles.

use actix_web::web::Data;

use super::Answer;
use crate::{
    adapters::http::{
        dto::{
            body::Body,
            comments::{MultipleCommentsResponse, SingleCommentResponse},
            created, no_content, ok,
        },
        extract::{ArticlePath, Asker, Authenticated, CommentPath, Reader},
    },
    domain::model::values::CommentBody,
    ports::services::CommentService,
};

/// `GET /api/articles/{slug}/comments`
pub async fn list(
    ArticlePath(article): ArticlePath,
    Reader(reader): Reader,
    comments: Data<dyn CommentService>,
) -> Answer {
    let comments = comments.list(&article, reader.as_ref()).await?;
    ok(&MultipleCommentsResponse::from(comments.as_slice()))
}

/// `POST /api/articles/{slug}/comments`
pub async fn add(
    ArticlePath(article): ArticlePath,
    author: Authenticated,
    Body(body): Body<CommentBody>,
    comments: Data<dyn CommentService>,
) -> Answer {
    let comment = comments.add(&article, &author.account, body).await?;
    created(&SingleCommentResponse::from(&comment))
}

/// `DELETE /api/articles/{slug}/comments/{id}`
pub async fn delete(
    CommentPath(article, id): CommentPath,
    Asker(reader): Asker,
    comments: Data<dyn CommentService>,
) -> Answer {
    comments.delete(&article, id, &reader).await?;
    no_content()
}
