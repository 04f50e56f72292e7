//! Users as they see themselves, and the sessions in which they act.

use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretString};

use super::{
    profile::Profile,
    values::{Bio, Email, ImageUrl, Password, SessionId, UserId, Username},
};

/// How often a user's password has changed: a token of an earlier generation is revoked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct CredentialVersion(i64);

impl CredentialVersion {
    /// The generation with this number.
    pub fn new(number: i64) -> Self {
        Self(number)
    }

    /// Its number: 0 for a user whose password never changed.
    pub fn get(self) -> i64 {
        self.0
    }
}

/// Who a verified token says is asking.
///
/// Its signature and dates were good, which proves that this service issued it. Whether the session still lives (the
/// user exists, the password has not changed since) only the store knows: every repository method that takes an
/// identity checks that in the statement that does its work, so that a read by a known reader costs no more statements
/// than an anonymous one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The user that signed in.
    pub user: UserId,
    /// The session that began with that registration or log-in.
    pub session: SessionId,
    /// The generation of the user's password at that time.
    pub credential_version: CredentialVersion,
}

/// A user as the user sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// The user's permanent name inside this service; never shown.
    pub id: UserId,
    /// The name that others see, in the form in which it was given.
    pub username: Username,
    /// The e-mail to log in with, in the form in which it was given.
    pub email: Email,
    /// What the user says about itself.
    pub bio: Option<Bio>,
    /// A picture, wherever it may be.
    pub image: Option<ImageUrl>,
    /// How often the password has changed.
    pub credential_version: CredentialVersion,
}

impl Account {
    /// The account as its owner sees it in the author's place: nobody follows oneself.
    pub fn own_profile(&self) -> Profile {
        Profile { username: self.username.clone(), bio: self.bio.clone(), image: self.image.clone(), following: false }
    }
}

/// What one gives to become a user.
#[derive(Debug)]
pub struct Registration {
    /// The wanted name.
    pub username: Username,
    /// The e-mail to log in with.
    pub email: Email,
    /// The password to log in with.
    pub password: Password,
}

/// What one gives to log in. The e-mail is any text: one that is no e-mail belongs to nobody.
#[derive(Debug)]
pub struct Credentials {
    /// The e-mail in whatever form.
    pub email: String,
    /// The password to try.
    pub password: Password,
}

/// The changes that a user makes to its own account; `None` keeps what is there.
#[derive(Debug, Default)]
pub struct AccountChanges {
    /// A new name.
    pub username: Option<Username>,
    /// A new e-mail.
    pub email: Option<Email>,
    /// A new password; it ends every other session.
    pub password: Option<Password>,
    /// `Some(None)` clears the bio.
    pub bio: Option<Option<Bio>>,
    /// `Some(None)` clears the image.
    pub image: Option<Option<ImageUrl>>,
}

/// A password as it is stored: a PHC string with algorithm, parameters and salt, opaque to the domain.
#[derive(Clone, Debug)]
pub struct PasswordHash(SecretString);

impl PasswordHash {
    /// Takes a PHC string.
    pub fn new(phc: String) -> Self {
        Self(phc.into())
    }

    /// The PHC string, for the hasher and the store.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

/// A user about to be stored.
#[derive(Debug)]
pub struct NewUser {
    /// The name in the form in which it was given.
    pub username: Username,
    /// The e-mail in the form in which it was given.
    pub email: Email,
    /// The hash of the password.
    pub password_hash: PasswordHash,
    /// When the user registered.
    pub created_at: DateTime<Utc>,
}

/// The stored side of [`AccountChanges`].
#[derive(Debug, Default)]
pub struct UserUpdate {
    /// A new name.
    pub username: Option<Username>,
    /// A new e-mail.
    pub email: Option<Email>,
    /// The hash of a new password: the generation grows, and only the session that makes the change outlives it.
    pub password_hash: Option<PasswordHash>,
    /// `Some(None)` clears the bio.
    pub bio: Option<Option<Bio>>,
    /// `Some(None)` clears the image.
    pub image: Option<Option<ImageUrl>>,
}
