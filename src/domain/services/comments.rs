//! Comments on articles.

use std::sync::Arc;

use async_trait::async_trait;

use crate::domain::error::{Error, Resource, Result};
use crate::domain::model::comment::{Comment, NewComment};
use crate::domain::model::user::{Account, Identity};
use crate::domain::model::values::{CommentBody, CommentId, Slug};
use crate::ports::business_events::{BusinessEvent, BusinessEvents};
use crate::ports::clock::Clock;
use crate::ports::repositories::CommentRepository;
use crate::ports::services::CommentService;

const NO_ARTICLE: Error = Error::NotFound(Resource::Article);

/// Implements [`CommentService`].
pub struct Comments {
    pub(crate) comments: Arc<dyn CommentRepository>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) events: Arc<dyn BusinessEvents>,
}

#[async_trait]
impl CommentService for Comments {
    async fn list<'a>(&self, article: &Slug, reader: Option<&'a Identity>) -> Result<Vec<Comment>> {
        self.comments.list(article, reader).await?.ok_or(NO_ARTICLE)
    }

    async fn add(&self, article: &Slug, author: &Account, body: CommentBody) -> Result<Comment> {
        let now = self.clock.now();
        let comment = NewComment { body: body.clone(), author: author.id, created_at: now };
        let id = self.comments.insert(article, comment).await?.ok_or(NO_ARTICLE)?;
        self.events.record(BusinessEvent::CommentAdded);
        Ok(Comment { id, body, created_at: now, updated_at: now, author: author.own_profile() })
    }

    async fn delete(&self, article: &Slug, id: CommentId, reader: &Identity) -> Result<()> {
        self.comments.authorship(article, id, reader).await?.require_author(reader.user)?;
        Ok(self.comments.delete(id).await?)
    }
}

#[cfg(test)]
mod tests {
    use mockall::predicate::eq;

    use super::*;
    use crate::domain::model::comment::CommentAuthorship;
    use crate::domain::model::values::UserId;
    use crate::domain::services::testing::{
        NowOrPanic, amy, assert_fails, bob, expecting_events, identity_of, now, session_ended, slug, stopped_clock,
        store_unavailable,
    };
    use crate::ports::repositories::{MockCommentRepository, RepositoryError};

    fn service(comments: MockCommentRepository) -> Comments {
        Comments { comments: Arc::new(comments), clock: stopped_clock(), events: expecting_events([]) }
    }

    fn praise() -> CommentBody {
        CommentBody::parse("How true!").unwrap()
    }

    fn amys_comment() -> Comment {
        let author = amy().own_profile();
        Comment { id: CommentId::new(5), body: praise(), created_at: now(), updated_at: now(), author }
    }

    fn amy_comments(comments: MockCommentRepository) -> Result<Comment> {
        service(comments).add(&slug("dragons"), &amy(), praise()).now_or_panic()
    }

    /// Expects amy's look-up of the comment that she wants to delete, but not its deletion.
    fn store_where_amy_finds(found: Result<CommentAuthorship, RepositoryError>) -> MockCommentRepository {
        let mut comments = MockCommentRepository::new();
        let lookup = comments.expect_authorship().once();
        lookup.with(eq(slug("dragons")), eq(CommentId::new(5)), eq(identity_of(&amy()))).return_once(|_, _, _| found);
        comments
    }

    fn comment_by(author: UserId) -> Result<CommentAuthorship, RepositoryError> {
        Ok(CommentAuthorship::Found { author })
    }

    fn amy_deletes(comments: MockCommentRepository) -> Result<(), Error> {
        service(comments).delete(&slug("dragons"), CommentId::new(5), &identity_of(&amy())).now_or_panic()
    }

    #[test]
    fn list_is_relative_to_the_reader() {
        let mut comments = MockCommentRepository::new();
        comments
            .expect_list()
            .once()
            .withf(|article, reader| *article == slug("dragons") && *reader == Some(&identity_of(&bob())))
            .returning(|_, _| Ok(Some(vec![amys_comment()])));

        let listed = service(comments).list(&slug("dragons"), Some(&identity_of(&bob()))).now_or_panic();

        assert_eq!(listed.unwrap(), [amys_comment()]);
    }

    #[test]
    fn list_is_empty_without_comments_and_not_found_without_the_article() {
        let list = |found| {
            let mut comments = MockCommentRepository::new();
            comments.expect_list().once().withf(|_, reader| reader.is_none()).return_once(|_, _| Ok(found));
            service(comments).list(&slug("dragons"), None).now_or_panic()
        };

        assert_eq!(list(Some(Vec::new())).unwrap(), []);
        assert_fails!(list(None), Error::NotFound(Resource::Article));
    }

    #[test]
    fn added_comment_is_stored_and_returned() {
        let stored = NewComment { body: praise(), author: amy().id, created_at: now() };
        let mut comments = MockCommentRepository::new();
        let insert = comments.expect_insert().once().with(eq(slug("dragons")), eq(stored));
        insert.returning(|_, _| Ok(Some(CommentId::new(5))));

        let service = Comments {
            comments: Arc::new(comments),
            clock: stopped_clock(),
            events: expecting_events([BusinessEvent::CommentAdded]),
        };
        let added = service.add(&slug("dragons"), &amy(), praise()).now_or_panic();

        assert_eq!(added.unwrap(), amys_comment());
    }

    #[test]
    fn comment_on_an_unknown_article_is_not_found() {
        let mut comments = MockCommentRepository::new();
        comments.expect_insert().once().returning(|_, _| Ok(None));

        assert_fails!(amy_comments(comments), Error::NotFound(Resource::Article));
    }

    #[test]
    fn author_deletes_a_comment() {
        let mut comments = store_where_amy_finds(comment_by(amy().id));
        comments.expect_delete().once().with(eq(CommentId::new(5))).returning(|_| Ok(()));

        assert!(amy_deletes(comments).is_ok());
    }

    #[test]
    fn other_users_do_not_delete_a_comment() {
        assert_fails!(amy_deletes(store_where_amy_finds(comment_by(bob().id))), Error::Forbidden(Resource::Comment));
    }

    #[test]
    fn deletion_distinguishes_unknown_articles_from_unknown_comments() {
        let no_article = store_where_amy_finds(Ok(CommentAuthorship::NoArticle));
        assert_fails!(amy_deletes(no_article), Error::NotFound(Resource::Article));

        let no_comment = store_where_amy_finds(Ok(CommentAuthorship::NoComment));
        assert_fails!(amy_deletes(no_comment), Error::NotFound(Resource::Comment));
    }

    #[test]
    fn deletion_in_an_ended_session_is_rejected() {
        assert_fails!(amy_deletes(store_where_amy_finds(session_ended())), Error::InvalidToken);
    }

    #[test]
    fn changes_fail_if_the_store_is_unavailable() {
        let mut comments = MockCommentRepository::new();
        comments.expect_insert().once().returning(|_, _| store_unavailable());
        assert_fails!(amy_comments(comments), Error::Unavailable(_));

        let mut comments = store_where_amy_finds(comment_by(amy().id));
        comments.expect_delete().once().returning(|_| store_unavailable());
        assert_fails!(amy_deletes(comments), Error::Unavailable(_));
    }
}
