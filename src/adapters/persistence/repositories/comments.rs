//! Comments on articles.

use std::cmp::Reverse;
use std::sync::LazyLock;

use async_trait::async_trait;

use crate::adapters::persistence::sql::error::QueryError;
use crate::adapters::persistence::sql::executor::Executor;
use crate::adapters::persistence::sql::rows::{FOLLOWING, profile};
use crate::adapters::persistence::sql::statement::{Statement, live_session};
use crate::domain::model::comment::{Comment, CommentAuthorship, NewComment};
use crate::domain::model::user::Identity;
use crate::domain::model::values::{ArticleId, CommentId, Slug, UserId};
use crate::ports::repositories::{CommentRepository, RepositoryError};

// Served by articles_slug and comments_by_article. There is always one row, so that an article
// without comments is not an unknown one. Sorted by the caller: SQLite would not see that the index
// has the order, and sort before the first row.
static LIST: LazyLock<String> = LazyLock::new(|| {
    format!(
        "select a.id, c.id, c.created_at, c.body, {}
    from (select 1) as always
    left join users v on {}
    left join articles a on a.slug = $4
    left join comments c on c.article_id = a.id
    left join users u on u.id = c.author_id",
        profile(FOLLOWING),
        live_session!()
    )
});

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

pub struct Comments<E>(pub E);

#[async_trait]
impl<E: Executor> CommentRepository for Comments<E> {
    async fn list<'a>(
        &self,
        article: &Slug,
        reader: Option<&'a Identity>,
    ) -> Result<Option<Vec<Comment>>, RepositoryError> {
        let statement = Statement::<(Option<ArticleId>, Option<Comment>)>::read("comments.list", LIST.as_str())
            .identity(reader)
            .text(article.as_str())
            .cheap();
        let rows = self.0.rows(statement).await?;
        let is_known = rows.first().is_some_and(|(article, _)| article.is_some());
        let mut comments: Vec<_> = rows.into_iter().filter_map(|(_, comment)| comment).collect();
        comments.sort_unstable_by_key(|comment| Reverse(comment.id));
        Ok(is_known.then_some(comments))
    }

    async fn insert(&self, article: &Slug, comment: NewComment) -> Result<Option<CommentId>, RepositoryError> {
        let statement = Statement::<CommentId>::write("comments.insert", INSERT)
            .number(comment.author.get())
            .instant(comment.created_at)
            .text(comment.body.as_str())
            .text(article.as_str());
        match self.0.first(statement).await {
            // The article was deleted between the select and the insert.
            Err(QueryError::Gone(_)) => Ok(None),
            id => Ok(id?),
        }
    }

    async fn authorship(
        &self,
        article: &Slug,
        id: CommentId,
        reader: &Identity,
    ) -> Result<CommentAuthorship, RepositoryError> {
        type Found = (Option<UserId>, Option<ArticleId>, Option<UserId>);
        let statement = Statement::<Found>::read("comments.head", HEAD)
            .identity(reader)
            .text(article.as_str())
            .number(id.get())
            .cheap();
        match self.0.first(statement).await?.unwrap_or_default() {
            (None, _, _) => Err(RepositoryError::SessionEnded),
            (_, None, _) => Ok(CommentAuthorship::NoArticle),
            (_, _, None) => Ok(CommentAuthorship::NoComment),
            (_, _, Some(author)) => Ok(CommentAuthorship::Found { author }),
        }
    }

    async fn delete(&self, id: CommentId) -> Result<(), RepositoryError> {
        self.0.execute(Statement::write("comments.delete", DELETE).number(id.get())).await?;
        Ok(())
    }
}
