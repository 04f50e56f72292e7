//! Accounts, the sessions in which users act, and changes to both.

use std::hash::{Hash, Hasher};

use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretString};

pub use super::values::CredentialVersion;

use super::about::{About, AboutChanges};
use super::profile::Profile;
use super::values::{Email, Password, SessionId, UserId, Username};

/// The user and the session that a verified token names.
///
/// A valid signature proves that this service issued the token. Whether the session is still valid
/// (the user exists, the password has not changed since) only the store knows: every repository
/// method that takes an identity checks it in the statement that does the work, so that an
/// authenticated read costs no more statements than an anonymous one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity {
    pub user: UserId,
    /// The session that began with the registration or log-in.
    pub session: SessionId,
    /// The user's credential version at that time.
    pub credential_version: CredentialVersion,
}

/// A user as the user itself sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Permanent id, never shown to clients.
    pub id: UserId,
    pub username: Username,
    pub email: Email,
    pub about: About,
    pub credential_version: CredentialVersion,
}

impl Account {
    /// Returns the account as its owner sees it as an author: no user follows itself.
    pub fn own_profile(&self) -> Profile {
        Profile { username: self.username.clone(), about: self.about.clone(), following: false }
    }
}

#[derive(Debug)]
pub struct Registration {
    pub username: Username,
    pub email: Email,
    pub password: Password,
}

/// Credentials to log in with. The e-mail is unparsed text: an invalid one belongs to no account.
#[derive(Debug)]
pub struct Credentials {
    pub email: String,
    pub password: Password,
}

/// Changes that a user makes to its own account; `None` keeps the present value.
#[derive(Debug, Default)]
pub struct AccountChanges {
    pub username: Option<Username>,
    pub email: Option<Email>,
    /// Ends every other session of the user.
    pub password: Option<Password>,
    pub about: AboutChanges,
}

/// A stored password: a PHC string with algorithm, parameters and salt, opaque to the domain.
#[derive(Clone, Debug)]
pub struct PasswordHash(SecretString);

impl PasswordHash {
    pub fn new(phc: String) -> Self {
        Self(phc.into())
    }

    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl Hash for PasswordHash {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.expose().hash(state);
    }
}

#[derive(Debug)]
pub struct NewUser {
    pub username: Username,
    pub email: Email,
    pub password_hash: PasswordHash,
    pub created_at: DateTime<Utc>,
}

/// [`AccountChanges`] with the password hashed.
#[derive(Debug, Default)]
pub struct UserUpdate {
    pub username: Option<Username>,
    pub email: Option<Email>,
    /// Increments the credential version; only the session that makes the change stays valid.
    pub password_hash: Option<PasswordHash>,
    pub about: AboutChanges,
}
