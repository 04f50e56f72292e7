//! Records out of the rows of a page.

use diesel::{
    expression::QueryMetadata,
    pg::Pg,
    sql_types::{BigInt, Nullable, Text},
    sqlite::Sqlite,
};

use super::page_text;
use crate::{
    adapters::persistence::sql::{
        error::QueryError,
        executor::{Row, Session, Shape},
        statement::Question,
        types::{Instant, InstantSql, TagListSql, TagNames},
    },
    domain::model::{
        records::{ArticleRecord, CommentRecord, FavoriteRecord, FollowRecord, Kind, Place, Records, UserRecord},
        user::{Generation, PasswordHash},
        values::{
            ArticleBody, ArticleId, Bio, CommentBody, CommentId, Description, Email, EmailKey, ImageUrl, SessionId,
            Slug, Tag, TagList, Title, UserId, Username, UsernameKey,
        },
    },
};

// Each in the order of `columns`.
type UserSql = (
    (BigInt, Text, Text, Text, Text, Text, Nullable<Text>, Nullable<Text>),
    (BigInt, Nullable<BigInt>, InstantSql, InstantSql),
);
type UserRow = (
    (i64, String, String, String, String, String, Option<String>, Option<String>),
    (i64, Option<i64>, Instant, Instant),
);
type ArticleSql = (BigInt, Text, Text, Text, TagListSql, BigInt, InstantSql, InstantSql, Text);
type ArticleRow = (i64, String, String, String, TagNames, i64, Instant, Instant, String);
type CommentSql = (BigInt, BigInt, BigInt, InstantSql, Text);
type CommentRow = (i64, i64, i64, Instant, String);

/// The records of a page.
pub async fn page<S: Session>(session: &S, kind: Kind, after: Place, limit: u32) -> Result<Records, QueryError> {
    Ok(match kind {
        Kind::Users => Records::Users(rows::<_, UserSql, _, _>(session, kind, after, limit, user).await?),
        Kind::Follows => {
            Records::Follows(rows::<_, (BigInt, BigInt), _, _>(session, kind, after, limit, follow).await?)
        }
        Kind::Articles => Records::Articles(rows::<_, ArticleSql, _, _>(session, kind, after, limit, article).await?),
        Kind::Favorites => {
            Records::Favorites(rows::<_, (BigInt, BigInt), _, _>(session, kind, after, limit, favorite).await?)
        }
        Kind::Comments => Records::Comments(rows::<_, CommentSql, _, _>(session, kind, after, limit, comment).await?),
    })
}

async fn rows<S: Session, ST, R, T>(
    session: &S,
    kind: Kind,
    after: Place,
    limit: u32,
    record: fn(R) -> T,
) -> Result<Vec<T>, QueryError>
where
    ST: Shape<R>,
    R: Row<ST>,
    Pg: QueryMetadata<ST>,
    Sqlite: QueryMetadata<ST>,
{
    let question = Question::<ST>::read("bulk.page", page_text(kind)).number(after.0);
    let question = match kind {
        Kind::Follows | Kind::Favorites => question.number(after.1),
        Kind::Users | Kind::Articles | Kind::Comments => question,
    };
    Ok(session.rows(question.number(i64::from(limit))).await?.into_iter().map(record).collect())
}

fn user(row: UserRow) -> UserRecord {
    let (
        (id, username, username_key, email, email_key, password_hash, bio, image),
        (generation, kept_session, created_at, updated_at),
    ) = row;
    UserRecord {
        id: UserId::new(id),
        username: Username::stored(username),
        username_key: UsernameKey::stored(username_key),
        email: Email::stored(email),
        email_key: EmailKey::stored(email_key),
        password_hash: PasswordHash::new(password_hash),
        bio: bio.map(Bio::stored),
        image: image.map(ImageUrl::stored),
        generation: Generation::new(generation),
        kept_session: kept_session.map(SessionId::new),
        created_at: created_at.0,
        updated_at: updated_at.0,
    }
}

fn follow((follower, followed): (i64, i64)) -> FollowRecord {
    FollowRecord { follower: UserId::new(follower), followed: UserId::new(followed) }
}

fn article(row: ArticleRow) -> ArticleRecord {
    let (id, slug, title, description, tags, author, created_at, updated_at, body) = row;
    ArticleRecord {
        id: ArticleId::new(id),
        slug: Slug::stored(slug),
        title: Title::stored(title),
        description: Description::stored(description),
        tags: TagList::stored(tags.0.into_iter().map(Tag::stored).collect()),
        author: UserId::new(author),
        created_at: created_at.0,
        updated_at: updated_at.0,
        body: ArticleBody::stored(body),
    }
}

fn favorite((user, article): (i64, i64)) -> FavoriteRecord {
    FavoriteRecord { user: UserId::new(user), article: ArticleId::new(article) }
}

fn comment((id, article, author, created_at, body): CommentRow) -> CommentRecord {
    CommentRecord {
        id: CommentId::new(id),
        article: ArticleId::new(article),
        author: UserId::new(author),
        created_at: created_at.0,
        body: CommentBody::stored(body),
    }
}
