//! Users as others see them, and who follows whom.

use async_trait::async_trait;
use diesel::sql_types::{BigInt, Nullable};

use crate::{
    adapters::persistence::sql::{
        executor::Executor,
        rows::{ProfileRow, ProfileSql, profile},
        statement::{Statement, live_session},
    },
    domain::model::{
        profile::{Profile, ProfileWithId},
        user::Identity,
        values::{UserId, UsernameKey},
    },
    ports::repositories::{ProfileRepository, RepositoryError},
};

// Served by users_pkey and users_username_key. There is always one row, so that an unknown name does not hide an ended
// session.
const FIND: &str = concat!(
    "select v.id, u.id, ",
    profile!(),
    "
    from (select 1) as always
    left join users v on ",
    live_session!(),
    "
    left join users u on u.username_key = $4"
);

// Served by follows_pkey.
const FOLLOW: &str = "insert into follows (follower_id, followed_id) values ($1, $2) on conflict do nothing";

// Served by follows_pkey.
const UNFOLLOW: &str = "delete from follows where follower_id = $1 and followed_id = $2";

/// The reader if its session lives, and the profile with its id if there is one.
type FoundSql = (Nullable<BigInt>, Nullable<(BigInt, ProfileSql)>);
type Found = (Option<i64>, Option<(i64, ProfileRow)>);

/// The profile repository of an engine.
pub struct Profiles<S>(S);

impl<S> From<S> for Profiles<S> {
    fn from(session: S) -> Self {
        Self(session)
    }
}

impl<S: Executor> Profiles<S> {
    async fn look_up(&self, username: &UsernameKey, reader: Option<&Identity>) -> Result<Found, RepositoryError> {
        let question =
            Statement::<FoundSql>::read("profiles.find", FIND).identity(reader).text(username.as_str()).cheap();
        Ok(self.0.first(question).await?.unwrap_or_default())
    }
}

#[async_trait]
impl<S: Executor> ProfileRepository for Profiles<S> {
    async fn find<'a>(
        &self,
        username: &UsernameKey,
        reader: Option<&'a Identity>,
    ) -> Result<Option<Profile>, RepositoryError> {
        let (_, found) = self.look_up(username, reader).await?;
        Ok(found.map(|(_, profile)| profile.into()))
    }

    async fn find_with_id(
        &self,
        username: &UsernameKey,
        reader: &Identity,
    ) -> Result<Option<ProfileWithId>, RepositoryError> {
        let (reader, found) = self.look_up(username, Some(reader)).await?;
        reader.ok_or(RepositoryError::SessionEnded)?;
        Ok(found.map(|(id, profile)| ProfileWithId { id: UserId::new(id), profile: profile.into() }))
    }

    async fn follow(&self, follower: UserId, followed: UserId) -> Result<bool, RepositoryError> {
        let change = Statement::write("profiles.follow", FOLLOW).number(follower.get()).number(followed.get());
        Ok(self.0.execute(change).await? > 0)
    }

    async fn unfollow(&self, follower: UserId, followed: UserId) -> Result<(), RepositoryError> {
        let change = Statement::write("profiles.unfollow", UNFOLLOW).number(follower.get()).number(followed.get());
        self.0.execute(change).await?;
        Ok(())
    }
}
