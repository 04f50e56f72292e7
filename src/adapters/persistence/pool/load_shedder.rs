//! Load shedding: rejects at once what would time out in a queue.
//!
//! Under overload a plain queue makes every caller wait, and most of them time out. The load
//! shedder measures how fast its queue moves, and rejects a caller that would not be served in
//! time. The others are served, and the queue is short again as soon as the load drops.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::metrics::PoolMetrics;
use crate::adapters::persistence::sql::error::QueryError;
use crate::adapters::persistence::sql::statement::WaitPolicy;
use crate::domain::error::Overload;

pub struct LoadShedder(Arc<Queue>);

struct Queue {
    /// Longest expected wait for which a caller is accepted.
    max_wait: Duration,
    state: Mutex<State>,
}

struct State {
    waiting: u32,
    /// When the last caller was served, or when the first one joined the empty queue.
    interval_start: Instant,
    /// Seconds during which callers waited, decaying exponentially.
    busy_seconds: f64,
    /// Number of callers served in those seconds, decaying alike.
    served: f64,
}

impl LoadShedder {
    /// Accepts an expected wait of three quarters of `timeout`: the actual wait may be longer.
    pub fn new(timeout: Duration) -> Self {
        let state = State { waiting: 0, interval_start: Instant::now(), busy_seconds: 0.0, served: 0.0 };
        Self(Arc::new(Queue { max_wait: timeout / 4 * 3, state: Mutex::new(state) }))
    }

    /// Joins the queue, or returns `None` if the caller is to be rejected. The first caller is
    /// always accepted: the rate of an empty queue would never be measured again.
    pub fn join(&self, wait_policy: WaitPolicy) -> Option<Slot> {
        let mut state = self.0.state();
        if state.waiting == 0 {
            state.interval_start = Instant::now();
        } else if wait_policy == WaitPolicy::IfInTime && self.0.expected_wait(&state) > self.0.max_wait.as_secs_f64() {
            return None;
        }
        state.waiting += 1;
        Some(Slot(Arc::clone(&self.0)))
    }

    pub fn join_or_reject(&self, wait_policy: WaitPolicy, metrics: &PoolMetrics) -> Result<Slot, QueryError> {
        self.join(wait_policy).ok_or_else(|| {
            metrics.record_timeout();
            QueryError::Unavailable(Overload.into())
        })
    }
}

impl Queue {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Seconds over which measurements decay: one slow statement must not determine the rate.
    fn decay_time(&self) -> f64 {
        self.max_wait.as_secs_f64() / 2.0
    }

    /// Returns the seconds that one more caller would wait, or 0 while too little is measured.
    fn expected_wait(&self, state: &State) -> f64 {
        let is_measured = state.busy_seconds >= self.decay_time() / 2.0;
        if is_measured { state.busy_seconds / state.served * f64::from(state.waiting + 1) } else { 0.0 }
    }

    fn record_served(&self, now: Instant) {
        let mut state = self.state();
        // A standstill ends here, and its length does not predict the rate after it.
        let interval = now.duration_since(state.interval_start).as_secs_f64().min(self.decay_time());
        let decay = (-interval / self.decay_time()).exp();
        state.busy_seconds = state.busy_seconds * decay + interval;
        state.served = state.served * decay + 1.0;
        state.interval_start = now;
    }
}

/// Place of a caller in the queue, which it leaves when this is dropped.
pub struct Slot(Arc<Queue>);

impl Slot {
    pub fn mark_served(self) {
        self.0.record_served(Instant::now());
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.waiting = state.waiting.saturating_sub(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns a queue with a longest expected wait of 301.5 ms.
    fn queue() -> LoadShedder {
        LoadShedder::new(Duration::from_millis(402))
    }

    /// Records `count` callers as served, one after each interval.
    fn serve(queue: &LoadShedder, count: u32, interval: Duration) {
        for _ in 0..count {
            let next = queue.0.state().interval_start + interval;
            queue.0.record_served(next);
        }
    }

    /// Joins until the queue rejects, at most 1000 times.
    fn fill(queue: &LoadShedder) -> Vec<Slot> {
        std::iter::from_fn(|| queue.join(WaitPolicy::IfInTime)).take(1000).collect()
    }

    #[test]
    fn queue_accepts_as_many_callers_as_it_serves_in_time() {
        for (interval, count) in [(1, 301), (10, 30), (100, 3), (150, 2)] {
            let queue = queue();
            serve(&queue, 1000, Duration::from_millis(interval));
            assert_eq!(fill(&queue).len(), count, "{interval} ms");
        }
    }

    #[test]
    fn queue_accepts_every_caller_until_its_rate_is_known() {
        let queue = queue();
        serve(&queue, 1, Duration::from_millis(50));
        assert_eq!(fill(&queue).len(), 1000);
    }

    #[test]
    fn full_queue_accepts_a_caller_after_another_leaves_and_always_accepts_probes() {
        let queue = queue();
        serve(&queue, 1000, Duration::from_millis(100));
        let mut slots = fill(&queue);
        assert!(queue.join(WaitPolicy::IfInTime).is_none());
        drop(slots.pop());
        assert!(queue.join(WaitPolicy::IfInTime).is_some());
        drop(slots.pop());
        let _probes: Vec<_> = (0..10).map(|_| queue.join(WaitPolicy::Always).expect("a slot")).collect();
        assert!(queue.join(WaitPolicy::IfInTime).is_none());
    }

    #[test]
    fn queue_accepts_few_callers_after_a_standstill_and_recovers_soon() {
        let queue = queue();
        serve(&queue, 10, Duration::from_secs(60));
        assert_eq!(fill(&queue).len(), 2);
        serve(&queue, 150, Duration::from_millis(1));
        assert!(fill(&queue).len() > 150);
    }
}
