//! Registration, log-in and account changes.

use std::sync::Arc;

use async_trait::async_trait;

use crate::domain::error::{Error, Result};
use crate::domain::model::user::{Account, AccountChanges, Credentials, Identity, NewUser, Registration, UserUpdate};
use crate::domain::model::values::{Client, EmailKey, Password, SessionId};
use crate::ports::business_events::{BusinessEvent, BusinessEvents, LogInFailure};
use crate::ports::clock::{Clock, Randomness};
use crate::ports::rate_limiter::{Attempt, AttemptKind, RateLimiter};
use crate::ports::repositories::UserRepository;
use crate::ports::security::{PasswordHasher, SecurityError, Token, Tokens, Verification};
use crate::ports::services::{SignedIn, UserService};

/// Implements [`UserService`].
pub struct Users {
    pub(crate) users: Arc<dyn UserRepository>,
    pub(crate) hasher: Arc<dyn PasswordHasher>,
    pub(crate) tokens: Arc<dyn Tokens>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) randomness: Arc<dyn Randomness>,
    pub(crate) rate_limiter: Arc<dyn RateLimiter>,
    pub(crate) events: Arc<dyn BusinessEvents>,
}

impl Users {
    /// Runs `work` within the rate limit. An error that is not the client's fault, such as an
    /// unavailable store, does not count against the account.
    async fn rate_limited<T>(
        &self,
        attempt: Attempt,
        is_clients_fault: fn(&Error) -> bool,
        work: impl Future<Output = Result<T>> + Send,
    ) -> Result<T> {
        self.rate_limiter.check(&attempt).inspect_err(|_| {
            if attempt.kind == AttemptKind::LogIn {
                self.events.record(BusinessEvent::LogInFailed(LogInFailure::RateLimited));
            }
        })?;
        let result = work.await;
        match &result {
            Ok(_) => self.rate_limiter.record_success(&attempt),
            Err(error) if is_clients_fault(error) => {}
            Err(_) => self.rate_limiter.refund(&attempt),
        }
        result
    }

    async fn insert(&self, registration: Registration) -> Result<SignedIn> {
        let Registration { username, email, password } = registration;
        // Hashed before the store is called, so that the queue of the hasher holds no connection.
        let password_hash = self.hasher.hash(password).await?;
        let user = NewUser { username, email, password_hash, created_at: self.clock.now() };
        let account = self.users.insert(user).await?;
        self.events.record(BusinessEvent::Registered);
        self.begin_session(account)
    }

    async fn check(&self, email: &EmailKey, password: Password) -> Result<SignedIn> {
        let (account, hash) = self.users.credentials(email).await?.unzip();
        let verification = self.hasher.verify(password, hash.clone()).await.inspect_err(|error| {
            if matches!(error, SecurityError::Overloaded) {
                self.events.record(BusinessEvent::LogInFailed(LogInFailure::Overloaded));
            }
        })?;
        let account = match (account, verification) {
            (None, _) => return Err(self.reject(LogInFailure::UnknownEmail)),
            (Some(_), Verification::Mismatch) => return Err(self.reject(LogInFailure::WrongPassword)),
            (Some(account), Verification::Match) => account,
            (Some(account), Verification::NeedsRehash(new)) => {
                if let Some(old) = hash {
                    self.users.upgrade_hash(account.id, &old, &new).await;
                }
                account
            }
        };
        let signed_in = self.begin_session(account)?;
        self.events.record(BusinessEvent::LoggedIn);
        Ok(signed_in)
    }

    fn begin_session(&self, account: Account) -> Result<SignedIn> {
        // 63 bits: the store has signed 64-bit integers.
        let session = SessionId::new(i64::try_from(self.randomness.bits() >> 1).unwrap_or_default());
        self.sign(account, session)
    }

    /// Records why the log-in failed; the client only learns that it did.
    fn reject(&self, reason: LogInFailure) -> Error {
        self.events.record(BusinessEvent::LogInFailed(reason));
        Error::WrongCredentials
    }

    fn sign(&self, account: Account, session: SessionId) -> Result<SignedIn> {
        let identity = Identity { user: account.id, session, credential_version: account.credential_version };
        let token = self.tokens.issue(&identity, self.clock.now())?;
        Ok(SignedIn { account, token })
    }
}

#[async_trait]
impl UserService for Users {
    async fn register(&self, registration: Registration, client: Client) -> Result<SignedIn> {
        let attempt = Attempt { kind: AttemptKind::Registration, client, account: registration.email.key() };
        self.rate_limited(attempt, |error| matches!(error, Error::Taken(_)), self.insert(registration)).await
    }

    async fn log_in(&self, Credentials { email, password }: Credentials, client: Client) -> Result<SignedIn> {
        if password.exceeds_maximum() {
            return Err(self.reject(LogInFailure::WrongPassword));
        }
        let email = EmailKey::for_lookup(&email);
        let attempt = Attempt { kind: AttemptKind::LogIn, client, account: email.clone() };
        let work = self.check(&email, password);
        self.rate_limited(attempt, |error| matches!(error, Error::WrongCredentials), work).await
    }

    fn identify(&self, token: &str) -> Result<Identity> {
        self.tokens.verify(token, self.clock.now()).ok_or(Error::InvalidToken)
    }

    async fn authenticate(&self, identity: &Identity) -> Result<Account> {
        Ok(self.users.current(identity).await?)
    }

    async fn current(&self, identity: &Identity, token: Token) -> Result<SignedIn> {
        let account = self.users.current(identity).await?;
        let identity = Identity { credential_version: account.credential_version, ..*identity };
        let token = self.tokens.renew(token, &identity, self.clock.now())?;
        Ok(SignedIn { account, token })
    }

    async fn update(&self, identity: &Identity, changes: AccountChanges) -> Result<SignedIn> {
        let AccountChanges { username, email, password, about } = changes;
        if username.is_some() || email.is_some() || password.is_some() {
            self.rate_limiter.check_change(identity.user)?;
        }
        let password_hash = match password {
            Some(password) => Some(self.hasher.hash(password).await?),
            None => None,
        };
        let update = UserUpdate { username, email, password_hash, about };
        match self.users.update(identity, update, self.clock.now()).await.map_err(Error::from) {
            // The API specification has no 409 for this endpoint.
            Err(Error::Taken(fields)) => Err(Error::Invalid(fields)),
            updated => self.sign(updated?, identity.session),
        }
    }
}

#[cfg(test)]
mod tests;
