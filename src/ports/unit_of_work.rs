//! All or nothing: the writes of one request, however many repositories make them.

use futures_util::future::LocalBoxFuture;

use crate::ports::repositories::RepositoryError;

/// What is to become of the writes of a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Keep them.
    Commit,
    /// Undo them.
    Rollback,
}

/// Runs work whose writes stand or fall together.
pub trait UnitOfWork: Send + Sync + 'static {
    /// Runs `work` and does with its writes what it says at its end. Repositories that are called inside `work` MUST
    /// take part, without being told. A unit that calls none MUST cost nothing.
    ///
    /// `work` stays on the task that runs it. Dropping the returned future before its end MUST undo the writes.
    ///
    /// # Errors
    /// When the verdict was to commit and the writes are not all stored: the commit failed, or a statement failed
    /// inside the unit and the work went on regardless. `Ok` after [`Verdict::Commit`] MUST mean that they are.
    fn run<'a>(&'a self, work: LocalBoxFuture<'a, Verdict>) -> LocalBoxFuture<'a, Result<(), RepositoryError>>;

    /// Runs `reads` that MUST all see the store as it is at one moment, whatever others write meanwhile; they wait for none
    /// of them, and none waits for them. Repositories take part in the same way. What `reads` writes nevertheless is undone.
    ///
    /// # Errors
    /// None of its own: what fails, fails in `reads`.
    fn snapshot<'a>(&'a self, reads: LocalBoxFuture<'a, ()>) -> LocalBoxFuture<'a, ()>;
}
