//! Articles, their favorites and their tags.

use std::cmp::Reverse;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use diesel::sql_types::{BigInt, Nullable, Text};

use crate::{
    adapters::persistence::sql::{
        article_lists::{self, ArticleList},
        error::QueryError,
        executor::Executor,
        rows::{self, ArticleSql, SummaryRow, SummarySql, profile},
        statement::{Statement, live_session},
    },
    domain::model::{
        article::{
            Article, ArticleAuthorship, ArticleChanges, ArticleFilter, ArticlePage, ArticleSummary, FavoritedArticle,
            NewArticle, Tags,
        },
        user::Identity,
        values::{ArticleId, Page, Slug, Tag, TagList, Title, UserId},
    },
    ports::repositories::{ArticleRepository, RepositoryError, Unique},
};

/// An article `a` by `u` as the reader `v` sees it, in the order of [`ArticleSql`]. There is always one row, so that an
/// unknown article does not hide an ended session. Served by users_pkey, favorites_pkey and follows_pkey.
macro_rules! find_article_by {
    ($condition:literal) => {
        concat!(
            "
    select v.id,
        a.slug, a.title, a.description, a.tag_list, a.created_at, a.updated_at, a.favorites_count,
        exists (select 1 from favorites f where f.user_id = v.id and f.article_id = a.id), ",
            profile!(),
            ", a.body
    from (select 1) as always
    left join users v on ",
            live_session!(),
            "
    left join articles a on ",
            $condition,
            "
    left join users u on u.id = a.author_id"
        )
    };
}

// Served by articles_slug.
const FIND: &str = find_article_by!("a.slug = $4");

// Served by articles_pkey.
const FIND_BY_ID: &str = find_article_by!("a.id = $4");

// Served by users_pkey and articles_slug. There is always one row.
const HEAD: &str = concat!(
    "
    select v.id, a.id, a.author_id, a.title
    from (select 1) as always
    left join users v on ",
    live_session!(),
    "
    left join articles a on a.slug = $4"
);

// Served by articles_pkey; the cascades by comments_by_article, favorites_by_article and article_tags_by_article.
const DELETE: &str = "delete from articles where id = $1";

// Served by users_pkey, articles_slug and favorites_pkey.
const FAVORITE: &str = concat!(
    "
    insert into favorites (user_id, article_id)
    select v.id, a.id from users v cross join articles a where ",
    live_session!(),
    " and a.slug = $4
    on conflict do nothing"
);

// Tags are few beside articles: all are read, and sorted by PostgreSQL. Served by tags_by_use on SQLite.
const TAGS: &str = "select name from tags where articles_count > 0 order by articles_count desc, name";

type FoundSql = (Nullable<BigInt>, Nullable<ArticleSql>);
type Found = (Option<i64>, Option<(SummaryRow, String)>);
type PageSql = (Nullable<BigInt>, Nullable<BigInt>, Nullable<(BigInt, SummarySql)>);
type PageRow = (Option<i64>, Option<i64>, Option<(i64, SummaryRow)>);

/// The article repository of an engine.
pub struct Articles<S>(S);

impl<S> From<S> for Articles<S> {
    fn from(session: S) -> Self {
        Self(session)
    }
}

impl<S: Executor> Articles<S> {
    /// Carries out a change and gives the article as it is then, for a reader whose session must live; with it, how many
    /// rows the change concerned.
    async fn change(
        &self,
        operation: &'static str,
        change: &'static str,
        slug: &Slug,
        reader: &Identity,
    ) -> Result<Option<(usize, Article)>, RepositoryError> {
        let change = Statement::write(operation, change).identity(reader).text(slug.as_str());
        let question = Statement::<FoundSql>::read("articles.find", FIND).identity(reader).text(slug.as_str());
        let (count, rows) = match self.0.rows_after::<_, Found>(change, question).await {
            // The article was deleted between the look at it and the write.
            Err(QueryError::Gone(_)) => return Ok(None),
            done => done?,
        };
        Ok(found_by_reader(rows)?.map(|article| (count, article)))
    }

