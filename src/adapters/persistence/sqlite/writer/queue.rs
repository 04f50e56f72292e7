//! Submits jobs to the [`thread`] that owns the write connection.

use std::convert::Infallible;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::Duration;

use deadpool::Status;
use diesel::SqliteConnection;
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::job::{CancelHandle, JobTicket, Pending, WriteJob, WriterLease, pending_change};
use super::thread;
use super::thread::{Message, ThreadHandle};
use crate::adapters::persistence::pool::load_shedder::LoadShedder;
use crate::adapters::persistence::pool::metrics::PoolMetrics;
use crate::adapters::persistence::sql::error::QueryError;
use crate::adapters::persistence::sql::statement::WaitPolicy;
use crate::adapters::persistence::sqlite::settings::Settings;

const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);

#[derive(Clone)]
pub struct Writer(Arc<Shared>);

struct Shared {
    messages: Sender<Message>,
    load_shedder: LoadShedder,
    wait: Duration,
    pending: Arc<AtomicUsize>,
    metrics: PoolMetrics,
    is_open: Arc<AtomicBool>,
    ended: Mutex<Receiver<Infallible>>,
}

impl Writer {
    pub fn new(settings: Settings) -> io::Result<Self> {
        let (messages, receiver) = mpsc::channel();
        let (wait, metrics) = (settings.write_wait, PoolMetrics::new("writer"));
        let ThreadHandle { ended, is_open } = thread::start(settings, receiver, metrics.clone())?;
        let (load_shedder, pending) = (LoadShedder::new(wait), Arc::default());
        Ok(Self(Arc::new(Shared { messages, load_shedder, wait, pending, metrics, is_open, ended: Mutex::new(ended) })))
    }

    /// Applies a change, and returns after the commit. `work` runs again if another change makes
    /// their shared transaction fail.
    pub async fn run<R: Send + 'static>(
        &self,
        wait_policy: WaitPolicy,
        work: impl FnMut(&mut SqliteConnection) -> Result<R, QueryError> + Send + 'static,
    ) -> Result<R, QueryError> {
        let (change, result) = pending_change(work);
        self.submit(wait_policy, |ticket| WriteJob::Change(ticket, change), result).await
    }

    pub async fn lease(&self, wait_policy: WaitPolicy) -> Result<WriterLease, QueryError> {
        let (sender, lease) = oneshot::channel();
        self.submit(wait_policy, |ticket| WriteJob::Lease(ticket, sender), lease).await
    }

    async fn submit<R>(
        &self,
        wait_policy: WaitPolicy,
        job: impl FnOnce(JobTicket) -> WriteJob,
        mut result: oneshot::Receiver<Result<R, QueryError>>,
    ) -> Result<R, QueryError> {
        let cancel_handle = self.enqueue(wait_policy, job)?;
        let received = match timeout(self.0.wait, &mut result).await {
            Ok(received) => received,
            Err(_) if cancel_handle.cancel() => {
                self.0.metrics.record_timeout();
                return Err(QueryError::Unavailable("the write connection was not available in time".into()));
            }
            // It has started, so it may be committed: its result must be known.
            Err(_) => result.await,
        };
        // A panic of the job has dropped the sender.
        received.unwrap_or_else(|dropped| Err(QueryError::Internal(dropped.into())))
    }

    fn enqueue(
        &self,
        wait_policy: WaitPolicy,
        job: impl FnOnce(JobTicket) -> WriteJob,
    ) -> Result<CancelHandle, QueryError> {
        let pending = Pending::new(&self.0.pending);
        let join = || self.0.load_shedder.join_or_reject(wait_policy, &self.0.metrics);
        let slot = pending.is_behind_another.then(join).transpose()?;
        let (ticket, cancel_handle) = JobTicket::new(slot, pending);
        let sent = self.0.messages.send(Message::Job(job(ticket)));
        sent.map_err(|_closed| QueryError::Unavailable("the database is closed".into()))?;
        Ok(cancel_handle)
    }

    pub fn record_metrics(&self) {
        let is_open = self.0.is_open.load(Ordering::Relaxed);
        let is_idle = is_open && self.0.pending.load(Ordering::Relaxed) == 0;
        let (size, available) = (usize::from(is_open), usize::from(is_idle));
        self.0.metrics.record([Status { max_size: 1, size, available, waiting: 0 }]);
    }

    /// Closes the connection after the queued jobs. Waits for at most [`CLOSE_TIMEOUT`].
    pub fn close(&self) {
        self.0.close();
    }
}

impl Shared {
    fn close(&self) {
        if self.messages.send(Message::Close).is_ok() {
            let ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
            // The process must not exit before the write-ahead log is folded into the file.
            let _timeout = ended.recv_timeout(CLOSE_TIMEOUT);
        }
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.close();
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
