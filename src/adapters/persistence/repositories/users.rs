//! Users as they see themselves.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use diesel::sql_types::{Bool, Text};

use crate::{
    adapters::persistence::sql::{
        error::QueryError,
        executor::Executor,
        rows::{AccountRow, AccountSql},
        statement::{Statement, live_session},
    },
    domain::{
        error::WithCauses,
        model::{
            user::{Account, Identity, NewUser, PasswordHash, UserUpdate},
            values::{EmailKey, UserId, UsernameKey},
        },
    },
    ports::repositories::{RepositoryError, Unique, UserRepository},
};

macro_rules! account {
    () => {
        "id, username, email, bio, image, generation"
    };
}

// Served by users_username_key and users_email_key.
const INSERT: &str = concat!(
    "
    insert into users (username, username_key, email, email_key, password_hash, created_at, updated_at)
    values ($1, $2, $3, $4, $5, $6, $6)
    on conflict do nothing
    returning ",
    account!()
);

// Served by users_username_key and users_email_key.
const TAKEN: &str = "
    select exists (select 1 from users where username_key = $1 and id is distinct from $2),
           exists (select 1 from users where email_key = $3 and id is distinct from $2)";

// Served by users_email_key.
const CREDENTIALS: &str = concat!("select ", account!(), ", password_hash from users where email_key = $1");

// Served by users_pkey. Another hash is that of another password, changed meanwhile.
const UPGRADE_HASH: &str = "update users set password_hash = $1 where id = $2 and password_hash = $3";

// Served by users_pkey.
const CURRENT: &str = concat!("select ", account!(), " from users v where ", live_session!());

// Served by users_pkey. The session that changes the password is the one kept. The condition is that of `living!`.
const UPDATE: &str = concat!(
    "
    update users as v set
        kept_session  = case when $1 is null then kept_session else $2 end,
        generation    = case when $1 is null then generation else generation + 1 end,
        password_hash = coalesce($1, password_hash),
        username      = coalesce($3, username),
        username_key  = coalesce($4, username_key),
        email         = coalesce($5, email),
        email_key     = coalesce($6, email_key),
        bio           = case when $7 = 1 then $8 else bio end,
        image         = case when $9 = 1 then $10 else image end,
        updated_at    = $11
    where v.id = $12 and (v.generation = $13 or v.kept_session = $2)
    returning ",
    account!()
);

/// The user repository of an engine.
pub struct Users<S>(S);

impl<S> From<S> for Users<S> {
    fn from(session: S) -> Self {
        Self(session)
    }
}

impl<S: Executor> Users<S> {
    /// Which of these values belong to a user other than `own`.
    async fn taken(
        &self,
        username: Option<&UsernameKey>,
        email: Option<&EmailKey>,
        own: Option<UserId>,
    ) -> Result<Vec<Unique>, QueryError> {
        let question = Statement::<(Bool, Bool)>::read("users.taken", TAKEN)
            .optional_text(username.map(UsernameKey::as_str))
            .number(own.map(UserId::get))
            .optional_text(email.map(EmailKey::as_str))
            .cheap();
        let (username, email) = self.0.first(question).await?.unwrap_or((false, false));
        let found = [(username, Unique::Username), (email, Unique::Email)];
        Ok(found.into_iter().filter_map(|(taken, unique)| taken.then_some(unique)).collect())
    }
}

/// What stood in the way: `taken`, or something that has gone since, so that another try may succeed.
fn conflict(taken: Vec<Unique>) -> RepositoryError {
    if taken.is_empty() {
        RepositoryError::Unavailable("a value was taken for a moment".into())
    } else {
        RepositoryError::Taken(taken)
    }
}

#[async_trait]
impl<S: Executor> UserRepository for Users<S> {
    async fn insert(&self, user: NewUser) -> Result<Account, RepositoryError> {
        let (username, email) = (user.username.key(), user.email.key());
        let question = Statement::<AccountSql>::write("users.insert", INSERT)
            .text(user.username.as_str())
            .text(username.as_str())
            .text(user.email.as_str())
            .text(email.as_str())
            .text(user.password_hash.expose())
            .instant(user.created_at);
        match self.0.first::<_, AccountRow>(question).await? {
            Some(account) => Ok(account.into()),
            None => Err(conflict(self.taken(Some(&username), Some(&email), None).await?)),
        }
    }

    async fn credentials(&self, email: &EmailKey) -> Result<Option<(Account, PasswordHash)>, RepositoryError> {
        let question =
            Statement::<(AccountSql, Text)>::read("users.credentials", CREDENTIALS).text(email.as_str()).cheap();
        let found = self.0.first(question).await?;
        Ok(found.map(|(account, hash): (AccountRow, String)| (account.into(), PasswordHash::new(hash))))
    }

    async fn upgrade_hash(&self, user: UserId, weak: &PasswordHash, strong: &PasswordHash) {
        let change = Statement::write("users.strengthen", UPGRADE_HASH)
            .text(strong.expose())
            .number(user.get())
            .text(weak.expose());
        if let Err(error) = self.0.execute(change).await {
            let error = RepositoryError::from(error);
            tracing::warn!(error = %WithCauses(&error), "a password's hash stays weak until the next log-in");
        }
    }

    async fn current(&self, identity: &Identity) -> Result<Account, RepositoryError> {
        let question = Statement::<AccountSql>::read("users.current", CURRENT).identity(identity).cheap();
        let account: Option<AccountRow> = self.0.first(question).await?;
        account.map(Account::from).ok_or(RepositoryError::SessionEnded)
    }

    async fn update(
        &self,
        identity: &Identity,
        update: UserUpdate,
        now: DateTime<Utc>,
    ) -> Result<Account, RepositoryError> {
        let username = update.username.as_ref().map(|username| username.key());
        let email = update.email.as_ref().map(|email| email.key());
        let question = Statement::<AccountSql>::write("users.update", UPDATE)
            .optional_text(update.password_hash.as_ref().map(PasswordHash::expose))
            .number(identity.session.get())
            .optional_text(update.username.as_ref().map(|username| username.as_str()))
            .optional_text(username.as_ref().map(UsernameKey::as_str))
            .optional_text(update.email.as_ref().map(|email| email.as_str()))
            .optional_text(email.as_ref().map(EmailKey::as_str))
            .number(i64::from(update.bio.is_some()))
            .optional_text(update.bio.as_ref().and_then(|bio| bio.as_ref()).map(|bio| bio.as_str()))
            .number(i64::from(update.image.is_some()))
            .optional_text(update.image.as_ref().and_then(|image| image.as_ref()).map(|image| image.as_str()))
            .instant(now)
            .number(identity.user.get())
            .number(identity.credential_version.get())
            .expect_conflict();
        match self.0.first::<_, AccountRow>(question).await {
            Ok(Some(account)) => Ok(account.into()),
            Ok(None) => Err(RepositoryError::SessionEnded),
            Err(QueryError::Taken(_)) => {
                Err(conflict(self.taken(username.as_ref(), email.as_ref(), Some(identity.user)).await?))
            }
            Err(error) => Err(error.into()),
        }
    }
}
