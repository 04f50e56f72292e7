//! Registering, logging in, and changing one's account.

use std::sync::Arc;

use async_trait::async_trait;

use crate::{
    domain::{
        Error,
        model::{
            user::{Account, AccountChanges, Identity, LogIn, NewUser, Registration, UserUpdate},
            values::{Client, EmailKey, Password, SessionId},
        },
    },
    ports::{
        business_events::{BusinessEvent, BusinessEvents, LogInFailure},
        clock::{Clock, Randomness},
        rate_limiter::{Attempt, AttemptKind, RateLimiter},
        repositories::UserRepository,
        security::{PasswordHasher, SecurityError, Token, Tokens, Verification},
        services::{SignedIn, UserService},
    },
};

/// The use cases around users.
pub struct Users {
    users: Arc<dyn UserRepository>,
    hasher: Arc<dyn PasswordHasher>,
    tokens: Arc<dyn Tokens>,
    clock: Arc<dyn Clock>,
    randomness: Arc<dyn Randomness>,
    rate_limiter: Arc<dyn RateLimiter>,
    events: Arc<dyn BusinessEvents>,
}

impl Users {
    /// Users in this store, with passwords hashed and tokens signed by these, and attempts slowed down by that.
    pub fn new(
        users: Arc<dyn UserRepository>,
        hasher: Arc<dyn PasswordHasher>,
        tokens: Arc<dyn Tokens>,
        clock: Arc<dyn Clock>,
        randomness: Arc<dyn Randomness>,
        rate_limiter: Arc<dyn RateLimiter>,
        events: Arc<dyn BusinessEvents>,
    ) -> Self {
        Self { users, hasher, tokens, clock, randomness, rate_limiter, events }
    }

    /// Does what an attempt is about, if it does not come too soon. What is neither right nor `wrong` (the store is
    /// away, say) is held against nobody.
    async fn attempt<T>(
        &self,
        attempt: Attempt,
        wrong: fn(&Error) -> bool,
        work: impl Future<Output = Result<T, Error>> + Send,
    ) -> Result<T, Error> {
        self.rate_limiter.check(&attempt).inspect_err(|_| {
            if attempt.kind == AttemptKind::LogIn {
                self.events.record(BusinessEvent::LogInFailed(LogInFailure::RateLimited));
            }
        })?;
        let result = work.await;
        match &result {
            Ok(_) => self.rate_limiter.record_success(&attempt),
            Err(error) if wrong(error) => {}
            Err(_) => self.rate_limiter.refund(&attempt),
        }
        result
    }

    async fn insert(&self, registration: Registration) -> Result<SignedIn, Error> {
        let Registration { username, email, password } = registration;
        // Hashed first: while it waits its turn, the request holds no connection.
        let password_hash = self.hasher.hash(password).await?;
        let user = NewUser { username, email, password_hash, created_at: self.clock.now() };
        let account = self.users.insert(user).await?;
        self.events.record(BusinessEvent::Registered);
        self.begin_session(account)
    }

    async fn check(&self, email: &EmailKey, password: Password) -> Result<SignedIn, Error> {
        let (account, hash) = self.users.credentials(email).await?.unzip();
        let verification = self.hasher.verify(password, hash.clone()).await.inspect_err(|error| {
            if matches!(error, SecurityError::Overloaded) {
                self.events.record(BusinessEvent::LogInFailed(LogInFailure::Overloaded));
            }
        })?;
        let account = match (account, verification) {
            (None, _) => return Err(self.refuse(LogInFailure::UnknownEmail)),
            (Some(_), Verification::Mismatch) => return Err(self.refuse(LogInFailure::WrongPassword)),
            (Some(account), Verification::Match) => account,
            (Some(account), Verification::NeedsRehash(strong)) => {
                if let Some(weak) = hash {
                    self.users.upgrade_hash(account.id, &weak, &strong).await;
                }
                account
            }
        };
        let signed_in = self.begin_session(account)?;
        self.events.record(BusinessEvent::LoggedIn);
        Ok(signed_in)
    }

    fn begin_session(&self, account: Account) -> Result<SignedIn, Error> {
        // The top bit is dropped: the stores hold signed 64-bit integers.
        let session = SessionId::new(i64::try_from(self.randomness.bits() >> 1).unwrap_or_default());
        self.sign(account, session)
    }

    /// Tells the reason to those who keep count, and to the client no more than that there is one.
    fn refuse(&self, reason: LogInFailure) -> Error {
        self.events.record(BusinessEvent::LogInFailed(reason));
        Error::WrongCredentials
    }

    fn sign(&self, account: Account, session: SessionId) -> Result<SignedIn, Error> {
        let identity = Identity { user: account.id, session, credential_version: account.credential_version };
        let token = self.tokens.issue(&identity, self.clock.now())?;
        Ok(SignedIn { account, token })
    }
}

#[async_trait]
impl UserService for Users {
    async fn register(&self, registration: Registration, client: Client) -> Result<SignedIn, Error> {
        let attempt = Attempt { kind: AttemptKind::Registration, client, account: registration.email.key() };
        self.attempt(attempt, |error| matches!(error, Error::Taken(_)), self.insert(registration)).await
    }

    async fn log_in(&self, LogIn { email, password }: LogIn, client: Client) -> Result<SignedIn, Error> {
        if password.exceeds_maximum() {
            return Err(self.refuse(LogInFailure::WrongPassword));
        }
        let email = EmailKey::for_lookup(&email);
        let attempt = Attempt { kind: AttemptKind::LogIn, client, account: email.clone() };
        self.attempt(attempt, |error| matches!(error, Error::WrongCredentials), self.check(&email, password)).await
    }

    fn identify(&self, token: &str) -> Result<Identity, Error> {
        self.tokens.verify(token, self.clock.now()).ok_or(Error::InvalidToken)
    }

    async fn authenticate(&self, identity: &Identity) -> Result<Account, Error> {
        Ok(self.users.current(identity).await?)
    }

    async fn current(&self, identity: &Identity, token: Token) -> Result<SignedIn, Error> {
        let account = self.users.current(identity).await?;
        let identity = Identity { credential_version: account.credential_version, ..*identity };
        let token = self.tokens.renew(token, &identity, self.clock.now())?;
        Ok(SignedIn { account, token })
    }

    async fn update(&self, identity: &Identity, changes: AccountChanges) -> Result<SignedIn, Error> {
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
            // The API's document knows no conflict here: what is taken is an invalid value.
            Err(Error::Taken(fields)) => Err(Error::Invalid(fields)),
            updated => self.sign(updated?, identity.session),
        }
    }
}

#[cfg(test)]
mod tests;
