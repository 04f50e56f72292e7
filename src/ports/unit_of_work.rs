//! Port for transactions that span repositories.

use futures_util::future::LocalBoxFuture;

use crate::ports::repositories::RepositoryError;

/// How a unit of work ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TxOutcome {
    /// Its writes are committed.
    Commit,
    /// Its writes are undone.
    Rollback,
}

/// Runs work in a transaction that every repository called inside it joins implicitly.
pub trait UnitOfWork: Send + Sync + 'static {
    /// Runs `work`, on the same task, and ends the transaction as it returns. Work that calls no
    /// repository MUST cost nothing. Dropping the returned future early MUST undo the writes.
    ///
    /// # Errors
    /// If `work` returned [`TxOutcome::Commit`] and its writes are not all stored: the commit
    /// failed, or a statement failed inside the unit and `work` went on regardless.
    fn run<'a>(&'a self, work: LocalBoxFuture<'a, TxOutcome>) -> LocalBoxFuture<'a, Result<(), RepositoryError>>;

    /// Runs `reads` on one snapshot of the store, which neither blocks writers nor waits for them.
    /// Writes inside `reads` are undone.
    fn snapshot<'a>(&'a self, reads: LocalBoxFuture<'a, ()>) -> LocalBoxFuture<'a, ()>;
}
