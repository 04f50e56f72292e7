//! Schedules inline reads on one worker thread.
//!
//! If each request were served as soon as it is accepted, the others would wait in the queues of
//! the runtime and the kernel, where they are neither counted nor rejected. The first read
//! therefore lets the thread accept all pending requests, whose reads wait here. Then a batch of
//! them runs for as long as accepting took, so that neither starves the other.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;

use super::yielding::yield_to_ready_tasks;
use crate::adapters::persistence::sql::error::QueryError;

/// Least time that a batch takes, if enough reads are waiting.
const MIN_BATCH_TIME: Duration = Duration::from_millis(10);

thread_local! {
    static SCHEDULER: Arc<Scheduler> = Arc::default();
}

struct Scheduler {
    /// Holds a permit for each read that the batch may still start.
    permits: Semaphore,
    state: Mutex<State>,
}

struct State {
    waiting: u32,
    batch: Batch,
    /// When the last batch ended, if reads were waiting for the next one.
    accepting_since: Option<Instant>,
}

impl Default for Scheduler {
    fn default() -> Self {
        let state = State { waiting: 0, batch: Batch::new(1), accepting_since: None };
        Self { permits: Semaphore::new(1), state: Mutex::new(state) }
    }
}

struct Batch {
    size: u32,
    unfinished: u32,
    /// How long the thread accepted requests before the batch.
    accept_time: Duration,
    run_time: Duration,
}

impl Batch {
    fn new(size: u32) -> Self {
        Self { size, unfinished: size, accept_time: Duration::ZERO, run_time: Duration::ZERO }
    }

    fn next_size(&self, waiting: u32) -> u32 {
        let each = (self.run_time / self.size).max(Duration::from_micros(1));
        let fit = self.accept_time.max(MIN_BATCH_TIME).as_nanos() / each.as_nanos();
        u32::try_from(fit).unwrap_or(u32::MAX).min(waiting).max(1)
    }
}

impl Scheduler {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn start_read(&self) {
        let mut state = self.state();
        if let Some(since) = state.accepting_since.take() {
            state.batch.accept_time = since.elapsed();
        }
    }

    fn finish_read(&self, time: Duration) {
        let mut state = self.state();
        state.batch.unfinished = state.batch.unfinished.saturating_sub(1);
        state.batch.run_time += time;
        if state.batch.unfinished == 0 {
            let size = state.batch.next_size(state.waiting);
            state.accepting_since = (state.waiting > 0).then(Instant::now);
            state.batch = Batch::new(size);
            drop(state);
            self.permits.add_permits(usize::try_from(size).unwrap_or(1));
        }
    }
}

/// Permission to run a read on this thread, until this is dropped.
pub struct InlineTurn {
    scheduler: Arc<Scheduler>,
    start: Instant,
}

impl InlineTurn {
    /// Never fails, since the semaphore is never closed.
    pub async fn acquire() -> Result<Self, QueryError> {
        let scheduler = SCHEDULER.with(Arc::clone);
        let permit = match scheduler.permits.try_acquire() {
            Ok(permit) => {
                yield_to_ready_tasks().await;
                permit
            }
            Err(_) => {
                scheduler.state().waiting += 1;
                let _waiting = Waiting(&scheduler);
                scheduler.permits.acquire().await.map_err(|closed| QueryError::Internal(closed.into()))?
            }
        };
        permit.forget();
        scheduler.start_read();
        Ok(Self { scheduler, start: Instant::now() })
    }
}

impl Drop for InlineTurn {
    fn drop(&mut self) {
        self.scheduler.finish_read(self.start.elapsed());
    }
}

/// A read that counts as waiting until this is dropped.
struct Waiting<'s>(&'s Scheduler);

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
    fn batch_takes_as_long_as_accepting_did_and_at_least_the_minimum() {
        let batch = |accept_time, run_time| Batch {
            accept_time: Duration::from_millis(accept_time),
            run_time: Duration::from_millis(run_time),
            ..Batch::new(10)
        };
        assert_eq!(batch(0, 10).next_size(1000), 10);
        assert_eq!(batch(90, 10).next_size(1000), 90);
        assert_eq!(batch(90, 10).next_size(7), 7);
        assert_eq!(batch(0, 1000).next_size(1000), 1);
        assert_eq!(batch(0, 0).next_size(0), 1);
    }

    #[tokio::test]
    async fn reads_run_in_order_after_all_requests_are_accepted() {
        let events = RefCell::new(Vec::new());
        let read = async |number: usize| {
            events.borrow_mut().push(("is accepted", number));
            let turn = InlineTurn::acquire().await.unwrap();
            events.borrow_mut().push(("runs", number));
            drop(turn);
        };
        join_all((0..3).map(&read)).await;
        let events = events.take();
        assert_eq!(events[..3], [("is accepted", 0), ("is accepted", 1), ("is accepted", 2)]);
        assert_eq!(events[3..], [("runs", 0), ("runs", 1), ("runs", 2)]);
    }

    #[tokio::test]
    async fn cancelled_read_does_not_block_the_others() {
        for cancelled in 0..3 {
            let mut reads: Vec<Pin<Box<dyn Future<Output = _>>>> = Vec::new();
            for _ in 0..3 {
                reads.push(Box::pin(InlineTurn::acquire()));
            }
            poll_fn(|context| {
                reads.iter_mut().for_each(|read| assert!(read.as_mut().poll(context).is_pending()));
                Poll::Ready(())
            })
            .await;
            drop(reads.remove(cancelled));
            for read in reads {
                drop(read.await.unwrap());
            }
        }
    }

    #[tokio::test]
    async fn slow_reads_of_each_request_run_equally_often() {
        let counts = RefCell::new([0_u32; 4]);
        let read = async |number: usize| {
            for _ in 0..20 {
                let turn = InlineTurn::acquire().await.unwrap();
                thread::sleep(Duration::from_millis(1));
                drop(turn);
                counts.borrow_mut()[number] += 1;
                let counts = *counts.borrow();
                let (least, most) = (counts.iter().min().unwrap(), counts.iter().max().unwrap());
                assert!(most - least <= 2, "{counts:?}");
            }
        };
        join_all((0..4).map(&read)).await;
    }
}
