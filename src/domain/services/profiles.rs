//! Looking at people, and following them.

use std::sync::Arc;

use async_trait::async_trait;

use crate::{
    domain::{
        Error, Resource,
        model::{
            profile::{Followable, Profile},
            user::Identity,
            values::{FieldErrors, UsernameKey, Violation},
        },
    },
    ports::{
        business_events::{BusinessEvent, BusinessEvents},
        repositories::ProfileRepository,
        services::ProfileService,
    },
};

const NOT_FOUND: Error = Error::NotFound(Resource::Profile);

/// The use cases around profiles.
pub struct Profiles {
    profiles: Arc<dyn ProfileRepository>,
    events: Arc<dyn BusinessEvents>,
}

impl Profiles {
    /// Profiles from this store.
    pub fn new(profiles: Arc<dyn ProfileRepository>, events: Arc<dyn BusinessEvents>) -> Self {
        Self { profiles, events }
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
            return Err(FieldErrors::one("profile", Violation::OwnProfile).into());
        }
        if self.profiles.follow(reader.user, id).await? {
            self.events.record(BusinessEvent::FollowAdded);
        }
        Ok(Profile { following: true, ..profile })
    }

    async fn unfollow(&self, username: &UsernameKey, reader: &Identity) -> Result<Profile, Error> {
        let Followable { id, profile } = self.followable(username, reader).await?;
        self.profiles.unfollow(reader.user, id).await?;
        Ok(Profile { following: false, ..profile })
    }
}

#[cfg(test)]
mod tests {
    use mockall::predicate::eq;

    use super::*;
    use crate::{
        domain::services::testing::{AtOnce, amy, assert_fails, bob, identity_of, session_ended, store_away, told_of},
        ports::repositories::{MockProfileRepository, RepositoryError},
    };

    fn service(profiles: MockProfileRepository) -> Profiles {
        Profiles::new(Arc::new(profiles), told_of([]))
    }

    fn amy_s_profile(following: bool) -> Profile {
        Profile { following, ..amy().own_profile() }
    }

    /// A store in which bob finds amy and follows her or not; following and unfollowing are not allowed yet.
    fn store_with_amy(following: bool) -> MockProfileRepository {
        store_where_bob_finds(Ok(Some(Followable { id: amy().id, profile: amy_s_profile(following) })))
    }

    fn store_where_bob_finds(found: Result<Option<Followable>, RepositoryError>) -> MockProfileRepository {
        let mut profiles = MockProfileRepository::new();
        let asked = profiles.expect_find_followable().once().with(eq(amy().username.key()), eq(identity_of(&bob())));
        asked.return_once(|_, _| found);
        profiles
    }

    fn bob_follows_amy(profiles: MockProfileRepository) -> Result<Profile, Error> {
        service(profiles).follow(&amy().username.key(), &identity_of(&bob())).at_once()
    }

    fn bob_unfollows_amy(profiles: MockProfileRepository) -> Result<Profile, Error> {
        service(profiles).unfollow(&amy().username.key(), &identity_of(&bob())).at_once()
    }

    #[test]
    fn a_profile_is_shown_as_the_reader_sees_it() {
        let mut profiles = MockProfileRepository::new();
        profiles
            .expect_find()
            .once()
            .withf(|name, reader| *name == amy().username.key() && *reader == Some(&identity_of(&bob())))
            .returning(|_, _| Ok(Some(amy_s_profile(true))));

        let shown = service(profiles).show(&amy().username.key(), Some(&identity_of(&bob()))).at_once();

        assert_eq!(shown.unwrap(), amy_s_profile(true));
    }

    #[test]
    fn an_unknown_profile_is_not_found() {
        let mut profiles = MockProfileRepository::new();
        profiles.expect_find().once().withf(|_, reader| reader.is_none()).returning(|_, _| Ok(None));
        let shown = service(profiles).show(&amy().username.key(), None).at_once();

        assert_fails!(shown, Error::NotFound(Resource::Profile));
        assert_fails!(bob_follows_amy(store_where_bob_finds(Ok(None))), Error::NotFound(Resource::Profile));
        assert_fails!(bob_unfollows_amy(store_where_bob_finds(Ok(None))), Error::NotFound(Resource::Profile));
    }

    #[test]
    fn who_follows_sees_it_at_once_and_may_do_it_again() {
        for (already, events) in [(false, told_of([BusinessEvent::FollowAdded])), (true, told_of([]))] {
            let mut profiles = store_with_amy(already);
            let follow = profiles.expect_follow().once().with(eq(bob().id), eq(amy().id));
            follow.returning(move |_, _| Ok(!already));

            let service = Profiles::new(Arc::new(profiles), events);
            let followed = service.follow(&amy().username.key(), &identity_of(&bob())).at_once();

            assert_eq!(followed.unwrap(), amy_s_profile(true));
        }
    }

    #[test]
    fn who_unfollows_sees_it_at_once_and_may_do_it_again() {
        for still in [true, false] {
            let mut profiles = store_with_amy(still);
            profiles.expect_unfollow().once().with(eq(bob().id), eq(amy().id)).returning(|_, _| Ok(()));

            assert_eq!(bob_unfollows_amy(profiles).unwrap(), amy_s_profile(false));
        }
    }

    #[test]
    fn nobody_follows_oneself() {
        let bob_himself = Followable { id: bob().id, profile: bob().own_profile() };

        let answer = bob_follows_amy(store_where_bob_finds(Ok(Some(bob_himself))));

        assert_fails!(answer, Error::Invalid(fields) if fields.to_string() == "profile can't follow yourself");
    }

    #[test]
    fn after_the_session_ended_nothing_is_said_about_the_profile() {
        assert_fails!(bob_follows_amy(store_where_bob_finds(session_ended())), Error::InvalidToken);
        assert_fails!(bob_unfollows_amy(store_where_bob_finds(session_ended())), Error::InvalidToken);
    }

    #[test]
    fn what_the_store_cannot_keep_is_not_acknowledged() {
        let mut profiles = store_with_amy(false);
        profiles.expect_follow().once().returning(|_, _| store_away());
        assert_fails!(bob_follows_amy(profiles), Error::Unavailable(_));

        let mut profiles = store_with_amy(true);
        profiles.expect_unfollow().once().returning(|_, _| store_away());
        assert_fails!(bob_unfollows_amy(profiles), Error::Unavailable(_));
    }
}
