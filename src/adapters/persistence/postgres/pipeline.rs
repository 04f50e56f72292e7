//! Questions that share a connection: each is sent as it comes, and none waits for the answers to those before it.
//!
//! On a connection of its own a brief question costs less than the packets that it takes and the waking of a process of
//! the server's. Those that one thread asks at about the same time go in one packet instead, and wake one process.
//!
//! Answers come in the order of the questions, so that one which takes long, against all expectation, keeps those behind
//! it waiting. Where that happens, everybody is given a connection of their own for a while.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use deadpool::managed::{Manager, Object, PoolError};
use tokio::sync::OnceCell;

use crate::adapters::persistence::pool::lease::Lease;

/// How many questions share a connection before it goes back to its pool, where somebody may be waiting for it. More than
/// these make no difference that can be measured.
const DEPTH: u32 = 8;

/// For how long nothing is shared after a question that took long.
const BACK_OFF: Duration = Duration::from_secs(1);

/// Why there is no connection, for all who waited for it.
pub type SharedFailure<M> = Arc<PoolError<<M as Manager>::Error>>;

/// Where the questions of a thread meet.
pub struct PipelineSet<M: Manager>(Mutex<State<M>>);

struct State<M: Manager> {
    last: Weak<Pipeline<M>>,
    paused_until: Option<Instant>,
}

impl<M: Manager> Default for PipelineSet<M> {
    fn default() -> Self {
        Self(Mutex::new(State { last: Weak::new(), paused_until: None }))
    }
}

impl<M: Manager> PipelineSet<M> {
    /// A place in the pipeline that was opened last, or in a new one, for which `get` gives the connection. None during a
    /// pause.
    ///
    /// # Errors
    /// What `get` said.
    pub fn join<G, F>(&self, get: G) -> Option<impl Future<Output = Result<Slot<M>, SharedFailure<M>>> + use<M, G, F>>
    where
        G: Fn() -> F,
        F: Future<Output = Result<Object<M>, PoolError<M::Error>>>,
    {
        let pipeline = self.pipeline()?;
        Some(async move {
            let lease = pipeline.lease.get_or_init(async || Ok(Mutex::new(Lease::new(get().await?)))).await;
            if let Err(failure) = lease {
                return Err(Arc::clone(failure));
            }
            Ok(Slot { pipeline, is_complete: false })
        })
    }

    /// Lets nobody share a connection for a while.
    pub fn back_off(&self) {
        self.state().paused_until = Some(Instant::now() + BACK_OFF);
    }

