//! What users say about themselves, as their account and their profile show it.

use super::values::{Bio, ImageUrl};

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct About {
    pub bio: Option<Bio>,
    pub image: Option<ImageUrl>,
}

/// Changes to [`About`]: `None` keeps a field, `Some(None)` clears it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AboutChanges {
    pub bio: Option<Option<Bio>>,
    pub image: Option<Option<ImageUrl>>,
}
