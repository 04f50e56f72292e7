//! Profiles in JSON, and the fields that a profile shares with the user's own account.

use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::payload::{Field, Fields};
use super::schemas::clearable;
use crate::domain::model::about::{About, AboutChanges};
use crate::domain::model::profile::Profile;
use crate::domain::model::values::{Bio, ImageUrl, Username};

#[derive(Debug, Serialize, ToSchema)]
pub struct ProfileResponse<'a> {
    profile: ProfileJson<'a>,
}

/// A user as others see it, alone or as an author.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Profile, examples(example))]
pub struct ProfileJson<'a> {
    #[serde(flatten)]
    #[schema(inline)]
    fields: ProfileFields<'a>,
    /// Whether the reader follows the user; false without a token and for oneself.
    following: bool,
}

/// The fields that `User` and `Profile` share.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProfileFields<'a> {
    pub username: &'a str,
    #[schema(required)]
    pub bio: Option<&'a str>,
    #[schema(required)]
    pub image: Option<&'a str>,
}

impl<'a> ProfileFields<'a> {
    pub const EXAMPLE: Self =
        Self { username: "jake", bio: Some("I work at statefarm"), image: Some("https://example.com/jake.jpg") };

    pub fn new(username: &'a Username, about: &'a About) -> Self {
        Self {
            username: username.as_str(),
            bio: about.bio.as_ref().map(Bio::as_str),
            image: about.image.as_ref().map(ImageUrl::as_str),
        }
    }
}

pub fn example() -> Value {
    json!(ProfileJson { fields: ProfileFields::EXAMPLE, following: true })
}

impl<'a> From<&'a Profile> for ProfileJson<'a> {
    fn from(profile: &'a Profile) -> Self {
        Self { fields: ProfileFields::new(&profile.username, &profile.about), following: profile.following }
    }
}

impl<'a> From<&'a Profile> for ProfileResponse<'a> {
    fn from(profile: &'a Profile) -> Self {
        Self { profile: profile.into() }
    }
}

const BIO: Field = Field::text("bio", || clearable(ProfileFields::EXAMPLE.bio).max_length(Some(Bio::MAX_CHARS)).into());

const IMAGE: Field =
    Field::text("image", || clearable(ProfileFields::EXAMPLE.image).max_length(Some(ImageUrl::MAX_CHARS)).into());

pub const ABOUT: &[Field] = &[BIO, IMAGE];

pub fn parse_about(fields: &mut Fields) -> AboutChanges {
    AboutChanges { bio: fields.clearable(BIO, Bio::parse), image: fields.clearable(IMAGE, ImageUrl::parse) }
}
