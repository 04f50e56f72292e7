//! Users as others see them.

use super::about::About;
use super::values::{UserId, Username};

/// A user as another user or an anonymous reader sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    pub username: Username,
    pub about: About,
    /// Whether the reader follows the user; false for an anonymous reader and for the user itself.
    pub following: bool,
}

/// A profile with the id to follow it by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProfileWithId {
    pub id: UserId,
    pub profile: Profile,
}
