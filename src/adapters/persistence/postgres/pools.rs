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
    pipeline::{PipelineSet, SharedFailure, Slot},
};
use crate::adapters::persistence::{
    pool::{bounded_pool::BoundedPool, metrics::PoolMetrics},
    sql::statement::WaitPolicy,
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
    pipeline_sets: Arc<[PipelineSet<Connections>]>,
    metrics: PoolMetrics,
}

impl Pools {
    /// These pools, at least one, under the name by which they are measured.
    pub fn new(name: &'static str, pools: Vec<Pool<Connections>>) -> Self {
        Self {
            pools: pools.into_iter().map(BoundedPool::new).collect(),
            pipeline_sets: Arc::default(),
            metrics: PoolMetrics::new(name),
        }
    }

    /// The same, on whose connections questions may [meet](Self::join).
    pub fn with_pipelines(self) -> Self {
        Self { pipeline_sets: self.pools.iter().map(|_| PipelineSet::default()).collect(), ..self }
    }

    /// How they are used now.
    pub fn statuses(&self) -> impl Iterator<Item = Status> {
        self.pools.iter().map(BoundedPool::status)
    }

    /// Shows how they are used now.
    pub fn record_metrics(&self) {
        self.metrics.record(self.statuses());
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
    pub async fn get(&self, wait_policy: WaitPolicy) -> Result<Object<Connections>, Failure> {
        self.metrics.measure_wait(self.next(wait_policy)).await
    }

    /// A place on a connection that the questions of this thread share; none where they do not, or not now.
    ///
    /// # Errors
    /// Those of [`get`](Self::get).
    pub async fn join(&self, wait_policy: WaitPolicy) -> Option<Result<Slot<Connections>, SharedFailure<Connections>>> {
        let slot = self.pipeline_set()?.join(|| self.next(wait_policy))?;
        Some(self.metrics.measure_wait(slot).await)
    }

    /// Lets each question of this thread have a connection of its own for a while.
    pub fn back_off(&self) {
        if let Some(pipeline_set) = self.pipeline_set() {
            pipeline_set.back_off();
        }
    }

    fn pipeline_set(&self) -> Option<&PipelineSet<Connections>> {
        self.pipeline_sets.get(number_of_thread() % self.pipeline_sets.len().max(1))
    }

    async fn next(&self, wait_policy: WaitPolicy) -> Result<Object<Connections>, Failure> {
        let (others, own) = self.pools.split_at(number_of_thread() % self.pools.len());
        for pool in own.iter().chain(others) {
            match pool.try_get().await {
                Err(PoolError::Timeout(TimeoutType::Wait)) => {}
                answer => return answer,
            }
        }
        match own.first() {
            Some(pool) => pool.get_queued(wait_policy).await,
            None => Err(PoolError::Closed),
        }
    }

    /// Closes the connections that nobody uses now.
    pub fn clear(&self) {
        self.pools.iter().for_each(BoundedPool::close_idle);
    }
}
