//! Profiles and follows.

use std::sync::LazyLock;

use async_trait::async_trait;

use crate::adapters::persistence::sql::executor::Executor;
use crate::adapters::persistence::sql::rows::{FOLLOWING, profile};
use crate::adapters::persistence::sql::statement::{Statement, live_session};
use crate::domain::model::profile::{Profile, ProfileWithId};
use crate::domain::model::user::Identity;
use crate::domain::model::values::{UserId, UsernameKey};
use crate::ports::repositories::{ProfileRepository, RepositoryError};

// Served by users_pkey and users_username_key. There is always one row, so that an unknown name
// does not hide an ended session.
static FIND: LazyLock<String> = LazyLock::new(|| {
    format!(
        "select v.id, u.id, {}
    from (select 1) as always
    left join users v on {}
    left join users u on u.username_key = $4",
        profile(FOLLOWING),
        live_session!()
    )
});

// Served by follows_pkey.
const FOLLOW: &str = "insert into follows (follower_id, followed_id) values ($1, $2) on conflict do nothing";

// Served by follows_pkey.
const UNFOLLOW: &str = "delete from follows where follower_id = $1 and followed_id = $2";

/// The reader if the session is valid, and the profile with its id if it exists.
type Found = (Option<UserId>, Option<(UserId, Profile)>);

pub struct Profiles<E>(pub E);

impl<E: Executor> Profiles<E> {
    async fn look_up(&self, username: &UsernameKey, reader: Option<&Identity>) -> Result<Found, RepositoryError> {
        let statement =
            Statement::read("profiles.find", FIND.as_str()).identity(reader).text(username.as_str()).cheap();
        Ok(self.0.first(statement).await?.unwrap_or_default())
    }
}

#[async_trait]
impl<E: Executor> ProfileRepository for Profiles<E> {
    async fn find<'a>(
        &self,
        username: &UsernameKey,
        reader: Option<&'a Identity>,
    ) -> Result<Option<Profile>, RepositoryError> {
        let (_, found) = self.look_up(username, reader).await?;
        Ok(found.map(|(_, profile)| profile))
    }

    async fn find_with_id(
        &self,
        username: &UsernameKey,
        reader: &Identity,
    ) -> Result<Option<ProfileWithId>, RepositoryError> {
        let (reader, found) = self.look_up(username, Some(reader)).await?;
        reader.ok_or(RepositoryError::SessionEnded)?;
        Ok(found.map(|(id, profile)| ProfileWithId { id, profile }))
    }

    async fn follow(&self, follower: UserId, followed: UserId) -> Result<bool, RepositoryError> {
        let statement = Statement::write("profiles.follow", FOLLOW).number(follower.get()).number(followed.get());
        Ok(self.0.execute(statement).await? > 0)
    }

    async fn unfollow(&self, follower: UserId, followed: UserId) -> Result<(), RepositoryError> {
        let statement = Statement::write("profiles.unfollow", UNFOLLOW).number(follower.get()).number(followed.get());
        self.0.execute(statement).await?;
        Ok(())
    }
}
