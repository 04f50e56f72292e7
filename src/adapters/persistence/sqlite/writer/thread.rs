//! The thread of the connection that writes: it takes one turn after the other, and between two of them nobody is woken.
//!
//! What waits while something is made durable is then carried out together, in one transaction. Syncing the file takes longer
//! than most changes, and one sync serves all of them (group commit: `DeWitt` and others, Implementation Techniques for
//! Main Memory Database Systems, 1984). Nobody waits for company, and everybody is answered after the commit. When anything
//! goes wrong on the way there, all is undone and each change is carried out by itself, so that none suffers from another.

use std::{
    collections::VecDeque,
    convert::Infallible,
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{self, Receiver, Sender},
    },
    thread,
};

use diesel::{QueryResult, SqliteConnection};
use tokio::sync::oneshot;

use super::{
    job::{Change, JobTicket, WriteJob, WriterLease},
    transaction::{self, BEGIN_TO_WRITE},
};
use crate::adapters::persistence::{
    pool::metrics::PoolMetrics,
    sql::{error::QueryError, statement::Access},
    sqlite::settings::Settings,
};

/// How many changes share a transaction at the most: nobody is answered before the last of them.
const MAX_BATCH: usize = 64;

/// What the thread is told.
pub enum Message {
    /// Somebody wants a turn.
    WriteJob(WriteJob),
    /// Nobody will, and the connection is to be closed.
    Close,
}

/// What others see of the thread.
pub struct ThreadHandle {
    /// Hung up when it has ended and the connection is closed.
    pub ended: Receiver<Infallible>,
    /// Whether there is a connection now.
    pub is_open: Arc<AtomicBool>,
}

/// Starts the thread.
///
/// # Errors
/// When there can be no more threads.
pub fn start(settings: Settings, received: Receiver<Message>, metrics: PoolMetrics) -> io::Result<ThreadHandle> {
    let (ending, ended) = mpsc::channel();
    let is_open = Arc::<AtomicBool>::default();
    let mut writing = WriterThread {
        settings,
        received,
        ahead: VecDeque::new(),
        is_closing: false,
        connection: None,
        is_open: Arc::clone(&is_open),
        metrics,
    };
    thread::Builder::new().name("sqlite-writer".into()).spawn(move || {
        let _until_the_end: Sender<Infallible> = ending;
        while let Some(submit) = writing.next() {
            writing.take(submit);
            writing.is_open.store(writing.connection.is_some(), Ordering::Relaxed);
        }
        drop(writing);
    })?;
    Ok(ThreadHandle { ended, is_open })
}

/// A change with its ticket.
type Waiting = (JobTicket, Box<dyn Change>);

struct WriterThread {
    settings: Settings,
    received: Receiver<Message>,
    /// Turns that were received and have not begun.
    ahead: VecDeque<WriteJob>,
    is_closing: bool,
    connection: Option<SqliteConnection>,
    is_open: Arc<AtomicBool>,
    metrics: PoolMetrics,
}

impl WriterThread {
    fn next(&mut self) -> Option<WriteJob> {
        if self.ahead.is_empty() && !self.is_closing {
            match self.received.recv() {
                Ok(message) => self.receive(message),
                Err(_) => self.is_closing = true,
            }
        }
        self.ahead.pop_front()
    }

    fn receive(&mut self, message: Message) {
        match message {
            Message::WriteJob(submit) => self.ahead.push_back(submit),
            Message::Close => self.is_closing = true,
        }
    }

    fn take(&mut self, submit: WriteJob) {
        match submit {
            WriteJob::Lend(ticket, to) => self.lend(ticket, to),
            WriteJob::Change(ticket, change) => {
                let mut changes = vec![(ticket, change)];
                self.fill_batch(&mut changes);
                self.run(changes);
            }
        }
    }

