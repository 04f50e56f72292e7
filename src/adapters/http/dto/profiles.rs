//! Profiles in JSON.

use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    adapters::http::openapi::examples,
    domain::model::{
        profile::Profile,
        values::{Bio, ImageUrl},
    },
};

/// `{"profile": {...}}`.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProfileResponse<'a> {
    profile: ProfileJson<'a>,
}

/// A profile, alone or as an author.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Profile, examples(examples::profile))]
pub struct ProfileJson<'a> {
    username: &'a str,
    #[schema(required)]
    bio: Option<&'a str>,
    #[schema(required)]
    image: Option<&'a str>,
    /// By the reader; false for the anonymous and for oneself.
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
            bio: profile.about.bio.as_ref().map(Bio::as_str),
            image: profile.about.image.as_ref().map(ImageUrl::as_str),
            following: profile.following,
        }
    }
}
