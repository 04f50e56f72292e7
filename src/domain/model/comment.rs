//! Comments on articles.

use chrono::{DateTime, Utc};

use super::profile::Profile;
use super::values::{CommentBody, CommentId, UserId};
use crate::domain::error::{Error, Resource};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    pub id: CommentId,
    pub body: CommentBody,
    pub created_at: DateTime<Utc>,
    /// Equals `created_at`: comments do not change.
    pub updated_at: DateTime<Utc>,
    pub author: Profile,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewComment {
    pub body: CommentBody,
    pub author: UserId,
    pub created_at: DateTime<Utc>,
}

/// Result of looking up the author of a comment on a given article.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommentAuthorship {
    NoArticle,
    NoComment,
    Found { author: UserId },
}

impl CommentAuthorship {
    pub fn require_author(self, user: UserId) -> Result<(), Error> {
        match self {
            Self::NoArticle => Err(Error::NotFound(Resource::Article)),
            Self::NoComment => Err(Error::NotFound(Resource::Comment)),
            Self::Found { author } if author != user => Err(Error::Forbidden(Resource::Comment)),
            Self::Found { .. } => Ok(()),
        }
    }
}
