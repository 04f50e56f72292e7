//! Turns with the connection that writes: what waits in its queue.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
        mpsc::Sender,
    },
    time::Instant,
};

use diesel::SqliteConnection;
use tokio::sync::oneshot;
use tracing::Span;

use crate::adapters::persistence::{
    pool::{load_shedder::Slot, metrics::PoolMetrics},
    sql::error::QueryError,
};

/// What somebody waits for.
pub enum WriteJob {
    /// That a change is carried out.
    Change(JobTicket, Box<dyn Change>),
    /// To have the connection.
    Lend(JobTicket, oneshot::Sender<Result<WriterLease, QueryError>>),
}

/// The right to a turn.
pub struct JobTicket {
    pending_change: Instant,
    slot: Option<Slot>,
    is_taken: Arc<AtomicBool>,
    _pending: Pending,
}

impl JobTicket {
    /// A ticket, with what takes it back.
    pub fn new(slot: Option<Slot>, pending: Pending) -> (Self, CancelHandle) {
        let is_taken = Arc::<AtomicBool>::default();
        let ticket = Self { pending_change: Instant::now(), slot, is_taken: Arc::clone(&is_taken), _pending: pending };
        (ticket, CancelHandle(is_taken))
    }

    /// Begins the turn. False if nobody waits for it any more: then it is over.
    pub fn begin(&mut self, metrics: &PoolMetrics) -> bool {
        if let Some(slot) = self.slot.take() {
            slot.mark_served();
        }
        let begins = !self.is_taken.swap(true, Ordering::AcqRel);
        if begins {
            metrics.record_wait(self.pending_change);
        }
        begins
    }
}

/// What who waits holds. Dropped before the turn begins, for whatever reason, it takes the ticket back.
pub struct CancelHandle(Arc<AtomicBool>);

impl CancelHandle {
    /// Takes the ticket back. False if the turn has begun.
    pub fn cancel(&self) -> bool {
        !self.0.swap(true, Ordering::AcqRel)
    }
}

impl Drop for CancelHandle {
    fn drop(&mut self) {
        self.cancel();
    }
}

/// One of the turns that are not over.
pub struct Pending {
    count: Arc<AtomicUsize>,
    others: usize,
}

impl Pending {
    /// One more.
    pub fn enter(count: &Arc<AtomicUsize>) -> Self {
        Self { others: count.fetch_add(1, Ordering::AcqRel), count: Arc::clone(count) }
    }

    /// How many there were when it came.
    pub fn others(&self) -> usize {
        self.others
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        self.count.fetch_sub(1, Ordering::AcqRel);
    }
}

/// A change that somebody waits for.
pub trait Change: Send {
    /// Carries it out, and keeps the result in place of an earlier one. False if it failed.
    fn run(&mut self, connection: &mut SqliteConnection) -> bool;

    /// Gives the result to who waits for it. There is none if carrying it out panicked.
    fn answer(self: Box<Self>);

    /// Gives them this error.
    fn reject(self: Box<Self>, error: QueryError);
}

struct PendingChange<W, R> {
    work: W,
    /// What happens here belongs to the request that waits for it.
    span: Span,
    result: Option<Result<R, QueryError>>,
    to: oneshot::Sender<Result<R, QueryError>>,
}

/// A change, and what brings its result.
pub fn pending_change<R, W>(work: W) -> (Box<dyn Change>, oneshot::Receiver<Result<R, QueryError>>)
where
    R: Send + 'static,
    W: FnMut(&mut SqliteConnection) -> Result<R, QueryError> + Send + 'static,
{
    let (to, result) = oneshot::channel();
    (Box::new(PendingChange { work, span: Span::current(), result: None, to }), result)
}

impl<R, W> Change for PendingChange<W, R>
where
    R: Send,
    W: FnMut(&mut SqliteConnection) -> Result<R, QueryError> + Send,
{
    fn run(&mut self, connection: &mut SqliteConnection) -> bool {
        self.result = None;
        let result = self.span.in_scope(|| (self.work)(connection));
        let succeeded = result.is_ok();
        self.result = Some(result);
        succeeded
    }

    fn answer(self: Box<Self>) {
        if let Some(result) = self.result {
            // Who has gone meanwhile needs no answer.
            let _ = self.to.send(result);
        }
    }

    fn reject(self: Box<Self>, error: QueryError) {
        let _ = self.to.send(Err(error));
    }
}

/// The connection on loan. It goes back by [`release`](Self::release) alone: one that is dropped before that was
/// interrupted, and is closed.
pub struct WriterLease {
    connection: Option<SqliteConnection>,
    back: Sender<SqliteConnection>,
}

impl WriterLease {
    /// Lends a connection, which comes back by `back`.
    pub fn new(connection: SqliteConnection, back: Sender<SqliteConnection>) -> Self {
        Self { connection: Some(connection), back }
    }

    /// The connection; `None` never happens before [`release`](Self::release).
    pub fn connection(&mut self) -> Option<&mut SqliteConnection> {
        self.connection.as_mut()
    }

    /// Returns the connection, whose work is done.
    pub fn release(mut self) {
        if let Some(connection) = self.connection.take() {
            // Without a writer it is closed here.
            let _ = self.back.send(connection);
        }
    }
}
