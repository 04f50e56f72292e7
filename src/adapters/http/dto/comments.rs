//! Comments in JSON.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    body::Payload,
    field::{Field, from_object},
    instant,
    profiles::ProfileJson,
};
use crate::{
    adapters::http::openapi::{examples, values},
    domain::model::{
        comment::Comment,
        values::{CommentBody, FieldErrors},
    },
};

/// `{"comment": {...}}`.
#[derive(Debug, Serialize, ToSchema)]
pub struct SingleCommentResponse<'a> {
    comment: CommentJson<'a>,
}

/// `{"comments": [...]}`.
#[derive(Debug, Serialize, ToSchema)]
pub struct MultipleCommentsResponse<'a> {
    comments: Vec<CommentJson<'a>>,
}

/// A comment.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Comment, examples(examples::comment))]
#[serde(rename_all = "camelCase")]
struct CommentJson<'a> {
    id: i64,
    #[serde(serialize_with = "instant::serialize")]
    created_at: DateTime<Utc>,
    #[serde(serialize_with = "instant::serialize")]
    updated_at: DateTime<Utc>,
    body: &'a str,
    author: ProfileJson<'a>,
}

impl<'a> From<&'a Comment> for CommentJson<'a> {
    fn from(comment: &'a Comment) -> Self {
        Self {
            id: comment.id.get(),
            created_at: comment.created_at,
            updated_at: comment.updated_at,
            body: comment.body.as_str(),
            author: (&comment.author).into(),
        }
    }
}

impl<'a> From<&'a Comment> for SingleCommentResponse<'a> {
    fn from(comment: &'a Comment) -> Self {
        Self { comment: comment.into() }
    }
}

impl<'a> From<&'a [Comment]> for MultipleCommentsResponse<'a> {
    fn from(comments: &'a [Comment]) -> Self {
        Self { comments: comments.iter().map(Into::into).collect() }
    }
}

/// The fields of a comment.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
pub struct CommentFields {
    #[schema(schema_with = values::comment_body)]
    body: Field<String>,
}

from_object!(CommentFields);

impl Payload for CommentBody {
    const KEY: &'static str = "comment";
    const NAME: &'static str = "NewComment";
    const REQUIRED: &'static [&'static str] = &["body"];
    type Fields = CommentFields;

    fn parse(fields: CommentFields) -> Result<Self, FieldErrors> {
        let mut errors = FieldErrors::default();
        fields.body.required("body", |text| Self::parse(&text), &mut errors).ok_or(errors)
    }
}