    /// The feed, unless the reader follows so many that to look is no brief question.
    async fn feed_of_few(&self, reader: &Identity, page: Page) -> Result<Option<ListRows>, RepositoryError> {
        let few = article_lists::max_followed_inline(page.end());
        let Some(text) = S::DIALECT.feed_of_few.filter(|_| few > 0) else {
            return Ok(None);
        };
        let question = Statement::<PageSql>::read("articles.feed", text.as_str()).identity(reader).number(few);
        let told: ListRows = self.0.rows::<_, PageRow>(of_page(question, page).cheap()).await?.into();
        Ok(told.total.is_some().then_some(told))
    }

    async fn whole_feed(&self, reader: &Identity, page: Page) -> Result<ListRows, RepositoryError> {
        let question = Statement::<PageSql>::read("articles.feed", S::DIALECT.feed.as_str()).identity(reader);
        Ok(self.0.rows::<_, PageRow>(of_page(question, page)).await?.into())
    }
}

/// Binds the next three parameters of a feed to the page: its end, its offset, and its limit.
fn of_page<ST>(feed: Statement<ST>, page: Page) -> Statement<ST> {
    feed.number(page.end()).number(page.offset()).number(page.limit())
}

/// The article, for a reader whose session must live.
fn found_by_reader(rows: Vec<Found>) -> Result<Option<Article>, RepositoryError> {
    let (reader, found) = rows.into_iter().next().unwrap_or_default();
    reader.ok_or(RepositoryError::SessionEnded)?;
    Ok(found.map(rows::article))
}

/// A page as rows tell it.
struct ListRows {
    /// The reader, if the session lives.
    reader: Option<i64>,
    total: Option<i64>,
    articles: Vec<ArticleSummary>,
}

impl From<Vec<PageRow>> for ListRows {
    fn from(mut rows: Vec<PageRow>) -> Self {
        // The newest first. They come in this order, so this moves nothing; but not every engine promises it.
        rows.sort_by_key(|(_, _, article)| article.as_ref().map(|(id, _)| Reverse(*id)));
        let (reader, total) = rows.first().map_or((None, None), |(reader, total, _)| (*reader, *total));
        let articles = rows.into_iter().filter_map(|(_, _, article)| article.map(|(_, summary)| summary.into()));
        Self { reader, total, articles: articles.collect() }
    }
}

impl From<ListRows> for ArticlePage {
    fn from(ListRows { total, articles, .. }: ListRows) -> Self {
        Self { articles, total: rows::count(total.unwrap_or_default()) }
    }
}

fn slug_is_taken() -> RepositoryError {
    RepositoryError::Taken(vec![Unique::Slug])
}

fn names(tags: &TagList) -> impl Iterator<Item = &str> {
    tags.iter().map(Tag::as_str)
}

