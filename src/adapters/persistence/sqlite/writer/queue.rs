//! The one connection that writes, and those who want something written.
//!
//! Turns come one after the other, on a [thread](super::writer_thread) of the connection's own.

use std::{
    convert::Infallible,
    io,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
        mpsc::{self, Receiver, Sender},
    },
    time::Duration,
};

use deadpool::Status;
use diesel::SqliteConnection;
use tokio::{sync::oneshot, time::timeout};

use super::{
    job::{CancelHandle, JobTicket, Pending, WriteJob, WriterLease, pending_change},
    thread::{self, Message, ThreadHandle},
};
use crate::{
    adapters::persistence::{
        pool::{load_shedder::LoadShedder, metrics::PoolMetrics},
        sql::{error::QueryError, statement::WaitPolicy},
        sqlite::settings::Settings,
    },
    domain::error::Overload,
};

/// How long the end waits for what is being written.
const LAST_WRITE: Duration = Duration::from_secs(1);

/// The writer; clones are the same one.
#[derive(Clone)]
pub struct Writer(Arc<Shared>);

struct Shared {
    messages: Sender<Message>,
    queue: LoadShedder,
    wait: Duration,
    pending: Arc<AtomicUsize>,
    metrics: PoolMetrics,
    is_open: Arc<AtomicBool>,
    /// Hung up when the thread has ended.
    ended: Mutex<Receiver<Infallible>>,
}

impl Writer {
    /// The writer of this database, which is opened when something is to be written.
    ///
    /// # Errors
    /// When there can be no more threads.
    pub fn new(settings: Settings) -> io::Result<Self> {
        let (messages, received) = mpsc::channel();
        let (wait, metrics) = (settings.write_wait, PoolMetrics::new("writer"));
        let ThreadHandle { ended, is_open } = thread::start(settings, received, metrics.clone())?;
        let (queue, pending) = (LoadShedder::new(wait), Arc::default());
        Ok(Self(Arc::new(Shared { messages, queue, wait, pending, metrics, is_open, ended: Mutex::new(ended) })))
    }

    /// Carries out a change by itself; it is durable when this gives its result. `work` may be done several times, all but the
    /// last of which are undone.
    ///
    /// # Errors
    /// Those of the change; [`QueryError::Unavailable`] when its turn does not come in time.
    pub async fn change<R: Send + 'static>(
        &self,
        wait_policy: WaitPolicy,
        work: impl FnMut(&mut SqliteConnection) -> Result<R, QueryError> + Send + 'static,
    ) -> Result<R, QueryError> {
        let (change, result) = pending_change(work);
        self.submit(wait_policy, |ticket| WriteJob::Change(ticket, change), result).await?
    }

    /// Lends the connection; others wait until it comes back.
    ///
    /// # Errors
    /// [`QueryError::Unavailable`] when its turn does not come in time, or it cannot be opened.
    pub async fn lend(&self, wait_policy: WaitPolicy) -> Result<WriterLease, QueryError> {
        let (to, lease) = oneshot::channel();
        self.submit(wait_policy, |ticket| WriteJob::Lend(ticket, to), lease).await?
    }

    async fn submit<A>(
        &self,
        wait_policy: WaitPolicy,
        submit: impl FnOnce(JobTicket) -> WriteJob,
        mut answer: oneshot::Receiver<A>,
    ) -> Result<A, QueryError> {
        let cancel_handle = self.enqueue(wait_policy, submit)?;
        let answered = match timeout(self.0.wait, &mut answer).await {
            Ok(answered) => answered,
            Err(_) if cancel_handle.cancel() => {
                self.0.metrics.record_timeout();
                return Err(QueryError::Unavailable("the connection that writes was not to be had in time".into()));
            }
            // It has begun, and how it ends must be known.
            Err(_) => answer.await,
        };
        // Dropped without an answer: carrying it out panicked, and the hook has told why.
        answered.map_err(|dropped| QueryError::Internal(dropped.into()))
    }

    fn enqueue(
        &self,
        wait_policy: WaitPolicy,
        submit: impl FnOnce(JobTicket) -> WriteJob,
    ) -> Result<CancelHandle, QueryError> {
        let pending = Pending::enter(&self.0.pending);
        // Who comes when there is nobody does not wait.
        let slot = match pending.others() {
            0 => None,
            _ => Some(self.0.queue.join(wait_policy).ok_or_else(|| {
                self.0.metrics.record_timeout();
                QueryError::Unavailable(Overload.into())
            })?),
        };
        let (ticket, cancel_handle) = JobTicket::new(slot, pending);
        let sent = self.0.messages.send(Message::WriteJob(submit(ticket)));
        sent.map_err(|_closed| QueryError::Unavailable("the database is closed".into()))?;
        Ok(cancel_handle)
    }

    /// Shows how it is used now.
    pub fn record_metrics(&self) {
        let is_open = self.0.is_open.load(Ordering::Relaxed);
        let is_idle = is_open && self.0.pending.load(Ordering::Relaxed) == 0;
        let (size, available) = (usize::from(is_open), usize::from(is_idle));
        self.0.metrics.record([Status { max_size: 1, size, available, waiting: 0 }]);
    }

    /// Closes the connection after what waits for it, and goes on after a second at the latest.
    pub fn close(&self) {
        self.0.close();
    }
}

impl Shared {
    fn close(&self) {
        if self.messages.send(Message::Close).is_ok() {
            let ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
            // Whoever closes last folds the write-ahead log into the file, for which the program must still be there.
            let _in_time_or_not = ended.recv_timeout(LAST_WRITE);
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
