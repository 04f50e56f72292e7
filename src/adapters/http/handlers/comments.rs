//! Comments on articles.

use actix_web::web::Data;
use utoipa::OpenApi;

use crate::adapters::http::dto::comments::{MultipleCommentsResponse, SingleCommentResponse};
use crate::adapters::http::dto::errors::{Forbidden, NotFound};
use crate::adapters::http::extract::auth::{AuthUser, CurrentUser, MaybeAuthUser};
use crate::adapters::http::extract::body::Body;
use crate::adapters::http::extract::path::{ArticlePath, CommentPath};
use crate::adapters::http::response::{HandlerResult, created, no_content, ok};
use crate::domain::model::values::CommentBody;
use crate::ports::services::CommentService;

#[derive(OpenApi)]
#[openapi(paths(list, add, delete))]
pub struct CommentOperations;

type NewCommentRequest = Body<CommentBody>;

/// List the comments on an article
///
/// Newest first.
#[utoipa::path(
    get, path = "/articles/{slug}/comments", tag = "Comments", operation_id = "GetArticleComments",
    security((), ("Token" = [])), params(ArticlePath),
    responses((status = 200, description = "All comments", body = MultipleCommentsResponse), NotFound),
)]
pub async fn list(
    ArticlePath { slug: article }: ArticlePath,
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
    ArticlePath { slug: article }: ArticlePath,
    author: CurrentUser,
    Body(body): Body<CommentBody>,
    comments: Data<dyn CommentService>,
) -> HandlerResult {
    let comment = comments.add(&article, &author.account, body).await?;
    created(&SingleCommentResponse::from(&comment))
}

/// Delete a comment
///
/// Only its author may.
#[utoipa::path(
    delete, path = "/articles/{slug}/comments/{id}", tag = "Comments", operation_id = "DeleteArticleComment",
    security(("Token" = [])), params(CommentPath),
    responses((status = 204, description = "The comment is deleted"), Forbidden, NotFound),
)]
pub async fn delete(
    CommentPath { slug: article, id }: CommentPath,
    AuthUser(reader): AuthUser,
    comments: Data<dyn CommentService>,
) -> HandlerResult {
    comments.delete(&article, id, &reader).await?;
    no_content()
}