    /// Takes along the changes that wait behind, up to the first who wants the connection for themselves.
    fn fill_batch(&mut self, changes: &mut Vec<Waiting>) {
        while let Ok(message) = self.received.try_recv() {
            self.receive(message);
        }
        while changes.len() < MAX_BATCH {
            match self.ahead.pop_front() {
                Some(WriteJob::Change(ticket, change)) => changes.push((ticket, change)),
                Some(other) => return self.ahead.push_front(other),
                None => return,
            }
        }
    }

    /// Carries out several changes in one transaction, or one without.
    fn run(&mut self, mut changes: Vec<Waiting>) {
        let is_shared = changes.len() > 1;
        if is_shared && let Err(error) = self.begin() {
            return self.requeue(changes, error);
        }
        changes.retain_mut(|(ticket, _)| ticket.begin(&self.metrics));
        if is_shared && changes.iter_mut().all(|(_, change)| self.attempt(change.as_mut())) && self.commit() {
            return changes.into_iter().for_each(|(_, change)| change.answer());
        }
        if is_shared {
            self.rollback();
        }
        changes.into_iter().for_each(|(_, change)| self.run_alone(change));
    }

    /// Refuses the first of several changes, for which no transaction could be begun. The others wait on, with their own
    /// patience.
    fn requeue(&mut self, changes: Vec<Waiting>, error: QueryError) {
        let mut changes = changes.into_iter();
        if let Some((mut ticket, first)) = changes.next()
            && ticket.begin(&self.metrics)
        {
            first.reject(error);
        }
        changes.rev().for_each(|(ticket, change)| self.ahead.push_front(WriteJob::Change(ticket, change)));
    }

    fn run_alone(&mut self, mut change: Box<dyn Change>) {
        match self.connection() {
            Ok(_) => {
                self.attempt(change.as_mut());
                change.answer();
            }
            Err(error) => change.reject(error),
        }
    }

    /// False if it failed. If it panicked, nobody knows what the connection is in the middle of, and it is closed.
    fn attempt(&mut self, change: &mut dyn Change) -> bool {
        let Some(connection) = self.connection.as_mut() else { return false };
        catch_unwind(AssertUnwindSafe(|| change.run(connection))).unwrap_or_else(|_told_by_the_hook| {
            self.connection = None;
            false
        })
    }

    fn lend(&mut self, mut ticket: JobTicket, to: oneshot::Sender<Result<WriterLease, QueryError>>) {
        if !ticket.begin(&self.metrics) {
            return;
        }
        let (back, returned) = mpsc::channel();
        let lent = self.take_connection().map(|connection| WriterLease::new(connection, back));
        if let Err(Ok(lease)) = to.send(lent) {
            // Who asked has gone meanwhile.
            lease.release();
        }
        // One that does not come back was closed, and there is another at the next turn.
        self.connection = returned.recv().ok();
    }

    /// The connection, opened if there is none.
    fn take_connection(&mut self) -> Result<SqliteConnection, QueryError> {
        let open = || self.settings.connect(Access::Write).map_err(|error| QueryError::Unavailable(error.into()));
        let connection = self.connection.take().map_or_else(open, Ok)?;
        self.is_open.store(true, Ordering::Relaxed);
        Ok(connection)
    }

    fn connection(&mut self) -> Result<&mut SqliteConnection, QueryError> {
        let connection = self.take_connection()?;
        Ok(self.connection.insert(connection))
    }

    fn begin(&mut self) -> Result<(), QueryError> {
        Ok(transaction::begin(self.connection()?, BEGIN_TO_WRITE)?)
    }

    /// False if it failed.
    fn commit(&mut self) -> bool {
        self.end(transaction::commit)
    }

    /// A connection that cannot roll back is closed, which has the same effect.
    fn rollback(&mut self) {
        if !self.end(transaction::rollback) {
            self.connection = None;
        }
    }

    fn end(&mut self, end: impl FnOnce(&mut SqliteConnection) -> QueryResult<()>) -> bool {
        self.connection.as_mut().is_some_and(|connection| end(connection).is_ok())
    }
}
