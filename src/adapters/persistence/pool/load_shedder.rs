//! A queue in which nobody waits in vain.
//!
//! When more is asked than the database can answer, a queue that everybody joins makes everybody wait, and in the end for
//! nothing. Whoever would not be served in time, by how fast the queue moves, is refused at once instead: the others are
//! answered, and the queue is short again as soon as the rush is over.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use crate::adapters::persistence::sql::statement::WaitPolicy;

/// Those who wait, and how fast they are served; clones are the same queue.
#[derive(Clone)]
pub struct LoadShedder(Arc<Queue>);

struct Queue {
    /// How long a wait may become by how fast the queue moves.
    longest: Duration,
    flow: Mutex<Flow>,
}

struct Flow {
    waiting: u32,
    /// When the last was served, or the first of those who wait came.
    since: Instant,
    /// For how many seconds somebody waited lately: what is older counts less and less.
    busy: f64,
    /// How many were served meanwhile.
    served: f64,
}

impl LoadShedder {
    /// A queue in which waiting is in vain after `patience`. A quarter of it is left for what averages do not tell.
    pub fn new(patience: Duration) -> Self {
        let flow = Flow { waiting: 0, since: Instant::now(), busy: 0.0, served: 0.0 };
        Self(Arc::new(Queue { longest: patience / 4 * 3, flow: Mutex::new(flow) }))
    }

    /// A place at the end; none if whoever takes it would wait in vain. The first place is always given: without anybody
    /// in the queue it would never be known to move again.
    pub fn join(&self, wait_policy: WaitPolicy) -> Option<Slot> {
        let mut flow = self.0.flow();
        if flow.waiting == 0 {
            flow.since = Instant::now();
        } else if wait_policy == WaitPolicy::IfInTime && self.0.wait_behind(&flow) > self.0.longest.as_secs_f64() {
            return None;
        }
        flow.waiting += 1;
        Some(Slot(Arc::clone(&self.0)))
    }
}

impl Queue {
    fn flow(&self) -> MutexGuard<'_, Flow> {
        self.flow.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// For how many seconds the past counts: one slow statement must not pass for the pace of a queue of hundreds.
    fn memory(&self) -> f64 {
        self.longest.as_secs_f64() / 2.0
    }

    /// How many seconds one more would wait; none as long as too little was seen to know.
    fn wait_behind(&self, flow: &Flow) -> f64 {
        if flow.busy < self.memory() / 2.0 { 0.0 } else { flow.busy / flow.served * f64::from(flow.waiting + 1) }
    }

    fn serve(&self, now: Instant) {
        let mut flow = self.flow();
        // A standstill is over when somebody is served, and tells nothing of the pace thereafter.
        let interval = now.duration_since(flow.since).as_secs_f64().min(self.memory());
        let kept = (-interval / self.memory()).exp();
        flow.busy = flow.busy * kept + interval;
        flow.served = flow.served * kept + 1.0;
        flow.since = now;
    }
}

/// A place in the queue, until it is dropped.
pub struct Slot(Arc<Queue>);

impl Slot {
    /// Leaves the queue because its turn has come.
    pub fn is_served(self) {
        self.0.serve(Instant::now());
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut flow = self.0.flow();
        flow.waiting = flow.waiting.saturating_sub(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A queue in which one may wait for 301.5 ms.
    fn queue() -> LoadShedder {
        LoadShedder::new(Duration::from_millis(402))
    }

    /// Lets a queue serve so many, one in each interval.
    fn serve(queue: &LoadShedder, count: u32, interval: Duration) {
        for _ in 0..count {
            let next = queue.0.flow().since + interval;
            queue.0.serve(next);
        }
    }

    fn joined(queue: &LoadShedder) -> Vec<Slot> {
        std::iter::from_fn(|| queue.join(WaitPolicy::IfInTime)).take(1000).collect()
    }

    #[test]
    fn as_many_may_wait_as_are_served_in_time() {
        for (interval, count) in [(1, 301), (10, 30), (100, 3), (150, 2)] {
            let queue = queue();
            serve(&queue, 1000, Duration::from_millis(interval));
            assert_eq!(joined(&queue).len(), count, "{interval} ms");
        }
    }

    #[test]
    fn everybody_may_wait_until_it_is_known_how_fast_it_moves() {
        let queue = queue();
        serve(&queue, 1, Duration::from_millis(50));
        assert_eq!(joined(&queue).len(), 1000);
    }

    #[test]
    fn who_leaves_makes_room_and_probes_always_have_it() {
        let queue = queue();
        serve(&queue, 1000, Duration::from_millis(100));
        let mut places = joined(&queue);
        assert!(queue.join(WaitPolicy::IfInTime).is_none());
        drop(places.pop());
        assert!(queue.join(WaitPolicy::IfInTime).is_some());
        drop(places.pop());
        let _probes: Vec<_> = (0..10).map(|_| queue.join(WaitPolicy::Always).expect("a place")).collect();
        assert!(queue.join(WaitPolicy::IfInTime).is_none());
    }

    #[test]
    fn one_who_waits_is_let_in_after_a_standstill_and_soon_the_others_are_too() {
        let queue = queue();
        serve(&queue, 10, Duration::from_secs(60));
        assert_eq!(joined(&queue).len(), 2);
        serve(&queue, 150, Duration::from_millis(1));
        assert!(joined(&queue).len() > 150);
    }
}
