//! Comments on articles.

use std::cmp::Reverse;

use async_trait::async_trait;
use diesel::sql_types::{BigInt, Nullable};

use crate::{
    adapters::persistence::sql::{
        error::QueryError,
        executor::Executor,
        rows::{CommentRow, CommentSql, profile},
        statement::{Statement, live_session},
    },
    domain::model::{
        comment::{Comment, CommentAuthorship, NewComment},
        user::Identity,
        values::{CommentId, Slug, UserId},
    },
    ports::repositories::{CommentRepository, RepositoryError},
};

// Served by articles_slug and comments_by_article. There is always one row: an article without comments is not an
// unknown one. SQLite would not see that the index has the order, and sort all before it gives the first.
const LIST: &str = concat!(
    "select a.id, c.id, c.created_at, c.body, ",
    profile!(),
    "
    from (select 1) as always
    left join users v on ",
    live_session!(),
    "
    left join articles a on a.slug = $4
    left join comments c on c.article_id = a.id
    left join users u on u.id = c.author_id"
);

// Served by articles_slug.
const INSERT: &str = "
    insert into comments (author_id, created_at, body, article_id)
    select $1, $2, $3, a.id from articles a where a.slug = $4
    returning id";

// Served by users_pkey, articles_slug and comments_pkey. There is always one row.
const HEAD: &str = concat!(
    "
    select v.id, a.id, c.author_id
    from (select 1) as always
    left join users v on ",
    live_session!(),
    "
    left join articles a on a.slug = $4
    left join comments c on c.id = $5 and c.article_id = a.id"
);

// Served by comments_pkey.
const DELETE: &str = "delete from comments where id = $1";

/// The comment repository of an engine.
pub struct Comments<S>(S);

impl<S> From<S> for Comments<S> {
    fn from(session: S) -> Self {
        Self(session)
    }
}

#[async_trait]
impl<S: Executor> CommentRepository for Comments<S> {
    async fn list<'a>(
        &self,
        article: &Slug,
        reader: Option<&'a Identity>,
    ) -> Result<Option<Vec<Comment>>, RepositoryError> {
        type Sql = (Nullable<BigInt>, Nullable<CommentSql>);
        let question = Statement::<Sql>::read("comments.list", LIST).identity(reader).text(article.as_str()).cheap();
        let rows: Vec<(Option<i64>, Option<CommentRow>)> = self.0.rows(question).await?;
        let is_known = rows.first().is_some_and(|(article, _)| article.is_some());
        let mut comments: Vec<_> = rows.into_iter().filter_map(|(_, comment)| comment.map(Comment::from)).collect();
        comments.sort_unstable_by_key(|comment| Reverse(comment.id));
        Ok(is_known.then_some(comments))
    }

    async fn insert(&self, article: &Slug, comment: NewComment) -> Result<Option<CommentId>, RepositoryError> {
        let question = Statement::<BigInt>::write("comments.insert", INSERT)
            .number(comment.author.get())
            .instant(comment.created_at)
            .text(comment.body.as_str())
            .text(article.as_str());
        match self.0.first(question).await {
            // The article was deleted between the look at it and the write.
            Err(QueryError::Gone(_)) => Ok(None),
            id => Ok(id?.map(CommentId::new)),
        }
    }

    async fn authorship(
        &self,
        article: &Slug,
        id: CommentId,
        reader: &Identity,
    ) -> Result<CommentAuthorship, RepositoryError> {
        type Sql = (Nullable<BigInt>, Nullable<BigInt>, Nullable<BigInt>);
        let question = Statement::<Sql>::read("comments.head", HEAD)
            .identity(reader)
            .text(article.as_str())
            .number(id.get())
            .cheap();
        let row: Option<(Option<i64>, Option<i64>, Option<i64>)> = self.0.first(question).await?;
        match row.unwrap_or_default() {
            (None, _, _) => Err(RepositoryError::SessionEnded),
            (_, None, _) => Ok(CommentAuthorship::NoArticle),
            (_, _, None) => Ok(CommentAuthorship::NoComment),
            (_, _, Some(author)) => Ok(CommentAuthorship::Found { author: UserId::new(author) }),
        }
    }

    async fn delete(&self, id: CommentId) -> Result<(), RepositoryError> {
        self.0.execute(Statement::write("comments.delete", DELETE).number(id.get())).await?;
        Ok(())
    }
}
