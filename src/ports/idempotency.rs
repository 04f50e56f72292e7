//! Ports for requests with an `Idempotency-Key`: the use case, and its store of responses.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use futures_util::future::LocalBoxFuture;

use crate::domain::error::Result;
use crate::domain::model::idempotency::{Claim, Completion, KeyedRequest, Outcome, StoredResponse};
use crate::ports::repositories;

/// The work of a request.
pub type Work<'a> = LocalBoxFuture<'a, Completion>;

/// Runs a request at most once, however often it is sent.
#[async_trait(?Send)]
pub trait IdempotencyService: Send + Sync + 'static {
    /// Runs `work` in a unit of work, unless a request with the same key has completed or is in
    /// flight. The writes of `work` and its response are committed together. Work that fails, or a
    /// crash, leaves the key free and nothing written.
    ///
    /// # Errors
    /// `Error::InvalidToken` if the session has ended.
    async fn run_once<'a>(&self, request: &KeyedRequest, work: Work<'a>) -> Result<Outcome>;
}

/// Stored responses, by user and key.
#[cfg_attr(test, mockall::automock)]
#[async_trait]
pub trait IdempotencyRepository: Send + Sync + 'static {
    /// Returns what is stored under the request's key, unless it was stored at or before `oldest`.
    /// MUST be called in a unit of work and run one statement. An engine with concurrent writers
    /// SHOULD report a key that another unit holds here; otherwise [`store`](Self::store) reports
    /// it.
    async fn claim(&self, request: &KeyedRequest, oldest: DateTime<Utc>) -> repositories::Result<Claim>;

    /// Stores the response under the request's key, in place of one stored at or before `oldest`.
    /// Returns false if another unit has stored one meanwhile; of units that store the same key at
    /// most one MUST get true. Also deletes more responses from before `oldest` than it adds, which
    /// is the only way that they expire. MUST run at most two statements.
    async fn store(
        &self,
        request: &KeyedRequest,
        response: &StoredResponse,
        now: DateTime<Utc>,
        oldest: DateTime<Utc>,
    ) -> repositories::Result<bool>;
}
