//! Pipelines cheap statements: several share a connection, each sent before the responses to the
//! earlier ones arrive.
//!
//! A cheap statement costs less than its packets and the wake-up of a server process. Statements
//! that one thread sends at about the same time share them. Responses arrive in the same order, so
//! that a slow one delays the others; the thread then stops pipelining for a while.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use deadpool::managed::{Manager, Object, PoolError};
use tokio::sync::OnceCell;

use crate::adapters::persistence::pool::lease::Lease;

/// Statements per pipeline. More make no measurable difference.
const MAX_STATEMENTS: u32 = 8;

const BACK_OFF: Duration = Duration::from_secs(1);

/// Failure to connect, which all statements of a pipeline share.
type SharedFailure<M> = Arc<PoolError<<M as Manager>::Error>>;

pub type Reservation<M> = Result<Slot<M>, SharedFailure<M>>;

pub struct PipelineSet<M: Manager>(Mutex<State<M>>);

struct State<M: Manager> {
    last: Weak<Pipeline<M>>,
    backed_off_until: Option<Instant>,
}

impl<M: Manager> Default for PipelineSet<M> {
    fn default() -> Self {
        Self(Mutex::new(State { last: Weak::new(), backed_off_until: None }))
    }
}

impl<M: Manager> PipelineSet<M> {
    /// Reserves a slot in the last pipeline, or in a new one. Returns `None` during a back-off.
    pub fn slot<C, F>(&self, connect: C) -> Option<impl Future<Output = Reservation<M>> + use<M, C, F>>
    where
        C: Fn() -> F,
        F: Future<Output = Result<Object<M>, PoolError<M::Error>>>,
    {
        let pipeline = self.pipeline()?;
        Some(async move {
            let lease = pipeline.lease.get_or_init(async || Ok(Mutex::new(Lease::new(connect().await?)))).await;
            if let Err(failure) = lease {
                return Err(Arc::clone(failure));
            }
            Ok(Slot { pipeline, is_complete: false })
        })
    }

    pub fn back_off(&self) {
        self.state().backed_off_until = Some(Instant::now() + BACK_OFF);
    }

    fn pipeline(&self) -> Option<Arc<Pipeline<M>>> {
        let mut state = self.state();
        if state.backed_off_until.is_some_and(|end| Instant::now() < end) {
            return None;
        }
        state.backed_off_until = None;
        if let Some(pipeline) = state.last.upgrade().filter(|pipeline| pipeline.try_reserve()) {
            return Some(pipeline);
        }
        let pipeline = Arc::new(Pipeline::default());
        state.last = Arc::downgrade(&pipeline);
        Some(pipeline)
    }

    fn state(&self) -> MutexGuard<'_, State<M>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Connection that returns to its pool when the last slot is dropped.
struct Pipeline<M: Manager> {
    reserved: AtomicU32,
    /// Whether a response is left unread.
    is_interrupted: AtomicBool,
    /// Initialized by the first slot, or by the next if the first is dropped meanwhile.
    lease: OnceCell<Result<Mutex<Lease<M>>, SharedFailure<M>>>,
}

impl<M: Manager> Default for Pipeline<M> {
    fn default() -> Self {
        Self { reserved: AtomicU32::new(1), is_interrupted: AtomicBool::new(false), lease: OnceCell::new() }
    }
}

impl<M: Manager> Pipeline<M> {
    fn try_reserve(&self) -> bool {
        let is_usable = !self.is_interrupted.load(Ordering::Relaxed) && !matches!(self.lease.get(), Some(Err(_)));
        is_usable && self.reserved.fetch_add(1, Ordering::Relaxed) < MAX_STATEMENTS
    }
}

impl<M: Manager> Drop for Pipeline<M> {
    fn drop(&mut self) {
        // Otherwise the lease closes the connection, on which a response is still to come.
        if !*self.is_interrupted.get_mut()
            && let Some(Ok(lease)) = self.lease.take()
        {
            lease.into_inner().unwrap_or_else(PoisonError::into_inner).release();
        }
    }
}

/// Place of one statement in a pipeline, which is interrupted if a slot is dropped before
/// [`complete`](Self::complete).
pub struct Slot<M: Manager> {
    pipeline: Arc<Pipeline<M>>,
    is_complete: bool,
}

impl<M: Manager> Slot<M> {
    /// Never returns `None`: a slot exists only if the pipeline has a connection.
    pub fn with_connection<T>(&self, f: impl FnOnce(&M::Type) -> T) -> Option<T> {
        let mut lease = self.pipeline.lease.get()?.as_ref().ok()?.lock().unwrap_or_else(PoisonError::into_inner);
        lease.connection().map(|connection| f(connection))
    }