#[async_trait]
impl<S: Executor> ArticleRepository for Articles<S> {
    async fn page<'a>(
        &self,
        filter: &ArticleFilter,
        reader: Option<&'a Identity>,
        page: Page,
    ) -> Result<ArticlePage, RepositoryError> {
        let question = ArticleList::of(filter).question::<PageSql>(S::DIALECT.lists, filter, reader, page);
        let told: ListRows = self.0.rows::<_, PageRow>(question).await?.into();
        Ok(told.into())
    }

    async fn feed(&self, reader: &Identity, page: Page) -> Result<ArticlePage, RepositoryError> {
        let told = match self.feed_of_few(reader, page).await? {
            Some(told) => told,
            None => self.whole_feed(reader, page).await?,
        };
        told.reader.ok_or(RepositoryError::SessionEnded)?;
        Ok(told.into())
    }

    async fn find<'a>(&self, slug: &Slug, reader: Option<&'a Identity>) -> Result<Option<Article>, RepositoryError> {
        let question = Statement::<FoundSql>::read("articles.find", FIND).identity(reader).text(slug.as_str()).cheap();
        let (_, found): Found = self.0.first(question).await?.unwrap_or_default();
        Ok(found.map(rows::article))
    }

    async fn authorship(&self, slug: &Slug, reader: &Identity) -> Result<Option<ArticleAuthorship>, RepositoryError> {
        type Sql = (Nullable<BigInt>, Nullable<(BigInt, BigInt, Text)>);
        let question = Statement::<Sql>::read("articles.head", HEAD).identity(reader).text(slug.as_str()).cheap();
        let row: Option<(Option<i64>, Option<(i64, i64, String)>)> = self.0.first(question).await?;
        let (reader, head) = row.unwrap_or_default();
        reader.ok_or(RepositoryError::SessionEnded)?;
        Ok(head.map(|(id, author, title)| ArticleAuthorship {
            id: ArticleId::new(id),
            author: UserId::new(author),
            title: Title::from_trusted(title),
        }))
    }

    async fn insert(&self, article: NewArticle) -> Result<(), RepositoryError> {
        let NewArticle { slug, draft, author, created_at } = article;
        let question = Statement::write("articles.insert", S::DIALECT.insert_article)
            .number(created_at.timestamp_millis())
            .text(slug.as_str())
            .text(draft.title.as_str())
            .text(draft.description.as_str())
            .tags(Some(names(&draft.tags)))
            .number(author.get())
            .instant(created_at)
            .text(draft.body.as_str());
        match self.0.execute(question).await? {
            0 => Err(slug_is_taken()),
            _ => Ok(()),
        }
    }

    async fn update(
        &self,
        id: ArticleId,
        slug: Option<Slug>,
        changes: ArticleChanges,
        now: DateTime<Utc>,
        reader: &Identity,
    ) -> Result<Option<Article>, RepositoryError> {
        let change = Statement::write("articles.update", S::DIALECT.update_article)
            .optional_text(slug.as_ref().map(Slug::as_str))
            .optional_text(changes.title.as_ref().map(|title| title.as_str()))
            .optional_text(changes.description.as_ref().map(|description| description.as_str()))
            .tags(changes.tags.as_ref().map(names))
            .optional_text(changes.body.as_ref().map(|body| body.as_str()))
            .instant(now)
            .number(id.get())
            .identity(reader)
            .expect_conflict();
        let question = Statement::<FoundSql>::read("articles.find", FIND_BY_ID).identity(reader).number(id.get());
        match self.0.rows_after::<_, Found>(change, question).await {
            Err(QueryError::Taken(_)) => Err(slug_is_taken()),
            done => found_by_reader(done?.1),
        }
    }

    async fn delete(&self, id: ArticleId) -> Result<(), RepositoryError> {
        self.0.execute(Statement::write("articles.delete", DELETE).number(id.get())).await?;
        Ok(())
    }

    async fn favorite(&self, slug: &Slug, reader: &Identity) -> Result<Option<FavoritedArticle>, RepositoryError> {
        let found = self.change("articles.favorite", FAVORITE, slug, reader).await?;
        Ok(found.map(|(count, article)| FavoritedArticle { article, is_new: count > 0 }))
    }

    async fn unfavorite(&self, slug: &Slug, reader: &Identity) -> Result<Option<Article>, RepositoryError> {
        let found = self.change("articles.unfavorite", S::DIALECT.unfavorite, slug, reader).await?;
        Ok(found.map(|(_, article)| article))
    }

    async fn tags<'a>(&self, reader: Option<&'a Identity>) -> Result<Tags, RepositoryError> {
        let question = Statement::<Text>::read("articles.tags", TAGS).for_reader(reader).cheap();
        let names: Vec<String> = self.0.rows(question).await?;
        Ok(names.into_iter().map(Tag::from_trusted).collect())
    }
}
