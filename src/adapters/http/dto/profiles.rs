//! Profiles in JSON.

use serde::Serialize;

use crate::domain::model::{
    profile::Profile,
    values::{Bio, ImageUrl},
};

/// `{"profile": {...}}`.
#[derive(Debug, Serialize)]
pub struct ProfileResponse<'a> {
    profile: ProfileJson<'a>,
}

/// A profile, alone or as an author.
#[derive(Debug, Serialize)]
pub struct ProfileJson<'a> {
    username: &'a str,
    bio: Option<&'a str>,
    image: Option<&'a str>,
    following: bool,
}

impl<'a> From<&'a Profile> for ProfileResponse<'a> {
    fn from(profile: &'a Profile) -> Self {
        Self { profile: profile.into() }
    }
}

impl<'a> From<&'a Profile> for ProfileJson<'a> {
    fn from(profile: &'a Profile) -> Self {
        Self {
            username: profile.username.as_str(),
            bio: profile.bio.as_ref().map(Bio::as_str),
            image: profile.image.as_ref().map(ImageUrl::as_str),
            following: profile.following,
        }
    }
}
