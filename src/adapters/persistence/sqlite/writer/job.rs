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
    pool::{load_shedder::Place, metrics::PoolMeasures},
    sql::error::QueryError,
};

/// What somebody waits for.
pub enum Turn {
    /// That a change is carried out.
    Change(Ticket, Box<dyn Change>),
    /// To have the connection.
    Lend(Ticket, oneshot::Sender<Result<WriterLease, QueryError>>),
}

/// The right to a turn.
pub struct Ticket {
    asked: Instant,
    place: Option<Place>,
    is_taken: Arc<AtomicBool>,
    _pending: Pending,
}

impl Ticket {
    /// A ticket, with what takes it back.
    pub fn new(place: Option<Place>, pending: Pending) -> (Self, Claim) {
        let is_taken = Arc::<AtomicBool>::default();
        let ticket = Self { asked: Instant::now(), place, is_taken: Arc::clone(&is_taken), _pending: pending };
        (ticket, Claim(is_taken))
    }

    /// Begins the turn. False if nobody waits for it any more: then it is over.
    pub fn begin(&mut self, measures: &PoolMeasures) -> bool {
        if let Some(place) = self.place.take() {
            place.is_served();
        }
        let begins = !self.is_taken.swap(true, Ordering::AcqRel);
        if begins {
            measures.waited_since(self.asked);
        }
        begins
    }
}

/// What who waits holds. Dropped before the turn begins, for whatever reason, it takes the ticket back.
pub struct Claim(Arc<AtomicBool>);

impl Claim {
    /// Takes the ticket back. False if the turn has begun.
    pub fn withdraw(&self) -> bool {
        !self.0.swap(true, Ordering::AcqRel)
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.withdraw();
    }
}

/// One of the turns that are not over.
pub struct Pending {
    count: Arc<AtomicUsize>,
    others: usize,
}

impl Pending {
    /// One more.
    pub fn one_more(count: &Arc<AtomicUsize>) -> Self {
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
    fn carry_out(&mut self, connection: &mut SqliteConnection) -> bool;

    /// Gives the result to who waits for it. There is none if carrying it out panicked.
    fn answer(self: Box<Self>);

    /// Gives them this error.
    fn refuse(self: Box<Self>, error: QueryError);
}

struct Asked<W, R> {
    work: W,
    /// What happens here belongs to the request that waits for it.
    span: Span,
    result: Option<Result<R, QueryError>>,
    to: oneshot::Sender<Result<R, QueryError>>,
}

/// A change, and what brings its result.
pub fn asked<R, W>(work: W) -> (Box<dyn Change>, oneshot::Receiver<Result<R, QueryError>>)
where
    R: Send + 'static,
    W: FnMut(&mut SqliteConnection) -> Result<R, QueryError> + Send + 'static,
{
    let (to, result) = oneshot::channel();
    (Box::new(Asked { work, span: Span::current(), result: None, to }), result)
}

impl<R, W> Change for Asked<W, R>
where
    R: Send,
    W: FnMut(&mut SqliteConnection) -> Result<R, QueryError> + Send,
{
    fn carry_out(&mut self, connection: &mut SqliteConnection) -> bool {
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

    fn refuse(self: Box<Self>, error: QueryError) {
        let _ = self.to.send(Err(error));
    }
}

/// The connection on loan. It goes back by [`give_back`](Self::give_back) alone: one that is dropped before that was
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

    /// The connection; `None` never happens before [`give_back`](Self::give_back).
    pub fn connection(&mut self) -> Option<&mut SqliteConnection> {
        self.connection.as_mut()
    }

    /// Returns the connection, whose work is done.
    pub fn give_back(mut self) {
        if let Some(connection) = self.connection.take() {
            // Without a writer it is closed here.
            let _ = self.back.send(connection);
        }
    }
}
