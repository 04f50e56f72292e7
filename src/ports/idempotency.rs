//! Carrying a request out once, however often it comes: what is offered to whoever receives requests, and what it takes
//! of a store.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use futures_util::future::LocalBoxFuture;

use crate::{
    domain::{
        Error,
        model::idempotency::{Claim, Completion, KeyedRequest, Outcome, StoredResponse},
    },
    ports::repositories::RepositoryError,
};

/// Work to be done once.
pub type Work<'a> = LocalBoxFuture<'a, Completion>;

/// Carries requests out once.
#[async_trait(?Send)]
pub trait IdempotencyService: Send + Sync + 'static {
    /// Runs `work` in a unit of work unless a request with this key was carried out or is being carried out. Its writes
    /// and its answer are stored together or not at all, so that whatever is cut off in between leaves the key free and
    /// nothing done. Work that fails leaves the key free too. `InvalidToken` when the session has ended.
    async fn once<'a>(&self, request: &KeyedRequest, work: Work<'a>) -> Result<Outcome, Error>;
}

/// Stored answers, by user and key.
#[cfg_attr(test, mockall::automock)]
#[async_trait]
pub trait IdempotencyRepository: Send + Sync + 'static {
    /// What stands under the request's key, if it was stored after `oldest`. MUST be asked in a unit of work, and MUST
    /// cost one statement. An engine where several write at once SHOULD tell here that another unit has the key, and
    /// otherwise [`keep`](Self::keep) does.
    ///
    /// # Errors
    /// [`RepositoryError::SessionEnded`].
    async fn claim(&self, request: &KeyedRequest, oldest: DateTime<Utc>) -> Result<Claim, RepositoryError>;

    /// Stores the answer under the request's key in place of one from before `oldest`, and tells whether it did: not if
    /// somebody else stored one meanwhile. Of units that keep the same key at most one MUST be told that it did. Also
    /// removes a few answers from before `oldest`, more than it adds: there is no other way out for them. MUST cost two
    /// statements at the most.
    async fn keep(
        &self,
        request: &KeyedRequest,
        answer: &StoredResponse,
        now: DateTime<Utc>,
        oldest: DateTime<Utc>,
    ) -> Result<bool, RepositoryError>;
}
