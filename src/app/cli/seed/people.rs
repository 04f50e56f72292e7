//! Users and their follows.

use std::collections::HashSet;

use super::dice::Stream;
use super::plan::Plan;
use super::{demo, words};
use crate::domain::model::about::About;
use crate::domain::model::records::{FollowRecord, UserRecord};
use crate::domain::model::user::CredentialVersion;
use crate::domain::model::values::{Bio, Email, ImageUrl, Username};

/// Bounds each of the two parts of a user's follows.
const MAX_FOLLOWED: u32 = 60;

pub fn users(plan: Plan) -> impl Iterator<Item = UserRecord> {
    let mut taken: HashSet<String> = demo::names().map(str::to_owned).collect();
    (0..plan.all_users()).map(move |index| match demo_user(&plan, index) {
        Some(record) => record,
        None => {
            let mut dice = plan.dice(Stream::USER, index);
            let mut name = words::username(&mut dice);
            if !taken.insert(name.clone()) {
                name = format!("{name}{index}");
            }
            let bio = dice.is_true(80).then(|| words::bio(&mut dice));
            user(&plan, index, name, bio, dice.is_true(80))
        }
    })
}

fn demo_user(plan: &Plan, index: u32) -> Option<UserRecord> {
    let password_hash = plan.demo.clone()?;
    let (name, bio) = demo::USERS.get(usize::try_from(index).ok()?)?;
    Some(UserRecord { password_hash, ..user(plan, index, (*name).to_owned(), Some((*bio).to_owned()), true) })
}

fn user(plan: &Plan, index: u32, name: String, bio: Option<String>, has_image: bool) -> UserRecord {
    let image = has_image.then(|| format!("https://i.pravatar.cc/150?u={name}"));
    let (email, username) = (Email::from_trusted(format!("{name}@example.com")), Username::from_trusted(name));
    let registered_at = plan.registered_at(index);
    UserRecord {
        id: plan.user_id(index),
        username_key: username.key(),
        username,
        email_key: email.key(),
        email,
        password_hash: plan.locked.clone(),
        about: About { bio: bio.map(Bio::from_trusted), image: image.map(ImageUrl::from_trusted) },
        credential_version: CredentialVersion::default(),
        exempt_session: None,
        created_at: registered_at,
        updated_at: registered_at,
    }
}

/// Each user follows a few random users and a few popular ones.
pub fn follows(plan: Plan) -> impl Iterator<Item = FollowRecord> {
    let users = plan.all_users();
    (0..users).flat_map(move |index| {
        let mut dice = plan.dice(Stream::FOLLOWS, index);
        let count = 1 + dice.zipf_below(MAX_FOLLOWED);
        let mut followed = dice.distinct_below(users, count);
        followed.extend((0..count).map(|_| dice.skewed_below(users)));
        followed.remove(&index);
        let follower = plan.user_id(index);
        let records: Vec<_> =
            followed.into_iter().map(|other| FollowRecord { follower, followed: plan.user_id(other) }).collect();
        records
    })
}
