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
const PAUSE: Duration = Duration::from_secs(1);

/// Why there is no connection, for all who waited for it.
pub type SharedFailure<M> = Arc<PoolError<<M as Manager>::Error>>;

/// Where the questions of a thread meet.
pub struct Meeting<M: Manager>(Mutex<State<M>>);

struct State<M: Manager> {
    last: Weak<Pipeline<M>>,
    paused_until: Option<Instant>,
}

impl<M: Manager> Default for Meeting<M> {
    fn default() -> Self {
        Self(Mutex::new(State { last: Weak::new(), paused_until: None }))
    }
}

impl<M: Manager> Meeting<M> {
    /// A place in the pipeline that was opened last, or in a new one, for which `get` gives the connection. None during a
    /// pause.
    ///
    /// # Errors
    /// What `get` said.
    pub fn join<G, F>(&self, get: G) -> Option<impl Future<Output = Result<Place<M>, SharedFailure<M>>> + use<M, G, F>>
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
            Ok(Place { pipeline, is_answered: false })
        })
    }

    /// Lets nobody share a connection for a while.
    pub fn pause(&self) {
        self.state().paused_until = Some(Instant::now() + PAUSE);
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
            lease.into_inner().unwrap_or_else(PoisonError::into_inner).give_back();
        }
    }
}

/// A place in a pipeline, from which to ask one question. Whoever drops it without an answer was interrupted.
pub struct Place<M: Manager> {
    pipeline: Arc<Pipeline<M>>,
    is_answered: bool,
}

impl<M: Manager> Place<M> {
    /// What `look` finds at the connection; `None` never happens before the [leaving](Self::leave).
    pub fn see<T>(&self, look: impl FnOnce(&M::Type) -> T) -> Option<T> {
        let mut lease = self.pipeline.lease.get()?.as_ref().ok()?.lock().unwrap_or_else(PoisonError::into_inner);
        lease.connection().map(|connection| look(connection))
    }

    /// Leaves with an answer.
    pub fn leave(mut self) {
        self.is_answered = true;
    }
}

impl<M: Manager> Drop for Place<M> {
    fn drop(&mut self) {
        if !self.is_answered {
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

    async fn place(meeting: &Meeting<Numbers>, pool: &Pool<Numbers>) -> Place<Numbers> {
        meeting.join(|| pool.get()).expect("no pause").await.expect("a connection")
    }

    fn number(place: &Place<Numbers>) -> u32 {
        place.see(|number| *number).expect("a connection")
    }

    #[actix_web::test]
    async fn as_many_share_a_connection_as_it_has_places() {
        let (meeting, pool) = (Meeting::default(), pool());
        let mut places = Vec::new();
        for count in 0..DEPTH * 2 {
            let place = place(&meeting, &pool).await;
            assert_eq!(number(&place), count / DEPTH);
            places.push(place);
        }
        assert_eq!(pool.status().available, 0);
        places.into_iter().for_each(Place::leave);
        assert_eq!(pool.status().available, 2);
    }

    #[actix_web::test]
    async fn a_connection_goes_back_when_all_who_shared_it_are_answered() {
        let (meeting, pool) = (Meeting::default(), pool());
        let (first, second) = (place(&meeting, &pool).await, place(&meeting, &pool).await);
        first.leave();
        assert_eq!((number(&second), pool.status().available), (0, 0));
        second.leave();
        assert_eq!(pool.status().available, 1);
        assert_eq!(number(&place(&meeting, &pool).await), 0);
    }

    #[actix_web::test]
    async fn a_connection_is_closed_on_which_somebody_was_interrupted_and_nobody_joins_it() {
        let (meeting, pool) = (Meeting::default(), pool());
        let (first, second) = (place(&meeting, &pool).await, place(&meeting, &pool).await);
        drop(first);
        let third = place(&meeting, &pool).await;
        assert_eq!((number(&second), number(&third)), (0, 1));
        second.leave();
        third.leave();
        assert_eq!((pool.status().size, pool.status().available), (1, 1));
        assert_eq!(number(&place(&meeting, &pool).await), 1);
    }

    #[actix_web::test]
    async fn who_waits_for_a_connection_that_another_has_ceased_to_wait_for_gets_it() {
        let (meeting, pool) = (Meeting::default(), pool());
        let mut first = Box::pin(meeting.join(pending).expect("no pause"));
        assert!(first.as_mut().now_or_never().is_none());
        let mut second = Box::pin(place(&meeting, &pool));
        assert!(second.as_mut().now_or_never().is_none());
        drop(first);
        assert_eq!(number(&second.await), 0);
    }

    #[actix_web::test]
    async fn all_who_wait_are_told_why_there_is_no_connection_and_the_next_begin_anew() {
        let (meeting, pool) = (Meeting::<Numbers>::default(), pool());
        let fails = || async {
            tokio::task::yield_now().await;
            Err(PoolError::Timeout(TimeoutType::Wait))
        };
        let fail = || meeting.join(fails).expect("no pause");
        let (first, second) = join(fail(), fail()).await;
        for failed in [first, second] {
            let failure = failed.err().expect("a failure");
            assert!(matches!(*failure, PoolError::Timeout(TimeoutType::Wait)));
        }
        assert_eq!(number(&place(&meeting, &pool).await), 0);
    }

    #[actix_web::test]
    async fn nobody_shares_during_a_pause() {
        let (meeting, pool) = (Meeting::default(), pool());
        let before = place(&meeting, &pool).await;
        meeting.pause();
        assert!(meeting.join(|| pool.get()).is_none());
        before.leave();
        meeting.state().paused_until = Some(Instant::now());
        assert_eq!(number(&place(&meeting, &pool).await), 0);
    }
}
