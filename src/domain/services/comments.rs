//! Talking about articles.

use std::sync::Arc;

use async_trait::async_trait;

use crate::{
    domain::{
        Error, Resource,
        model::{
            comment::{Comment, NewComment},
            user::{Account, Identity},
            values::{CommentBody, CommentId, Slug},
        },
    },
    ports::{clock::Clock, repositories::CommentRepository, services::CommentService},
};

const NO_ARTICLE: Error = Error::NotFound(Resource::Article);

/// The use cases around comments.
pub struct Comments {
    comments: Arc<dyn CommentRepository>,
    clock: Arc<dyn Clock>,
}

impl Comments {
    /// Comments in this store, dated by this clock.
    pub fn new(comments: Arc<dyn CommentRepository>, clock: Arc<dyn Clock>) -> Self {
        Self { comments, clock }
    }
}

#[async_trait]
impl CommentService for Comments {
    async fn list<'a>(&self, article: &Slug, reader: Option<&'a Identity>) -> Result<Vec<Comment>, Error> {
        self.comments.list(article, reader).await?.ok_or(NO_ARTICLE)
    }

    async fn add(&self, article: &Slug, author: &Account, body: CommentBody) -> Result<Comment, Error> {
        let now = self.clock.now();
        let comment = NewComment { body: body.clone(), author: author.id, created_at: now };
        let id = self.comments.insert(article, comment).await?.ok_or(NO_ARTICLE)?;
        Ok(Comment { id, body, created_at: now, updated_at: now, author: author.own_profile() })
    }

    async fn delete(&self, article: &Slug, id: CommentId, reader: &Identity) -> Result<(), Error> {
        self.comments.head(article, id, reader).await?.must_belong_to(reader.user)?;
        Ok(self.comments.delete(id).await?)
    }
}
