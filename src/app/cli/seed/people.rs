//! Users, and who follows whom.

use std::collections::HashSet;

use super::{Plan, demo, dice::Subject, words};
use crate::domain::model::{
    about::About,
    records::{FollowRecord, UserRecord},
    user::CredentialVersion,
    values::{Bio, Email, ImageUrl, Username},
};

/// The most users that anybody follows.
const MOST_FOLLOWED: u32 = 60;

pub fn users(plan: Plan) -> impl Iterator<Item = UserRecord> {
    let mut taken: HashSet<String> = demo::names().map(str::to_owned).collect();
    (0..plan.all_users()).map(move |index| match demo_user(&plan, index) {
        Some(record) => record,
        None => {
            let mut dice = plan.dice(Subject::User, index);
            let mut name = words::username(&mut dice);
            if !taken.insert(name.clone()) {
                // Nobody else has this number.
                name = format!("{name}{index}");
            }
            let bio = dice.happens(80).then(|| words::bio(&mut dice));
            let image = dice.happens(80).then(|| format!("https://i.pravatar.cc/150?u={name}"));
            UserRecord { password_hash: plan.locked.clone(), ..user(&plan, index, name, bio, image) }
        }
    })
}

fn demo_user(plan: &Plan, index: u32) -> Option<UserRecord> {
    let password_hash = plan.demo.clone()?;
    let (name, bio) = demo::USERS.get(usize::try_from(index).ok()?)?;
    let image = format!("https://i.pravatar.cc/150?u={name}");
    let record = user(plan, index, (*name).to_owned(), Some((*bio).to_owned()), Some(image));
    Some(UserRecord { password_hash, ..record })
}

fn user(plan: &Plan, index: u32, name: String, bio: Option<String>, image: Option<String>) -> UserRecord {
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

/// Everybody follows a few of all, and some of those whom many follow.
pub fn follows(plan: Plan) -> impl Iterator<Item = FollowRecord> {
    let users = plan.all_users();
    (0..users).flat_map(move |index| {
        let mut dice = plan.dice(Subject::Follows, index);
        let number = 1 + dice.seldom_below(MOST_FOLLOWED);
        let mut followed = dice.some_below(users, number);
        followed.extend((0..number).map(|_| dice.rather_small_below(users)));
        followed.remove(&index);
        let follower = plan.user_id(index);
        let records: Vec<_> =
            followed.into_iter().map(|other| FollowRecord { follower, followed: plan.user_id(other) }).collect();
        records
    })
}
