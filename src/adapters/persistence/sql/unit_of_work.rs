//! Unit of work: the transaction of one request, ambient in the task that serves it.
//!
//! The first statement leases a connection and begins the transaction, so that a unit without
//! statements costs nothing. A failed statement makes the unit rollback-only: PostgreSQL
//! acknowledges the COMMIT of an aborted transaction, so a request that ignores the failure would
//! be acknowledged with nothing written. It also refuses further statements: at some failures, such
//! as a full disk, SQLite ends the transaction, and the next statement would commit by itself.

use std::any::Any;
use std::mem;
use std::sync::Arc;

use async_trait::async_trait;
use futures_util::future::LocalBoxFuture;
use tokio::sync::Mutex;

use super::error::QueryError;
use crate::ports::repositories::RepositoryError;
use crate::ports::unit_of_work::{TxOutcome, UnitOfWork};

tokio::task_local! {
    static CURRENT: Arc<dyn Any + Send + Sync>;
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TxMode {
    Write,
    Snapshot,
}

#[async_trait]
pub trait Transactions: Send + Sync + 'static {
    /// Connection inside a transaction, which dropping it rolls back.
    type Open: Send + 'static;

    async fn begin(&self, mode: TxMode) -> Result<Self::Open, QueryError>;

    async fn commit(&self, open: Self::Open) -> Result<(), QueryError>;

    async fn rollback(&self, open: Self::Open) -> Result<(), QueryError>;
}

pub struct Unit<O> {
    mode: TxMode,
    state: TxState<O>,
    rollback_only: bool,
}

enum TxState<O> {
    Idle,
    Active(O),
    /// A statement is running, or was cancelled, or lost the transaction.
    Lost,
}

impl<O> Unit<O> {
    fn new(mode: TxMode) -> Arc<Mutex<Self>> {
        Arc::new(Mutex::new(Self { mode, state: TxState::Idle, rollback_only: false }))
    }

    fn take(&mut self) -> TxState<O> {
        mem::replace(&mut self.state, TxState::Lost)
    }

    /// Returns the transaction, which the first call begins. A statement that does not
    /// [release](Self::release) it, because it was cancelled, keeps the unit from being committed.
    pub async fn transaction<T: Transactions<Open = O>>(&mut self, engine: &T) -> Result<O, QueryError> {
        if self.rollback_only {
            return Err(QueryError::Internal("an earlier statement of the unit of work failed".into()));
        }
        match self.take() {
            TxState::Idle => engine.begin(self.mode).await,
            TxState::Active(open) => Ok(open),
            TxState::Lost => Err(QueryError::Internal("the unit of work has lost its transaction".into())),
        }
    }

    /// Makes the unit rollback-only if the statement failed. One that `expects_conflict` may
    /// violate a unique constraint: it is undone alone, and the transaction continues.
    pub fn release<R>(&mut self, open: O, result: &Result<R, QueryError>, expects_conflict: bool) {
        self.state = TxState::Active(open);
        self.rollback_only |= match result {
            Ok(_) => false,
            Err(QueryError::Taken(_)) => !expects_conflict,
            Err(_) => true,
        };
    }
}

/// Returns the unit of the running task, if it has one on this engine.
pub fn current_unit<O: Send + 'static>() -> Option<Arc<Mutex<Unit<O>>>> {
    CURRENT.try_with(Arc::clone).ok()?.downcast().ok()
}

impl<T: Transactions> UnitOfWork for T {
    fn run<'a>(&'a self, work: LocalBoxFuture<'a, TxOutcome>) -> LocalBoxFuture<'a, Result<(), RepositoryError>> {
        Box::pin(async move {
            let unit = Unit::<T::Open>::new(TxMode::Write);
            let outcome = CURRENT.scope(unit.clone(), work).await;
            let mut unit = unit.lock().await;
            match (outcome, unit.take()) {
                (_, TxState::Idle) | (TxOutcome::Rollback, TxState::Lost) => Ok(()),
                (TxOutcome::Commit, TxState::Active(open)) if !unit.rollback_only => Ok(self.commit(open).await?),
                // Dropping the connection closes it.
                (TxOutcome::Commit, TxState::Active(_) | TxState::Lost) => {
                    Err(RepositoryError::Internal("a statement failed inside the unit of work".into()))
                }
                (TxOutcome::Rollback, TxState::Active(open)) => {
                    rollback(self, open).await;
                    Ok(())
                }
            }
        })
    }

    fn snapshot<'a>(&'a self, reads: LocalBoxFuture<'a, ()>) -> LocalBoxFuture<'a, ()> {
        Box::pin(async move {
            let unit = Unit::<T::Open>::new(TxMode::Snapshot);
            CURRENT.scope(unit.clone(), reads).await;
            if let TxState::Active(open) = unit.lock().await.take() {
                rollback(self, open).await;
            }
        })
    }
}

/// Logs a failure instead of returning it: the connection is then closed, which rolls back as well.
async fn rollback<T: Transactions>(engine: &T, open: T::Open) {
    if let Err(error) = engine.rollback(open).await {
        tracing::warn!(?error, "could not roll back");
    }
}
