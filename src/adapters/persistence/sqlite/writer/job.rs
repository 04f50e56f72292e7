//! Jobs of the writer thread.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::Sender;
use std::time::Instant;

use diesel::SqliteConnection;
use tokio::sync::oneshot;

use crate::adapters::persistence::pool::load_shedder::Slot;
use crate::adapters::persistence::pool::metrics::PoolMetrics;
use crate::adapters::persistence::sql::error::QueryError;
use crate::adapters::telemetry::traces::request_scope::RequestScope;

pub enum WriteJob {
    Change(JobTicket, Box<dyn Change>),
    Lease(JobTicket, oneshot::Sender<Result<WriterLease, QueryError>>),
}

/// Admission of a job, which its [`CancelHandle`] revokes until the job starts.
pub struct JobTicket {
    enqueued_at: Instant,
    slot: Option<Slot>,
    /// Set when the job starts or is cancelled, whichever comes first.
    is_settled: Arc<AtomicBool>,
    _pending: Pending,
}

impl JobTicket {
    pub fn new(slot: Option<Slot>, pending: Pending) -> (Self, CancelHandle) {
        let is_settled = Arc::<AtomicBool>::default();
        let ticket = Self { enqueued_at: Instant::now(), slot, is_settled: Arc::clone(&is_settled), _pending: pending };
        (ticket, CancelHandle(is_settled))
    }

    pub fn start(&mut self, metrics: &PoolMetrics) -> bool {
        if let Some(slot) = self.slot.take() {
            slot.mark_served();
        }
        let starts = !self.is_settled.swap(true, Ordering::AcqRel);
        if starts {
            metrics.record_wait(self.enqueued_at);
        }
        starts
    }
}

/// Cancels a job that has not started, also when this is dropped.
pub struct CancelHandle(Arc<AtomicBool>);

impl CancelHandle {
    /// Returns false if the job has started.
    pub fn cancel(&self) -> bool {
        !self.0.swap(true, Ordering::AcqRel)
    }
}

impl Drop for CancelHandle {
    fn drop(&mut self) {
        self.cancel();
    }
}

/// Counts a job as queued or running, until this is dropped.
pub struct Pending {
    count: Arc<AtomicUsize>,
    /// Whether another job was pending when this one was counted.
    pub is_behind_another: bool,
}

impl Pending {
    pub fn new(count: &Arc<AtomicUsize>) -> Self {
        Self { is_behind_another: count.fetch_add(1, Ordering::AcqRel) > 0, count: Arc::clone(count) }
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        self.count.fetch_sub(1, Ordering::AcqRel);
    }
}

pub trait Change: Send {
    /// Replaces the result of an earlier run. Returns whether the change succeeded.
    fn run(&mut self, connection: &mut SqliteConnection) -> bool;

    /// Sends the result, or drops the channel if the run panicked.
    fn send_result(self: Box<Self>);

    fn reject(self: Box<Self>, error: QueryError);
}

struct PendingChange<W, R> {
    work: W,
    request: RequestScope,
    result: Option<Result<R, QueryError>>,
    sender: oneshot::Sender<Result<R, QueryError>>,
}

pub fn pending_change<R, W>(work: W) -> (Box<dyn Change>, oneshot::Receiver<Result<R, QueryError>>)
where
    R: Send + 'static,
    W: FnMut(&mut SqliteConnection) -> Result<R, QueryError> + Send + 'static,
{
    let (sender, receiver) = oneshot::channel();
    (Box::new(PendingChange { work, request: RequestScope::current(), result: None, sender }), receiver)
}

impl<R, W> Change for PendingChange<W, R>
where
    R: Send,
    W: FnMut(&mut SqliteConnection) -> Result<R, QueryError> + Send,
{
    fn run(&mut self, connection: &mut SqliteConnection) -> bool {
        self.result = None;
        let result = self.request.run(|| (self.work)(connection));
        self.result.insert(result).is_ok()
    }

    fn send_result(self: Box<Self>) {
        if let Some(result) = self.result {
            // Fails if the request was cancelled.
            let _ = self.sender.send(result);
        }
    }

    fn reject(self: Box<Self>, error: QueryError) {
        let _ = self.sender.send(Err(error));
    }
}

/// Leased write connection, which is closed if it is dropped without [`release`](Self::release).
pub struct WriterLease {
    // Dropped first: it is closed before the thread learns of it and opens another.
    pub connection: SqliteConnection,
    pub returned: Sender<SqliteConnection>,
}

impl WriterLease {
    pub fn release(self) {
        let _ = self.returned.send(self.connection);
    }
}
