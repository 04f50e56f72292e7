//! One pool of connections per core.
//!
//! A connection is driven by the runtime of the thread that opened it. A statement from another
//! thread wakes both threads twice, which costs more than the statement.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use deadpool::Status;
use deadpool::managed::{Object, Pool, PoolError, TimeoutType};
use diesel_async::pooled_connection::AsyncDieselConnectionManager;

use super::driver::connection::PgConnection;
use super::pipeline::{PipelineSet, Reservation};
use crate::adapters::persistence::pool::bounded_pool::BoundedPool;
use crate::adapters::persistence::pool::metrics::PoolMetrics;
use crate::adapters::persistence::sql::statement::WaitPolicy;

pub type Connections = AsyncDieselConnectionManager<PgConnection>;
type CheckoutError = PoolError<diesel_async::pooled_connection::PoolError>;

/// Numbers threads in the order of their first statements, to spread them evenly over the pools.
fn thread_number() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    thread_local! {
        static NUMBER: usize = NEXT.fetch_add(1, Ordering::Relaxed);
    }
    NUMBER.with(|number| *number)
}

#[derive(Clone)]
pub struct Pools {
    pools: Arc<[BoundedPool<Connections>]>,
    /// One per pool, or empty without pipelining.
    pipeline_sets: Arc<[PipelineSet<Connections>]>,
    metrics: PoolMetrics,
}

impl Pools {
    pub fn new(name: &'static str, pools: Vec<Pool<Connections>>) -> Self {
        Self {
            pools: pools.into_iter().map(BoundedPool::new).collect(),
            pipeline_sets: Arc::default(),
            metrics: PoolMetrics::new(name),
        }
    }

    pub fn with_pipelines(self) -> Self {
        Self { pipeline_sets: self.pools.iter().map(|_| PipelineSet::default()).collect(), ..self }
    }

    pub fn statuses(&self) -> impl Iterator<Item = Status> {
        self.pools.iter().map(BoundedPool::status)
    }

    pub fn record_metrics(&self) {
        self.metrics.record(self.statuses());
    }

    pub fn close(&self) {
        self.pools.iter().for_each(BoundedPool::close);
    }

    pub fn clear(&self) {
        self.pools.iter().for_each(BoundedPool::close_idle);
    }

    /// Waits for the thread's own pool if no pool has a free connection.
    pub async fn get(&self, wait_policy: WaitPolicy) -> Result<Object<Connections>, CheckoutError> {
        self.metrics.measure_wait(self.checkout(wait_policy)).await
    }

    /// Returns `None` without pipelining, or during a back-off.
    pub async fn pipeline_slot(&self, wait_policy: WaitPolicy) -> Option<Reservation<Connections>> {
        let slot = self.pipeline_set()?.slot(|| self.checkout(wait_policy))?;
        Some(self.metrics.measure_wait(slot).await)
    }

    pub fn back_off(&self) {
        if let Some(pipeline_set) = self.pipeline_set() {
            pipeline_set.back_off();
        }
    }

    fn pipeline_set(&self) -> Option<&PipelineSet<Connections>> {
        self.pipeline_sets.get(thread_number() % self.pipeline_sets.len().max(1))
    }

    async fn checkout(&self, wait_policy: WaitPolicy) -> Result<Object<Connections>, CheckoutError> {
        let (others, own) = self.pools.split_at(thread_number() % self.pools.len());
        for pool in own.iter().chain(others) {
            match pool.try_get().await {
                Err(PoolError::Timeout(TimeoutType::Wait)) => {}
                result => return result,
            }
        }
        match own.first() {
            Some(pool) => pool.get_queued(wait_policy).await,
            None => Err(PoolError::Closed),
        }
    }
}
