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
    ports::{
        business_events::{BusinessEvent, BusinessEvents},
        clock::Clock,
        repositories::CommentRepository,
        services::CommentService,
    },
};

const NO_ARTICLE: Error = Error::NotFound(Resource::Article);

/// The use cases around comments.
pub struct Comments {
    comments: Arc<dyn CommentRepository>,
    clock: Arc<dyn Clock>,
    events: Arc<dyn BusinessEvents>,
}

impl Comments {
    /// Comments in this store, dated by this clock.
    pub fn new(comments: Arc<dyn CommentRepository>, clock: Arc<dyn Clock>, events: Arc<dyn BusinessEvents>) -> Self {
        Self { comments, clock, events }
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
        self.events.record(BusinessEvent::CommentAdded);
        Ok(Comment { id, body, created_at: now, updated_at: now, author: author.own_profile() })
    }

    async fn delete(&self, article: &Slug, id: CommentId, reader: &Identity) -> Result<(), Error> {
        self.comments.head(article, id, reader).await?.must_belong_to(reader.user)?;
        Ok(self.comments.delete(id).await?)
    }
}

#[cfg(test)]
mod tests {
    use mockall::predicate::eq;

    use super::*;
    use crate::{
        domain::{
            model::{comment::CommentHead, values::UserId},
            services::testing::{
                AtOnce, amy, assert_fails, bob, identity_of, now, session_ended, slug, stopped_clock, store_away,
                told_of,
            },
        },
        ports::repositories::{MockCommentRepository, RepositoryError},
    };

    fn service(comments: MockCommentRepository) -> Comments {
        Comments::new(Arc::new(comments), stopped_clock(), told_of([]))
    }

    fn praise() -> CommentBody {
        CommentBody::parse("How true!").unwrap()
    }

    fn amy_s_comment() -> Comment {
        let author = amy().own_profile();
        Comment { id: CommentId::new(5), body: praise(), created_at: now(), updated_at: now(), author }
    }

    fn amy_comments(comments: MockCommentRepository) -> Result<Comment, Error> {
        service(comments).add(&slug("dragons"), &amy(), praise()).at_once()
    }

    /// A store in which amy looks for the comment that she wants to delete; deleting is not allowed yet.
    fn store_where_amy_finds(head: Result<CommentHead, RepositoryError>) -> MockCommentRepository {
        let mut comments = MockCommentRepository::new();
        let asked = comments.expect_head().once();
        asked.with(eq(slug("dragons")), eq(CommentId::new(5)), eq(identity_of(&amy()))).return_once(|_, _, _| head);
        comments
    }

    fn comment_by(author: UserId) -> Result<CommentHead, RepositoryError> {
        Ok(CommentHead::Found { author })
    }

    fn amy_deletes(comments: MockCommentRepository) -> Result<(), Error> {
        service(comments).delete(&slug("dragons"), CommentId::new(5), &identity_of(&amy())).at_once()
    }

    #[test]
    fn comments_are_listed_as_the_reader_sees_them() {
        let mut comments = MockCommentRepository::new();
        comments
            .expect_list()
            .once()
            .withf(|article, reader| *article == slug("dragons") && *reader == Some(&identity_of(&bob())))
            .returning(|_, _| Ok(Some(vec![amy_s_comment()])));

        let listed = service(comments).list(&slug("dragons"), Some(&identity_of(&bob()))).at_once();

        assert_eq!(listed.unwrap(), [amy_s_comment()]);
    }

    #[test]
    fn an_article_without_comments_is_found_and_an_unknown_one_is_not() {
        let list = |found| {
            let mut comments = MockCommentRepository::new();
            comments.expect_list().once().withf(|_, reader| reader.is_none()).return_once(|_, _| Ok(found));
            service(comments).list(&slug("dragons"), None).at_once()
        };

        assert_eq!(list(Some(Vec::new())).unwrap(), []);
        assert_fails!(list(None), Error::NotFound(Resource::Article));
    }

    #[test]
    fn a_comment_is_stored_and_shown_as_its_author_sees_it() {
        let stored = NewComment { body: praise(), author: amy().id, created_at: now() };
        let mut comments = MockCommentRepository::new();
        let insert = comments.expect_insert().once().with(eq(slug("dragons")), eq(stored));
        insert.returning(|_, _| Ok(Some(CommentId::new(5))));

        let service = Comments::new(Arc::new(comments), stopped_clock(), told_of([BusinessEvent::CommentAdded]));
        let added = service.add(&slug("dragons"), &amy(), praise()).at_once();

        assert_eq!(added.unwrap(), amy_s_comment());
    }

    #[test]
    fn nobody_comments_on_an_unknown_article() {
        let mut comments = MockCommentRepository::new();
        comments.expect_insert().once().returning(|_, _| Ok(None));

        assert_fails!(amy_comments(comments), Error::NotFound(Resource::Article));
    }

    #[test]
    fn the_author_deletes_a_comment() {
        let mut comments = store_where_amy_finds(comment_by(amy().id));
        comments.expect_delete().once().with(eq(CommentId::new(5))).returning(|_| Ok(()));

        assert!(amy_deletes(comments).is_ok());
    }

    #[test]
    fn nobody_else_does() {
        assert_fails!(amy_deletes(store_where_amy_finds(comment_by(bob().id))), Error::Forbidden(Resource::Comment));
    }

    #[test]
    fn an_unknown_article_is_told_from_an_unknown_comment() {
        let no_article = store_where_amy_finds(Ok(CommentHead::NoArticle));
        assert_fails!(amy_deletes(no_article), Error::NotFound(Resource::Article));

        let no_comment = store_where_amy_finds(Ok(CommentHead::NoComment));
        assert_fails!(amy_deletes(no_comment), Error::NotFound(Resource::Comment));
    }

    #[test]
    fn after_the_session_ended_nothing_is_said_about_the_comment() {
        assert_fails!(amy_deletes(store_where_amy_finds(session_ended())), Error::InvalidToken);
    }

    #[test]
    fn what_the_store_cannot_do_is_not_acknowledged() {
        let mut comments = MockCommentRepository::new();
        comments.expect_insert().once().returning(|_, _| store_away());
        assert_fails!(amy_comments(comments), Error::Unavailable(_));

        let mut comments = store_where_amy_finds(comment_by(amy().id));
        comments.expect_delete().once().returning(|_| store_away());
        assert_fails!(amy_deletes(comments), Error::Unavailable(_));
    }
}
