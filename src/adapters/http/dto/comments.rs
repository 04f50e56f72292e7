//! Comments in JSON.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::payload::{Field, Fields, Payload};
use super::profiles::ProfileJson;
use super::schemas::not_blank;
use super::{profiles, timestamp};
use crate::domain::model::comment::Comment;
use crate::domain::model::values::CommentBody;

#[derive(Debug, Serialize, ToSchema)]
pub struct SingleCommentResponse<'a> {
    comment: CommentJson<'a>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct MultipleCommentsResponse<'a> {
    comments: Vec<CommentJson<'a>>,
}

/// A comment on an article.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Comment, examples(example))]
#[serde(rename_all = "camelCase")]
struct CommentJson<'a> {
    id: i64,
    #[serde(serialize_with = "timestamp::serialize")]
    created_at: DateTime<Utc>,
    #[serde(serialize_with = "timestamp::serialize")]
    updated_at: DateTime<Utc>,
    body: &'a str,
    author: ProfileJson<'a>,
}

const EXAMPLE_BODY: &str = "With two hands!";

fn example() -> Value {
    json!({
        "id": 1,
        "createdAt": "2026-02-18T03:22:56.637Z",
        "updatedAt": "2026-02-18T03:22:56.637Z",
        "body": EXAMPLE_BODY,
        "author": profiles::example(),
    })
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

const BODY: Field = Field::text("body", || not_blank(EXAMPLE_BODY).into());

impl Payload for CommentBody {
    const KEY: &'static str = "comment";
    const SCHEMA: &'static str = "NewComment";
    const REQUIRED: &'static [Field] = &[BODY];

    fn parse(fields: &mut Fields) -> Option<Self> {
        fields.required(BODY, Self::parse)
    }
}