    fn pipeline(&self) -> Option<Arc<Pipeline<M>>> {
        let mut state = self.state();
        if state.paused_until.is_some_and(|end| Instant::now() < end) {
            return None;
        }
        state.paused_until = None;
        if let Some(pipeline) = state.last.upgrade().filter(|pipeline| pipeline.admits()) {
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

/// A connection on loan for as long as one of those is there who share it.
struct Pipeline<M: Manager> {
    joined: AtomicU32,
    is_interrupted: AtomicBool,
    /// Got by the first who comes, or if that one leaves before, by the next.
    lease: OnceCell<Result<Mutex<Lease<M>>, SharedFailure<M>>>,
}

impl<M: Manager> Default for Pipeline<M> {
    fn default() -> Self {
        Self { joined: AtomicU32::new(1), is_interrupted: AtomicBool::new(false), lease: OnceCell::new() }
    }
}

impl<M: Manager> Pipeline<M> {
    /// Whether one more may join, who has then.
    fn admits(&self) -> bool {
        let is_of_use = !self.is_interrupted.load(Ordering::Relaxed) && !matches!(self.lease.get(), Some(Err(_)));
        is_of_use && self.joined.fetch_add(1, Ordering::Relaxed) < DEPTH
    }
}

impl<M: Manager> Drop for Pipeline<M> {
    fn drop(&mut self) {
        // An interrupted one is closed: an answer that nobody waits for is still to come.
        if !*self.is_interrupted.get_mut()
            && let Some(Ok(lease)) = self.lease.take()
        {
            lease.into_inner().unwrap_or_else(PoisonError::into_inner).release();
        }
    }
}

/// A place in a pipeline, from which to ask one question. Whoever drops it without an answer was interrupted.
pub struct Slot<M: Manager> {
    pipeline: Arc<Pipeline<M>>,
    is_complete: bool,
}

impl<M: Manager> Slot<M> {
    /// What `look` finds at the connection; `None` never happens before the [leaving](Self::complete).
    pub fn with_connection<T>(&self, look: impl FnOnce(&M::Type) -> T) -> Option<T> {
        let mut lease = self.pipeline.lease.get()?.as_ref().ok()?.lock().unwrap_or_else(PoisonError::into_inner);
        lease.connection().map(|connection| look(connection))
    }

    /// Leaves with an answer.
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

    /// Connections that are numbers.
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
        pipeline_set.join(|| pool.get()).expect("no pause").await.expect("a connection")
    }

    fn number(slot: &Slot<Numbers>) -> u32 {
        slot.with_connection(|number| *number).expect("a connection")
    }

    #[actix_web::test]
    async fn as_many_share_a_connection_as_it_has_places() {
        let (pipeline_set, pool) = (PipelineSet::default(), pool());
        let mut places = Vec::new();
        for count in 0..DEPTH * 2 {
            let slot = slot(&pipeline_set, &pool).await;
            assert_eq!(number(&slot), count / DEPTH);
            places.push(slot);
        }
        assert_eq!(pool.status().available, 0);
        places.into_iter().for_each(Slot::complete);
        assert_eq!(pool.status().available, 2);
    }

    #[actix_web::test]
    async fn a_connection_goes_back_when_all_who_shared_it_are_answered() {
        let (pipeline_set, pool) = (PipelineSet::default(), pool());
        let (first, second) = (slot(&pipeline_set, &pool).await, slot(&pipeline_set, &pool).await);
        first.complete();
        assert_eq!((number(&second), pool.status().available), (0, 0));
        second.complete();
        assert_eq!(pool.status().available, 1);
        assert_eq!(number(&slot(&pipeline_set, &pool).await), 0);
    }

    #[actix_web::test]
    async fn a_connection_is_closed_on_which_somebody_was_interrupted_and_nobody_joins_it() {
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
    async fn who_waits_for_a_connection_that_another_has_ceased_to_wait_for_gets_it() {
        let (pipeline_set, pool) = (PipelineSet::default(), pool());
        let mut first = Box::pin(pipeline_set.join(pending).expect("no pause"));
        assert!(first.as_mut().now_or_never().is_none());
        let mut second = Box::pin(slot(&pipeline_set, &pool));
        assert!(second.as_mut().now_or_never().is_none());
        drop(first);
        assert_eq!(number(&second.await), 0);
    }

    #[actix_web::test]
    async fn all_who_wait_are_told_why_there_is_no_connection_and_the_next_begin_anew() {
        let (pipeline_set, pool) = (PipelineSet::<Numbers>::default(), pool());
        let fails = || async {
            tokio::task::yield_now().await;
            Err(PoolError::Timeout(TimeoutType::Wait))
        };
        let fail = || pipeline_set.join(fails).expect("no pause");
        let (first, second) = join(fail(), fail()).await;
        for failed in [first, second] {
            let failure = failed.err().expect("a failure");
            assert!(matches!(*failure, PoolError::Timeout(TimeoutType::Wait)));
        }
        assert_eq!(number(&slot(&pipeline_set, &pool).await), 0);
    }

    #[actix_web::test]
    async fn nobody_shares_during_a_pause() {
        let (pipeline_set, pool) = (PipelineSet::default(), pool());
        let before = slot(&pipeline_set, &pool).await;
        pipeline_set.back_off();
        assert!(pipeline_set.join(|| pool.get()).is_none());
        before.complete();
        pipeline_set.state().paused_until = Some(Instant::now());
        assert_eq!(number(&slot(&pipeline_set, &pool).await), 0);
    }
}
