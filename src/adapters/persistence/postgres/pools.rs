//! One pool of connections per core, each the home of the threads that it serves.
//!
//! A connection is driven by the runtime of the thread that opened it. Asked from that thread, a statement wakes nobody
//! else; asked from another, both threads are woken through the kernel, twice, which costs more than the statement.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use deadpool::{
    Status,
    managed::{Object, Pool, PoolError, TimeoutType},
};
use diesel_async::pooled_connection::AsyncDieselConnectionManager;

use super::{
    driver::connection::PgConnection,
    pipeline::{Meeting, Place, SharedFailure},
};
use crate::adapters::persistence::{
    pool::{bounded_pool::BoundedPool, metrics::PoolMeasures},
    sql::statement::Queueing,
};

/// What opens connections.
pub type Connections = AsyncDieselConnectionManager<PgConnection>;
type Failure = PoolError<diesel_async::pooled_connection::PoolError>;

/// Numbers threads in the order of their first statements, so that as many threads as there are pools have one each.
fn number_of_thread() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    thread_local! {
        static NUMBER: usize = NEXT.fetch_add(1, Ordering::Relaxed);
    }
    NUMBER.with(|number| *number)
}

/// The pools of one database.
#[derive(Clone)]
pub struct Pools {
    pools: Arc<[BoundedPool<Connections>]>,
    /// One for each pool, or none where questions are not to share connections.
    meetings: Arc<[Meeting<Connections>]>,
    measures: PoolMeasures,
}

impl Pools {
    /// These pools, at least one, under the name by which they are measured.
    pub fn new(name: &'static str, pools: Vec<Pool<Connections>>) -> Self {
        Self {
            pools: pools.into_iter().map(BoundedPool::new).collect(),
            meetings: Arc::default(),
            measures: PoolMeasures::of(name),
        }
    }

    /// The same, on whose connections questions may [meet](Self::join).
    pub fn with_meetings(self) -> Self {
        Self { meetings: self.pools.iter().map(|_| Meeting::default()).collect(), ..self }
    }

    /// How they are used now.
    pub fn statuses(&self) -> impl Iterator<Item = Status> {
        self.pools.iter().map(BoundedPool::status)
    }

    /// Shows how they are used now.
    pub fn measure(&self) {
        self.measures.show(self.statuses());
    }

    /// Closes the connections that are idle, and the others when they come back.
    pub fn close(&self) {
        self.pools.iter().for_each(BoundedPool::close);
    }

    /// A connection: of this thread's own pool, of another pool if that has none to spare, and after a wait of the own
    /// again.
    ///
    /// # Errors
    /// When none came back in time or none would, or the server cannot be reached.
    pub async fn get(&self, queueing: Queueing) -> Result<Object<Connections>, Failure> {
        self.measures.checkout(self.next(queueing)).await
    }

    /// A place on a connection that the questions of this thread share; none where they do not, or not now.
    ///
    /// # Errors
    /// Those of [`get`](Self::get).
    pub async fn join(&self, queueing: Queueing) -> Option<Result<Place<Connections>, SharedFailure<Connections>>> {
        let place = self.meeting()?.join(|| self.next(queueing))?;
        Some(self.measures.checkout(place).await)
    }

    /// Lets each question of this thread have a connection of its own for a while.
    pub fn pause_meetings(&self) {
        if let Some(meeting) = self.meeting() {
            meeting.pause();
        }
    }

    fn meeting(&self) -> Option<&Meeting<Connections>> {
        self.meetings.get(number_of_thread() % self.meetings.len().max(1))
    }

    async fn next(&self, queueing: Queueing) -> Result<Object<Connections>, Failure> {
        let (others, own) = self.pools.split_at(number_of_thread() % self.pools.len());
        for pool in own.iter().chain(others) {
            match pool.get_at_once().await {
                Err(PoolError::Timeout(TimeoutType::Wait)) => {}
                answer => return answer,
            }
        }
        match own.first() {
            Some(pool) => pool.get_in_turn(queueing).await,
            None => Err(PoolError::Closed),
        }
    }

    /// Closes the connections that nobody uses now.
    pub fn clear(&self) {
        self.pools.iter().for_each(BoundedPool::clear);
    }
}
