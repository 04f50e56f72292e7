//! The unit of work: one request's transaction, ambient in the task that serves the request.
//!
//! A connection is leased and its transaction begun at the first use, so a unit without statements costs nothing. A
//! failed statement spoils the unit: PostgreSQL answers the COMMIT of an aborted transaction without an error, and a
//! request whose code went on regardless would be acknowledged with nothing written.

use std::{any::Any, mem, sync::Arc};

use async_trait::async_trait;
use futures_util::future::LocalBoxFuture;
use tokio::sync::{Mutex, MutexGuard};

use super::error::QueryError;
use crate::ports::{
    repositories::RepositoryError,
    unit_of_work::{TxOutcome, UnitOfWork},
};

tokio::task_local! {
    static CURRENT: Arc<dyn Any + Send + Sync>;
}

/// What a unit is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TxMode {
    /// To write, or to decide about it.
    Write,
    /// To read what is there at one moment.
    Snapshot,
}

/// An engine's transactions.
#[async_trait]
pub trait Transactions: Send + Sync + 'static {
    /// A connection with a transaction open on it; dropping it undoes the transaction.
    type Open: Send + 'static;

    /// Leases a connection and begins.
    async fn begin(&self, purpose: TxMode) -> Result<Self::Open, QueryError>;

    /// Keeps what was written.
    async fn commit(&self, open: Self::Open) -> Result<(), QueryError>;

    /// Undoes it.
    async fn rollback(&self, open: Self::Open) -> Result<(), QueryError>;
}

/// What a unit has come to so far.
struct Unit<O> {
    purpose: TxMode,
    state: TxState<O>,
    rollback_only: bool,
}

/// Where a unit's transaction is.
enum TxState<O> {
    /// There was no statement.
    Idle,
    /// Here, between statements.
    Open(O),
    /// A statement has the transaction, or had it and was given up, or did not survive it.
    Lost,
}

impl<O> Unit<O> {
    fn new(purpose: TxMode) -> Arc<Mutex<Self>> {
        Arc::new(Mutex::new(Self { purpose, state: TxState::Idle, rollback_only: false }))
    }

    fn take(&mut self) -> TxState<O> {
        mem::replace(&mut self.state, TxState::Lost)
    }
}

/// The unit that the running task is in.
pub struct CurrentUnit<O>(Arc<Mutex<Unit<O>>>);

impl<O: Send + 'static> CurrentUnit<O> {
    /// The unit that the running task is in, if it is in one of this engine's.
    pub fn get() -> Option<Self> {
        let unit = CURRENT.try_with(Arc::clone).ok()?;
        unit.downcast().ok().map(Self)
    }

    /// Waits for the statement that runs now, if there is one.
    pub async fn enter(&self) -> UnitGuard<'_, O> {
        UnitGuard(self.0.lock().await)
    }
}

/// The right to run the unit's next statement.
pub struct UnitGuard<'a, O>(MutexGuard<'a, Unit<O>>);

impl<O> UnitGuard<'_, O> {
    /// The unit's transaction, begun here at the first use. It is to be handed back by [`leave`](Self::leave): code that
    /// gives up a statement, or ignores that there is no transaction, must not be told that its writes were kept.
    pub async fn transaction<T: Transactions<Open = O>>(&mut self, engine: &T) -> Result<O, QueryError> {
        match self.0.take() {
            TxState::Idle => engine.begin(self.0.purpose).await,
            TxState::Open(open) => Ok(open),
            TxState::Lost => Err(QueryError::Internal("the unit of work has lost its transaction".into())),
        }
    }

    /// Hands the transaction back after a statement, which spoils the unit if it failed.
    pub fn leave(mut self, open: O, failed: bool) {
        self.0.state = TxState::Open(open);
        self.0.rollback_only |= failed;
    }
}

impl<T: Transactions> UnitOfWork for T {
    fn run<'a>(&'a self, work: LocalBoxFuture<'a, TxOutcome>) -> LocalBoxFuture<'a, Result<(), RepositoryError>> {
        Box::pin(async move {
            let unit = Unit::<T::Open>::new(TxMode::Write);
            let verdict = CURRENT.scope(unit.clone(), work).await;
            let mut unit = unit.lock().await;
            match (verdict, unit.take()) {
                (_, TxState::Idle) | (TxOutcome::Rollback, TxState::Lost) => Ok(()),
                (TxOutcome::Commit, TxState::Open(open)) if !unit.rollback_only => Ok(self.commit(open).await?),
                // The connection, if there is one, is closed.
                (TxOutcome::Commit, TxState::Open(_) | TxState::Lost) => {
                    Err(RepositoryError::Internal("a statement failed inside the unit of work".into()))
                }
                (TxOutcome::Rollback, TxState::Open(open)) => {
                    undo(self, open).await;
                    Ok(())
                }
            }
        })
    }

    fn snapshot<'a>(&'a self, reads: LocalBoxFuture<'a, ()>) -> LocalBoxFuture<'a, ()> {
        Box::pin(async move {
            let unit = Unit::<T::Open>::new(TxMode::Snapshot);
            CURRENT.scope(unit.clone(), reads).await;
            if let TxState::Open(open) = unit.lock().await.take() {
                undo(self, open).await;
            }
        })
    }
}

/// Nothing was promised; a connection that cannot roll back is closed, which has the same effect.
async fn undo<T: Transactions>(engine: &T, open: T::Open) {
    if let Err(error) = engine.rollback(open).await {
        tracing::warn!(?error, "could not roll back");
    }
}
