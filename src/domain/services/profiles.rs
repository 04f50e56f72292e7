//! Looking at people, and following them.

use std::sync::Arc;

use async_trait::async_trait;

use crate::{
    domain::{
        Error, Resource,
        model::{
            profile::{Followable, Profile},
            user::Identity,
            values::{Fault, FieldErrors, UsernameKey},
        },
    },
    ports::{repositories::ProfileRepository, services::ProfileService},
};

const NOT_FOUND: Error = Error::NotFound(Resource::Profile);

/// The use cases around profiles.
pub struct Profiles {
    profiles: Arc<dyn ProfileRepository>,
}

impl Profiles {
    /// Profiles from this store.
    pub fn new(profiles: Arc<dyn ProfileRepository>) -> Self {
        Self { profiles }
    }

    async fn followable(&self, username: &UsernameKey, reader: &Identity) -> Result<Followable, Error> {
        self.profiles.find_followable(username, reader).await?.ok_or(NOT_FOUND)
    }
}

#[async_trait]
impl ProfileService for Profiles {
    async fn show<'a>(&self, username: &UsernameKey, reader: Option<&'a Identity>) -> Result<Profile, Error> {
        self.profiles.find(username, reader).await?.ok_or(NOT_FOUND)
    }

    async fn follow(&self, username: &UsernameKey, reader: &Identity) -> Result<Profile, Error> {
        let Followable { id, profile } = self.followable(username, reader).await?;
        if id == reader.user {
            return Err(FieldErrors::one("profile", Fault::OwnProfile).into());
        }
        self.profiles.follow(reader.user, id).await?;
        Ok(Profile { following: true, ..profile })
    }

    async fn unfollow(&self, username: &UsernameKey, reader: &Identity) -> Result<Profile, Error> {
        let Followable { id, profile } = self.followable(username, reader).await?;
        self.profiles.unfollow(reader.user, id).await?;
        Ok(Profile { following: false, ..profile })
    }
}