    pub fn complete(mut self) {
        self.is_complete = true;
    }
}

impl<M: Manager> Drop for Slot<M> {
    fn drop(&mut self) {
        if !self.is_complete {
            self.pipeline.is_interrupted.store(true, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use deadpool::managed::{Metrics, Pool, RecycleResult, TimeoutType};
    use futures_util::{
        FutureExt,
        future::{join, pending},
    };

    use super::*;

    /// Opens numbers in place of connections.
    struct Numbers(AtomicU32);

    impl Manager for Numbers {
        type Type = u32;
        type Error = Infallible;

        async fn create(&self) -> Result<u32, Infallible> {
            Ok(self.0.fetch_add(1, Ordering::Relaxed))
        }

        async fn recycle(&self, _: &mut u32, _: &Metrics) -> RecycleResult<Infallible> {
            Ok(())
        }
    }

    fn pool() -> Pool<Numbers> {
        Pool::builder(Numbers(AtomicU32::new(0))).max_size(4).build().expect("a pool")
    }

    async fn slot(pipeline_set: &PipelineSet<Numbers>, pool: &Pool<Numbers>) -> Slot<Numbers> {
        pipeline_set.slot(|| pool.get()).expect("no back-off").await.expect("a connection")
    }

    fn number(slot: &Slot<Numbers>) -> u32 {
        slot.with_connection(|number| *number).expect("a connection")
    }

    #[actix_web::test]
    async fn connection_is_shared_by_a_limited_number_of_statements() {
        let (pipeline_set, pool) = (PipelineSet::default(), pool());
        let mut slots = Vec::new();
        for count in 0..MAX_STATEMENTS * 2 {
            let slot = slot(&pipeline_set, &pool).await;
            assert_eq!(number(&slot), count / MAX_STATEMENTS);
            slots.push(slot);
        }
        assert_eq!(pool.status().available, 0);
        slots.into_iter().for_each(Slot::complete);
        assert_eq!(pool.status().available, 2);
    }

    #[actix_web::test]
    async fn connection_returns_to_the_pool_when_all_its_slots_are_complete() {
        let (pipeline_set, pool) = (PipelineSet::default(), pool());
        let (first, second) = (slot(&pipeline_set, &pool).await, slot(&pipeline_set, &pool).await);
        first.complete();
        assert_eq!((number(&second), pool.status().available), (0, 0));
        second.complete();
        assert_eq!(pool.status().available, 1);
        assert_eq!(number(&slot(&pipeline_set, &pool).await), 0);
    }

    #[actix_web::test]
    async fn interrupted_pipeline_accepts_no_statement_and_closes_its_connection() {
        let (pipeline_set, pool) = (PipelineSet::default(), pool());
        let (first, second) = (slot(&pipeline_set, &pool).await, slot(&pipeline_set, &pool).await);
        drop(first);
        let third = slot(&pipeline_set, &pool).await;
        assert_eq!((number(&second), number(&third)), (0, 1));
        second.complete();
        third.complete();
        assert_eq!((pool.status().size, pool.status().available), (1, 1));
        assert_eq!(number(&slot(&pipeline_set, &pool).await), 1);
    }

    #[actix_web::test]
    async fn next_statement_connects_if_the_first_is_cancelled() {
        let (pipeline_set, pool) = (PipelineSet::default(), pool());
        let mut first = Box::pin(pipeline_set.slot(pending).expect("no back-off"));
        assert!(first.as_mut().now_or_never().is_none());
        let mut second = Box::pin(slot(&pipeline_set, &pool));
        assert!(second.as_mut().now_or_never().is_none());
        drop(first);
        assert_eq!(number(&second.await), 0);
    }

    #[actix_web::test]
    async fn waiting_statements_share_a_failure_and_later_ones_connect_again() {
        let (pipeline_set, pool) = (PipelineSet::<Numbers>::default(), pool());
        let fails = || async {
            tokio::task::yield_now().await;
            Err(PoolError::Timeout(TimeoutType::Wait))
        };
        let fail = || pipeline_set.slot(fails).expect("no back-off");
        let (first, second) = join(fail(), fail()).await;
        for failed in [first, second] {
            let failure = failed.err().expect("a failure");
            assert!(matches!(*failure, PoolError::Timeout(TimeoutType::Wait)));
        }
        assert_eq!(number(&slot(&pipeline_set, &pool).await), 0);
    }

    #[actix_web::test]
    async fn back_off_suspends_pipelining() {
        let (pipeline_set, pool) = (PipelineSet::default(), pool());
        let before = slot(&pipeline_set, &pool).await;
        pipeline_set.back_off();
        assert!(pipeline_set.slot(|| pool.get()).is_none());
        before.complete();
        pipeline_set.state().backed_off_until = Some(Instant::now());
        assert_eq!(number(&slot(&pipeline_set, &pool).await), 0);
    }
}
