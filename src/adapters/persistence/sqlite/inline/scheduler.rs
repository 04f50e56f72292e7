//! Who is answered when, of those who ask on one thread.
//!
//! A thread that answered each request as soon as it has read it would never know how many wait: they would lie in the
//! queues of the runtime and of the system, where nobody counts them and nobody is refused. So the first comer lets the thread
//! hear all the others before it is answered, and those wait for their turn here. Then as many are answered in one go as take
//! as long as hearing did, before the thread hears those who have come meanwhile: neither starves the other.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::yielding::let_others_run;
use crate::adapters::persistence::sql::error::QueryError;

/// For how long a thread answers in one go at least, if so many wait.
const MIN_BATCH_TIME: Duration = Duration::from_millis(10);

thread_local! {
    static SCHEDULER: Arc<Scheduler> = Arc::default();
}

/// The rounds of a thread.
struct Scheduler {
    /// As many permits are here, or taken, as the round has left.
    permits: Arc<Semaphore>,
    state: Mutex<State>,
}

struct State {
    waiting: u32,
    batch: Batch,
    /// When the last round ended, if somebody waited for the next.
    accepting_since: Option<Instant>,
}

impl Default for Scheduler {
    fn default() -> Self {
        let state = State { waiting: 0, batch: Batch::of(1), accepting_since: None };
        Self { permits: Arc::new(Semaphore::new(1)), state: Mutex::new(state) }
    }
}

/// Some turns in one go.
struct Batch {
    size: u32,
    left: u32,
    /// How long the thread heard others before the first of them.
    accept_time: Duration,
    run_time: Duration,
}

impl Batch {
    fn of(size: u32) -> Self {
        Self { size, left: size, accept_time: Duration::ZERO, run_time: Duration::ZERO }
    }

    /// How many of those who wait have a turn in the next one.
    fn next_size(&self, waiting: u32) -> u32 {
        let each = (self.run_time / self.size).max(Duration::from_micros(1));
        let fit = self.accept_time.max(MIN_BATCH_TIME).as_nanos() / each.as_nanos();
        u32::try_from(fit).unwrap_or(u32::MAX).min(waiting).max(1)
    }
}

impl Scheduler {
    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing that could panic half-way is done under the lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn begin_turn(&self) {
        let mut state = self.state();
        if let Some(since) = state.accepting_since.take() {
            state.batch.accept_time = since.elapsed();
        }
    }

    fn end_turn(&self, time: Duration) {
        let mut state = self.state();
        state.batch.left = state.batch.left.saturating_sub(1);
        state.batch.run_time += time;
        if state.batch.left == 0 {
            let size = state.batch.next_size(state.waiting);
            state.accepting_since = (state.waiting > 0).then(Instant::now);
            state.batch = Batch::of(size);
            drop(state);
            self.permits.add_permits(usize::try_from(size).unwrap_or(1));
        }
    }
}

/// The right to be answered on this thread now, until it is dropped.
pub struct InlineTurn {
    scheduler: Arc<Scheduler>,
    permit: Option<OwnedSemaphorePermit>,
    begun: Instant,
}

impl InlineTurn {
    /// Waits for a turn with the thread.
    ///
    /// # Errors
    /// None that happens: the turns of a thread have no end.
    pub async fn turn() -> Result<Self, QueryError> {
        let scheduler = SCHEDULER.with(Arc::clone);
        let permit = match Arc::clone(&scheduler.permits).try_acquire_owned() {
            Ok(permit) => {
                let_others_run().await;
                permit
            }
            Err(_) => {
                let _waiting = Waiting::enter(&scheduler);
                let permits = Arc::clone(&scheduler.permits);
                permits.acquire_owned().await.map_err(|closed| QueryError::Internal(closed.into()))?
            }
        };
        scheduler.begin_turn();
        Ok(Self { scheduler, permit: Some(permit), begun: Instant::now() })
    }
}

impl Drop for InlineTurn {
    fn drop(&mut self) {
        if let Some(permit) = self.permit.take() {
            permit.forget();
        }
        self.scheduler.end_turn(self.begun.elapsed());
    }
}

/// Somebody waits, until this is dropped.
struct Waiting<'r>(&'r Scheduler);

impl<'r> Waiting<'r> {
    fn enter(scheduler: &'r Scheduler) -> Self {
        scheduler.state().waiting += 1;
        Self(scheduler)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.waiting = state.waiting.saturating_sub(1);
    }
}

#[cfg(test)]
mod tests {
    use std::{cell::RefCell, future::poll_fn, pin::Pin, task::Poll, thread};

    use futures_util::future::join_all;

    use super::*;

    #[test]
    fn a_round_is_as_long_as_hearing_was_and_as_a_slice_at_least() {
        let batch = |accept_time, run_time| Batch {
            accept_time: Duration::from_millis(accept_time),
            run_time: Duration::from_millis(run_time),
            ..Batch::of(10)
        };
        assert_eq!(batch(0, 10).next_size(1000), 10);
        assert_eq!(batch(90, 10).next_size(1000), 90);
        assert_eq!(batch(90, 10).next_size(7), 7);
        assert_eq!(batch(0, 1000).next_size(1000), 1);
        assert_eq!(batch(0, 0).next_size(0), 1);
    }

    #[tokio::test]
    async fn all_are_heard_before_anybody_is_answered_and_are_answered_in_their_order() {
        let told = RefCell::new(Vec::new());
        let run = async |number: usize| {
            told.borrow_mut().push(("asks", number));
            let turn = InlineTurn::turn().await.unwrap();
            told.borrow_mut().push(("is answered", number));
            drop(turn);
        };
        join_all((0..3).map(&run)).await;
        let told = told.take();
        assert_eq!(told[..3], [("asks", 0), ("asks", 1), ("asks", 2)]);
        assert_eq!(told[3..], [("is answered", 0), ("is answered", 1), ("is answered", 2)]);
    }

    #[tokio::test]
    async fn who_leaves_takes_nobodys_turn() {
        for leaving in 0..3 {
            let mut asking: Vec<Pin<Box<dyn Future<Output = _>>>> = Vec::new();
            for _ in 0..3 {
                asking.push(Box::pin(InlineTurn::turn()));
            }
            poll_fn(|context| {
                asking.iter_mut().for_each(|one| assert!(one.as_mut().poll(context).is_pending()));
                Poll::Ready(())
            })
            .await;
            drop(asking.remove(leaving));
            for one in asking {
                drop(one.await.unwrap());
            }
        }
    }

    #[tokio::test]
    async fn nobody_is_answered_twice_as_often_as_another_however_long_it_takes() {
        let answered = RefCell::new([0_u32; 4]);
        let run = async |number: usize| {
            for _ in 0..20 {
                let turn = InlineTurn::turn().await.unwrap();
                thread::sleep(Duration::from_millis(1));
                drop(turn);
                answered.borrow_mut()[number] += 1;
                let counts = *answered.borrow();
                let (least, most) = (counts.iter().min().unwrap(), counts.iter().max().unwrap());
                assert!(most - least <= 2, "{counts:?}");
            }
        };
        join_all((0..4).map(&run)).await;
    }
}
