//! Profiles and followers.

use std::sync::Arc;

use async_trait::async_trait;

use crate::domain::error::{Error, Resource, Result};
use crate::domain::model::profile::{Profile, ProfileWithId};
use crate::domain::model::user::Identity;
use crate::domain::model::values::{FieldErrors, UsernameKey, Violation};
use crate::ports::business_events::{BusinessEvent, BusinessEvents};
use crate::ports::repositories::ProfileRepository;
use crate::ports::services::ProfileService;

const NOT_FOUND: Error = Error::NotFound(Resource::Profile);

/// Implements [`ProfileService`].
pub struct Profiles {
    pub(crate) profiles: Arc<dyn ProfileRepository>,
    pub(crate) events: Arc<dyn BusinessEvents>,
}

impl Profiles {
    async fn find_with_id(&self, username: &UsernameKey, reader: &Identity) -> Result<ProfileWithId> {
        self.profiles.find_with_id(username, reader).await?.ok_or(NOT_FOUND)
    }
}

#[async_trait]
impl ProfileService for Profiles {
    async fn show<'a>(&self, username: &UsernameKey, reader: Option<&'a Identity>) -> Result<Profile> {
        self.profiles.find(username, reader).await?.ok_or(NOT_FOUND)
    }

    async fn follow(&self, username: &UsernameKey, reader: &Identity) -> Result<Profile> {
        let ProfileWithId { id, profile } = self.find_with_id(username, reader).await?;
        if id == reader.user {
            return Err(FieldErrors::one("profile", Violation::OwnProfile).into());
        }
        if self.profiles.follow(reader.user, id).await? {
            self.events.record(BusinessEvent::FollowAdded);
        }
        Ok(Profile { following: true, ..profile })
    }

    async fn unfollow(&self, username: &UsernameKey, reader: &Identity) -> Result<Profile> {
        let ProfileWithId { id, profile } = self.find_with_id(username, reader).await?;
        self.profiles.unfollow(reader.user, id).await?;
        Ok(Profile { following: false, ..profile })
    }
}

#[cfg(test)]
mod tests {
    use mockall::predicate::eq;

    use super::*;
    use crate::domain::services::testing::{
        NowOrPanic, amy, assert_fails, bob, expecting_events, identity_of, session_ended, store_unavailable,
    };
    use crate::ports::repositories::{MockProfileRepository, RepositoryError};

    fn service(profiles: MockProfileRepository) -> Profiles {
        Profiles { profiles: Arc::new(profiles), events: expecting_events([]) }
    }

    fn amys_profile(following: bool) -> Profile {
        Profile { following, ..amy().own_profile() }
    }

    /// Expects bob's look-up of amy, but neither that he follows nor that he unfollows her.
    fn store_with_amy(following: bool) -> MockProfileRepository {
        store_where_bob_finds(Ok(Some(ProfileWithId { id: amy().id, profile: amys_profile(following) })))
    }

    fn store_where_bob_finds(found: Result<Option<ProfileWithId>, RepositoryError>) -> MockProfileRepository {
        let mut profiles = MockProfileRepository::new();
        let lookup = profiles.expect_find_with_id().once().with(eq(amy().username.key()), eq(identity_of(&bob())));
        lookup.return_once(|_, _| found);
        profiles
    }

    fn bob_follows_amy(profiles: MockProfileRepository) -> Result<Profile> {
        service(profiles).follow(&amy().username.key(), &identity_of(&bob())).now_or_panic()
    }

    fn bob_unfollows_amy(profiles: MockProfileRepository) -> Result<Profile> {
        service(profiles).unfollow(&amy().username.key(), &identity_of(&bob())).now_or_panic()
    }

    #[test]
    fn profile_is_relative_to_the_reader() {
        let mut profiles = MockProfileRepository::new();
        profiles
            .expect_find()
            .once()
            .withf(|name, reader| *name == amy().username.key() && *reader == Some(&identity_of(&bob())))
            .returning(|_, _| Ok(Some(amys_profile(true))));

        let shown = service(profiles).show(&amy().username.key(), Some(&identity_of(&bob()))).now_or_panic();

        assert_eq!(shown.unwrap(), amys_profile(true));
    }

    #[test]
    fn unknown_profile_is_not_found() {
        let mut profiles = MockProfileRepository::new();
        profiles.expect_find().once().withf(|_, reader| reader.is_none()).returning(|_, _| Ok(None));
        let shown = service(profiles).show(&amy().username.key(), None).now_or_panic();

        assert_fails!(shown, Error::NotFound(Resource::Profile));
        assert_fails!(bob_follows_amy(store_where_bob_finds(Ok(None))), Error::NotFound(Resource::Profile));
        assert_fails!(bob_unfollows_amy(store_where_bob_finds(Ok(None))), Error::NotFound(Resource::Profile));
    }

    #[test]
    fn follow_succeeds_also_if_repeated() {
        for (is_followed, events) in
            [(false, expecting_events([BusinessEvent::FollowAdded])), (true, expecting_events([]))]
        {
            let mut profiles = store_with_amy(is_followed);
            let follow = profiles.expect_follow().once().with(eq(bob().id), eq(amy().id));
            follow.returning(move |_, _| Ok(!is_followed));

            let service = Profiles { profiles: Arc::new(profiles), events };
            let followed = service.follow(&amy().username.key(), &identity_of(&bob())).now_or_panic();

            assert_eq!(followed.unwrap(), amys_profile(true));
        }
    }

    #[test]
    fn unfollow_succeeds_also_if_repeated() {
        for is_followed in [true, false] {
            let mut profiles = store_with_amy(is_followed);
            profiles.expect_unfollow().once().with(eq(bob().id), eq(amy().id)).returning(|_, _| Ok(()));

            assert_eq!(bob_unfollows_amy(profiles).unwrap(), amys_profile(false));
        }
    }

    #[test]
    fn users_cannot_follow_themselves() {
        let bob_himself = ProfileWithId { id: bob().id, profile: bob().own_profile() };

        let followed = bob_follows_amy(store_where_bob_finds(Ok(Some(bob_himself))));

        assert_fails!(followed, Error::Invalid(fields) if fields.to_string() == "profile can't follow yourself");
    }

    #[test]
    fn changes_in_an_ended_session_are_rejected() {
        assert_fails!(bob_follows_amy(store_where_bob_finds(session_ended())), Error::InvalidToken);
        assert_fails!(bob_unfollows_amy(store_where_bob_finds(session_ended())), Error::InvalidToken);
    }

    #[test]
    fn changes_fail_if_the_store_is_unavailable() {
        let mut profiles = store_with_amy(false);
        profiles.expect_follow().once().returning(|_, _| store_unavailable());
        assert_fails!(bob_follows_amy(profiles), Error::Unavailable(_));

        let mut profiles = store_with_amy(true);
        profiles.expect_unfollow().once().returning(|_, _| store_unavailable());
        assert_fails!(bob_unfollows_amy(profiles), Error::Unavailable(_));
    }
}
