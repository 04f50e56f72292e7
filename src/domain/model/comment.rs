//! Comments on articles.

use chrono::{DateTime, Utc};

use super::{
    profile::Profile,
    values::{CommentBody, CommentId, UserId},
};
use crate::domain::{Error, Resource};

/// A comment as a reader sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// Its number, below 2^53 so that every JSON reader holds it exactly.
    pub id: CommentId,
    /// The text.
    pub body: CommentBody,
    /// When it was written.
    pub created_at: DateTime<Utc>,
    /// When it was last changed, which is when it was written: comments do not change.
    pub updated_at: DateTime<Utc>,
    /// Who wrote it, as the reader sees the author.
    pub author: Profile,
}

/// A comment about to be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewComment {
    /// The text.
    pub body: CommentBody,
    /// Who wrote it.
    pub author: UserId,
    /// When it was written.
    pub created_at: DateTime<Utc>,
}

/// What deciding about the deletion of a comment takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommentHead {
    /// There is no such article.
    NoArticle,
    /// The article has no such comment.
    NoComment,
    /// The comment is there.
    Found {
        /// Who wrote it.
        author: UserId,
    },
}

impl CommentHead {
    /// Only the author of a comment deletes it.
    ///
    /// # Errors
    /// [`Error::NotFound`] for what does not exist, [`Error::Forbidden`] for anybody but the author.
    pub fn must_belong_to(self, user: UserId) -> Result<(), Error> {
        match self {
            Self::NoArticle => Err(Error::NotFound(Resource::Article)),
            Self::NoComment => Err(Error::NotFound(Resource::Comment)),
            Self::Found { author } if author != user => Err(Error::Forbidden(Resource::Comment)),
            Self::Found { .. } => Ok(()),
        }
    }
}
