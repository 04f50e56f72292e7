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
        executor::{Executor, Row, Shape},
        statement::Statement,
        types::{Instant, InstantSql, TagListSql, TagNames},
    },
    domain::model::{
        records::{ArticleRecord, CommentRecord, Cursor, FavoriteRecord, FollowRecord, Kind, Records, UserRecord},
        user::{CredentialVersion, PasswordHash},
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
pub async fn page<S: Executor>(session: &S, kind: Kind, after: Cursor, limit: u32) -> Result<Records, QueryError> {
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

async fn rows<S: Executor, ST, R, T>(
    session: &S,
    kind: Kind,
    after: Cursor,
    limit: u32,
    record: fn(R) -> T,
) -> Result<Vec<T>, QueryError>
where
    ST: Shape<R>,
    R: Row<ST>,
    Pg: QueryMetadata<ST>,
    Sqlite: QueryMetadata<ST>,
{
    let question = Statement::<ST>::read("bulk.page", page_text(kind)).number(after.0);
    let question = match kind {
        Kind::Follows | Kind::Favorites => question.number(after.1),
        Kind::Users | Kind::Articles | Kind::Comments => question,
    };
    Ok(session.rows(question.number(i64::from(limit))).await?.into_iter().map(record).collect())
}

fn user(row: UserRow) -> UserRecord {
    let (
        (id, username, username_key, email, email_key, password_hash, bio, image),
        (credential_version, exempt_session, created_at, updated_at),
    ) = row;
    UserRecord {
        id: UserId::new(id),
        username: Username::from_trusted(username),
        username_key: UsernameKey::from_trusted(username_key),
        email: Email::from_trusted(email),
        email_key: EmailKey::from_trusted(email_key),
        password_hash: PasswordHash::new(password_hash),
        bio: bio.map(Bio::from_trusted),
        image: image.map(ImageUrl::from_trusted),
        credential_version: CredentialVersion::new(credential_version),
        exempt_session: exempt_session.map(SessionId::new),
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
        slug: Slug::from_trusted(slug),
        title: Title::from_trusted(title),
        description: Description::from_trusted(description),
        tags: TagList::from_trusted(tags.0.into_iter().map(Tag::from_trusted).collect()),
        author: UserId::new(author),
        created_at: created_at.0,
        updated_at: updated_at.0,
        body: ArticleBody::from_trusted(body),
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
        body: CommentBody::from_trusted(body),
    }
}
