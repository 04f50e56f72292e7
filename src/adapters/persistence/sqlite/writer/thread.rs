//! Thread that owns the write connection and runs its jobs one after the other.
//!
//! Group commit: changes that arrive during a commit are applied together in the next transaction,
//! because syncing the file takes longer than most changes. If anything fails in a shared
//! transaction, it is rolled back and each change is applied by itself.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender};
use std::sync::{Arc, mpsc};
use std::{io, thread};

use diesel::SqliteConnection;
use tokio::sync::oneshot;

use super::job::{Change, JobTicket, WriteJob, WriterLease};
use super::transaction;
use super::transaction::BEGIN_IMMEDIATE;
use crate::adapters::persistence::pool::metrics::PoolMetrics;
use crate::adapters::persistence::sql::error::QueryError;
use crate::adapters::persistence::sql::statement::Access;
use crate::adapters::persistence::sqlite::settings::Settings;

/// Most changes in one transaction: the first has to wait for the last.
const MAX_BATCH: usize = 64;

pub enum Message {
    Job(WriteJob),
    /// Ends the thread after the jobs before this message.
    Close,
}

pub struct ThreadHandle {
    /// Disconnected when the thread has ended and the connection is closed.
    pub ended: Receiver<Infallible>,
    pub is_open: Arc<AtomicBool>,
}

pub fn start(settings: Settings, messages: Receiver<Message>, metrics: PoolMetrics) -> io::Result<ThreadHandle> {
    let (ended_sender, ended) = mpsc::channel();
    let is_open = Arc::<AtomicBool>::default();
    let mut writer = WriterThread {
        settings,
        messages,
        backlog: VecDeque::new(),
        is_closing: false,
        connection: None,
        is_open: Arc::clone(&is_open),
        metrics,
    };
    thread::Builder::new().name("sqlite-writer".into()).spawn(move || {
        let _until_the_end: Sender<Infallible> = ended_sender;
        while let Some(job) = writer.next_job() {
            writer.run(job);
            writer.is_open.store(writer.connection.is_some(), Ordering::Relaxed);
        }
        drop(writer);
    })?;
    Ok(ThreadHandle { ended, is_open })
}

type QueuedChange = (JobTicket, Box<dyn Change>);

struct WriterThread {
    settings: Settings,
    messages: Receiver<Message>,
    backlog: VecDeque<WriteJob>,
    is_closing: bool,
    connection: Option<SqliteConnection>,
    is_open: Arc<AtomicBool>,
    metrics: PoolMetrics,
}

impl WriterThread {
    fn next_job(&mut self) -> Option<WriteJob> {
        if self.backlog.is_empty() && !self.is_closing {
            let message = self.messages.recv().unwrap_or(Message::Close);
            self.receive(message);
        }
        self.backlog.pop_front()
    }

    fn receive(&mut self, message: Message) {
        match message {
            Message::Job(job) => self.backlog.push_back(job),
            Message::Close => self.is_closing = true,
        }
    }

    fn run(&mut self, job: WriteJob) {
        match job {
            WriteJob::Lease(ticket, sender) => self.lease(ticket, sender),
            WriteJob::Change(ticket, change) => {
                let mut changes = vec![(ticket, change)];
                self.fill_batch(&mut changes);
                self.run_batch(changes);
            }
        }
    }

    /// Adds the changes that are queued before the next lease.
    fn fill_batch(&mut self, changes: &mut Vec<QueuedChange>) {
        while let Ok(message) = self.messages.try_recv() {
            self.receive(message);
        }
        while changes.len() < MAX_BATCH {
            match self.backlog.pop_front() {
                Some(WriteJob::Change(ticket, change)) => changes.push((ticket, change)),
                Some(lease) => return self.backlog.push_front(lease),
                None => return,
            }
        }
    }

    fn run_batch(&mut self, mut changes: Vec<QueuedChange>) {
        let is_shared = changes.len() > 1;
        if is_shared && let Err(error) = self.begin() {
            return self.requeue(changes, error);
        }
        changes.retain_mut(|(ticket, _)| ticket.start(&self.metrics));
        if is_shared {
            if changes.iter_mut().all(|(_, change)| self.attempt(change.as_mut())) && self.commit() {
                return changes.into_iter().for_each(|(_, change)| change.send_result());
            }
            self.rollback();
        }
        changes.into_iter().for_each(|(_, change)| self.run_alone(change));
    }

    /// Rejects the first change, which no transaction could be begun for, and requeues the others.
    fn requeue(&mut self, changes: Vec<QueuedChange>, error: QueryError) {
        let mut changes = changes.into_iter();
        if let Some((mut ticket, first)) = changes.next()
            && ticket.start(&self.metrics)
        {
            first.reject(error);
        }
        changes.rev().for_each(|(ticket, change)| self.backlog.push_front(WriteJob::Change(ticket, change)));
    }

    fn run_alone(&mut self, mut change: Box<dyn Change>) {
        match self.connection() {
            Ok(_) => {
                self.attempt(change.as_mut());
                change.send_result();
            }
            Err(error) => change.reject(error),
        }
    }

    /// Closes the connection if the change panics, possibly inside a transaction.
    fn attempt(&mut self, change: &mut dyn Change) -> bool {
        let Some(connection) = self.connection.as_mut() else { return false };
        catch_unwind(AssertUnwindSafe(|| change.run(connection))).unwrap_or_else(|_logged_by_the_panic_hook| {
            self.connection = None;
            false
        })
    }

    fn lease(&mut self, mut ticket: JobTicket, sender: oneshot::Sender<Result<WriterLease, QueryError>>) {
        if !ticket.start(&self.metrics) {
            return;
        }
        let (returned, receiver) = mpsc::channel();
        let lease = self.take_or_open().map(|connection| WriterLease { connection, returned });
        if let Err(Ok(lease)) = sender.send(lease) {
            // The request was cancelled.
            lease.release();
        }
        // A lease that is dropped has closed the connection. The next job opens another.
        self.connection = receiver.recv().ok();
    }

    fn take_or_open(&mut self) -> Result<SqliteConnection, QueryError> {
        let open = || self.settings.connect(Access::Write).map_err(|error| QueryError::Unavailable(error.into()));
        let connection = self.connection.take().map_or_else(open, Ok)?;
        self.is_open.store(true, Ordering::Relaxed);
        Ok(connection)
    }

    fn connection(&mut self) -> Result<&mut SqliteConnection, QueryError> {
        let connection = self.take_or_open()?;
        Ok(self.connection.insert(connection))
    }

    fn begin(&mut self) -> Result<(), QueryError> {
        transaction::begin(self.connection()?, BEGIN_IMMEDIATE)
    }

    fn commit(&mut self) -> bool {
        self.connection.as_mut().is_some_and(|connection| transaction::commit(connection).is_ok())
    }

    /// Closes the connection if it cannot roll back, which has the same effect.
    fn rollback(&mut self) {
        self.connection.take_if(|connection| transaction::rollback(connection).is_err());
    }
}
