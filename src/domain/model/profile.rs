//! Users as others see them.

use super::values::{Bio, ImageUrl, UserId, Username};

/// A user as a reader sees one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// The user's name.
    pub username: Username,
    /// What the user says about itself.
    pub bio: Option<Bio>,
    /// A picture, wherever it may be.
    pub image: Option<ImageUrl>,
    /// Whether the reader follows the user: false for the anonymous and for oneself.
    pub following: bool,
}

/// A profile with the id to follow it by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProfileWithId {
    /// Whom to follow.
    pub id: UserId,
    /// What the reader sees of that user now.
    pub profile: Profile,
}
