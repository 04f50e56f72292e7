//! Accounts and credentials.

use std::sync::LazyLock;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use crate::adapters::persistence::sql::columns::Columns;
use crate::adapters::persistence::sql::error::QueryError;
use crate::adapters::persistence::sql::executor::Executor;
use crate::adapters::persistence::sql::rows::{about_assignments, bind_about};
use crate::adapters::persistence::sql::statement::{Statement, live_session};
use crate::domain::error::WithCauses;
use crate::domain::model::user::{Account, Identity, NewUser, PasswordHash, UserUpdate};
use crate::domain::model::values::{EmailKey, UserId, UsernameKey};
use crate::ports::repositories::{RepositoryError, Unique, UserRepository};

// Served by users_username_key and users_email_key.
static INSERT: LazyLock<String> = LazyLock::new(|| {
    format!(
        "
    insert into users (username, username_key, email, email_key, password_hash, created_at, updated_at)
    values ($1, $2, $3, $4, $5, $6, $6)
    on conflict do nothing
    returning {}",
        Account::select_list("")
    )
});

// Served by users_username_key and users_email_key.
const TAKEN: &str = "
    select exists (select 1 from users where username_key = $1 and id is distinct from $2),
           exists (select 1 from users where email_key = $3 and id is distinct from $2)";

// Served by users_email_key.
static CREDENTIALS: LazyLock<String> =
    LazyLock::new(|| format!("select {}, password_hash from users where email_key = $1", Account::select_list("")));

// Served by users_pkey. A different hash belongs to a password that was changed meanwhile.
const UPGRADE_HASH: &str = "update users set password_hash = $1 where id = $2 and password_hash = $3";

// Served by users_pkey.
static CURRENT: LazyLock<String> =
    LazyLock::new(|| format!("select {} from users v where {}", Account::select_list(""), live_session!()));

// Served by users_pkey. The condition is that of `live_session!`.
static UPDATE: LazyLock<String> = LazyLock::new(|| {
    let (about, updated_at) = about_assignments(7);
    format!(
        "
    update users as v set
        kept_session  = case when $1 is null then kept_session else $2 end,
        generation    = case when $1 is null then generation else generation + 1 end,
        password_hash = coalesce($1, password_hash),
        username      = coalesce($3, username),
        username_key  = coalesce($4, username_key),
        email         = coalesce($5, email),
        email_key     = coalesce($6, email_key),
        {about},
        updated_at    = ${updated_at}
    where v.id = ${id} and (v.generation = ${version} or v.kept_session = $2)
    returning {account}",
        id = updated_at + 1,
        version = updated_at + 2,
        account = Account::select_list("")
    )
});

pub struct Users<E>(pub E);

impl<E: Executor> Users<E> {
    /// Returns which of these values belong to a user other than `own`.
    async fn taken(
        &self,
        username: Option<&UsernameKey>,
        email: Option<&EmailKey>,
        own: Option<UserId>,
    ) -> Result<Vec<Unique>, QueryError> {
        let statement = Statement::<(bool, bool)>::read("users.taken", TAKEN)
            .optional_text(username.map(UsernameKey::as_str))
            .number(own.map(UserId::get))
            .optional_text(email.map(EmailKey::as_str))
            .cheap();
        let (username, email) = self.0.first(statement).await?.unwrap_or((false, false));
        let found = [(username, Unique::Username), (email, Unique::Email)];
        Ok(found.into_iter().filter_map(|(taken, unique)| taken.then_some(unique)).collect())
    }
}

/// Returns the error for a violated unique constraint. With nothing taken any more, another try may
/// succeed.
fn conflict(taken: Vec<Unique>) -> RepositoryError {
    if taken.is_empty() {
        RepositoryError::Unavailable("a value was taken for a moment".into())
    } else {
        RepositoryError::Taken(taken)
    }
}

#[async_trait]
impl<E: Executor> UserRepository for Users<E> {
    async fn insert(&self, user: NewUser) -> Result<Account, RepositoryError> {
        let (username, email) = (user.username.key(), user.email.key());
        let statement = Statement::<Account>::write("users.insert", INSERT.as_str())
            .text(user.username.as_str())
            .text(username.as_str())
            .text(user.email.as_str())
            .text(email.as_str())
            .text(user.password_hash.expose())
            .instant(user.created_at);
        match self.0.first(statement).await? {
            Some(account) => Ok(account),
            None => Err(conflict(self.taken(Some(&username), Some(&email), None).await?)),
        }
    }

    async fn credentials(&self, email: &EmailKey) -> Result<Option<(Account, PasswordHash)>, RepositoryError> {
        let statement = Statement::read("users.credentials", CREDENTIALS.as_str()).text(email.as_str()).cheap();
        Ok(self.0.first(statement).await?)
    }

    async fn upgrade_hash(&self, user: UserId, weak: &PasswordHash, strong: &PasswordHash) {
        let statement = Statement::write("users.strengthen", UPGRADE_HASH)
            .text(strong.expose())
            .number(user.get())
            .text(weak.expose());
        if let Err(error) = self.0.execute(statement).await {
            let error = RepositoryError::from(error);
            tracing::warn!(error = %WithCauses(&error), "a password's hash stays weak until the next log-in");
        }
    }

    async fn current(&self, identity: &Identity) -> Result<Account, RepositoryError> {
        let statement = Statement::read("users.current", CURRENT.as_str()).identity(identity).cheap();
        self.0.first(statement).await?.ok_or(RepositoryError::SessionEnded)
    }

    async fn update(
        &self,
        identity: &Identity,
        update: UserUpdate,
        now: DateTime<Utc>,
    ) -> Result<Account, RepositoryError> {
        let username = update.username.as_ref().map(|username| username.key());
        let email = update.email.as_ref().map(|email| email.key());
        let statement = Statement::<Account>::write("users.update", UPDATE.as_str())
            .optional_text(update.password_hash.as_ref().map(PasswordHash::expose))
            .number(identity.session.get())
            .optional_text(update.username.as_ref().map(|username| username.as_str()))
            .optional_text(username.as_ref().map(UsernameKey::as_str))
            .optional_text(update.email.as_ref().map(|email| email.as_str()))
            .optional_text(email.as_ref().map(EmailKey::as_str));
        let statement = bind_about(statement, &update.about)
            .instant(now)
            .number(identity.user.get())
            .number(identity.credential_version.get())
            .expect_conflict();
        match self.0.first(statement).await {
            Ok(Some(account)) => Ok(account),
            Ok(None) => Err(RepositoryError::SessionEnded),
            Err(QueryError::Taken(_)) => {
                Err(conflict(self.taken(username.as_ref(), email.as_ref(), Some(identity.user)).await?))
            }
            Err(error) => Err(error.into()),
        }
    }
}
