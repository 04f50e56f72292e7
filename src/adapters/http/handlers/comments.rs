//! Comments on articles.

use actix_web::web::Data;

use super::HandlerResult;
use crate::{
    adapters::http::{
        dto::{
            body::Body,
            comments::{MultipleCommentsResponse, SingleCommentResponse},
            created, no_content, ok,
        },
        extract::{ArticlePath, AuthUser, CommentPath, CurrentUser, MaybeAuthUser},
        openapi::{
            bodies::NewCommentRequest,
            errors::{Forbidden, NotFound},
        },
    },
    domain::model::values::CommentBody,
    ports::services::CommentService,
};

/// List the comments on an article
///
/// Most recent first.
#[utoipa::path(
    get, path = "/articles/{slug}/comments", tag = "Comments", operation_id = "GetArticleComments",
    security((), ("Token" = [])), params(ArticlePath),
    responses((status = 200, description = "All of them", body = MultipleCommentsResponse), NotFound),
)]
pub async fn list(
    ArticlePath(article): ArticlePath,
    MaybeAuthUser(reader): MaybeAuthUser,
    comments: Data<dyn CommentService>,
) -> HandlerResult {
    let comments = comments.list(&article, reader.as_ref()).await?;
    ok(&MultipleCommentsResponse::from(comments.as_slice()))
}

/// Comment on an article
#[utoipa::path(
    post, path = "/articles/{slug}/comments", tag = "Comments", operation_id = "CreateArticleComment",
    security(("Token" = [])), params(ArticlePath), request_body = NewCommentRequest,
    responses((status = 201, description = "The new comment", body = SingleCommentResponse), NotFound),
)]
pub async fn add(
    ArticlePath(article): ArticlePath,
    author: CurrentUser,
    Body(body): Body<CommentBody>,
    comments: Data<dyn CommentService>,
) -> HandlerResult {
    let comment = comments.add(&article, &author.account, body).await?;
    created(&SingleCommentResponse::from(&comment))
}

/// Delete one's own comment
#[utoipa::path(
    delete, path = "/articles/{slug}/comments/{id}", tag = "Comments", operation_id = "DeleteArticleComment",
    security(("Token" = [])), params(CommentPath),
    responses((status = 204, description = "It is gone"), Forbidden, NotFound),
)]
pub async fn delete(
    CommentPath(article, id): CommentPath,
    AuthUser(reader): AuthUser,
    comments: Data<dyn CommentService>,
) -> HandlerResult {
    comments.delete(&article, id, &reader).await?;
    no_content()
}
