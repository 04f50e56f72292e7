//! Replicas of the primary. They serve only anonymous readers, who have no writes of their own to
//! miss, and only while they are at most `max_lag` behind.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::adapters::persistence::pool::metrics::PoolMetrics;
use crate::adapters::persistence::postgres::pools::Pools;

pub struct ReplicaSet {
    /// In the order of their hosts in the URL.
    pub replicas: Vec<Replica>,
    pub max_lag: Duration,
    next: AtomicUsize,
    metrics: PoolMetrics,
}

pub struct Replica {
    pub pools: Pools,
    start: Instant,
    /// Milliseconds since `start` up to which it shows each commit of the primary; 0 if unknown.
    fresh_until: AtomicU64,
}

impl ReplicaSet {
    pub fn new(pools: Vec<Pools>, max_lag: Duration, metrics: PoolMetrics) -> Self {
        let start = Instant::now();
        let replicas = pools.into_iter().map(|pools| Replica { pools, start, fresh_until: AtomicU64::new(0) });
        Self { replicas: replicas.collect(), max_lag, next: AtomicUsize::new(0), metrics }
    }

    /// Returns the next fresh replica, round-robin.
    pub fn pick(&self) -> Option<&Replica> {
        let next = self.next.fetch_add(1, Ordering::Relaxed) % self.replicas.len().max(1);
        let (later, first) = self.replicas.split_at_checked(next)?;
        first.iter().chain(later).find(|replica| replica.is_fresh(self.max_lag))
    }

    pub fn record_metrics(&self) {
        self.metrics.record(self.replicas.iter().flat_map(|replica| replica.pools.statuses()));
    }

    pub fn close(&self) {
        self.replicas.iter().for_each(|replica| replica.pools.close());
    }
}

impl Replica {
    /// Returns an upper bound of the lag.
    pub fn lag(&self) -> Option<Duration> {
        match self.fresh_until.load(Ordering::Relaxed) {
            0 => None,
            fresh_until => Some(self.start.elapsed().saturating_sub(Duration::from_millis(fresh_until))),
        }
    }

    pub fn is_fresh(&self, max_lag: Duration) -> bool {
        self.lag().is_some_and(|lag| lag <= max_lag)
    }

    /// Records that it shows every commit of the primary before `time`.
    pub fn mark_fresh_until(&self, time: Instant) {
        let fresh_until = time.saturating_duration_since(self.start).as_millis();
        self.fresh_until.store(u64::try_from(fresh_until).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// Excludes it until its lag is measured again.
    pub fn mark_unknown(&self) {
        self.fresh_until.store(0, Ordering::Relaxed);
    }

    /// Excludes it likewise, and closes its idle connections, which may not survive the failure.
    pub fn mark_failed(&self) {
        self.mark_unknown();
        self.pools.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn replica_set(count: usize, max_lag: Duration) -> ReplicaSet {
        let pools = (0..count).map(|_| Pools::new("replica", Vec::new())).collect();
        ReplicaSet::new(pools, max_lag, PoolMetrics::new("replica"))
    }

    /// Returns the indices of the replicas picked one after the other.
    fn picked(set: &ReplicaSet, count: usize) -> Vec<Option<usize>> {
        let index = |picked: &Replica| set.replicas.iter().position(|replica| std::ptr::eq(replica, picked));
        (0..count).map(|_| set.pick().and_then(index)).collect()
    }

    #[test]
    fn fresh_replicas_are_picked_round_robin() {
        let set = replica_set(3, Duration::from_secs(60));
        assert_eq!(picked(&set, 2), [None, None], "nothing is known of them yet");
        set.replicas.iter().for_each(|replica| replica.mark_fresh_until(replica.start + Duration::from_millis(5)));
        assert_eq!(picked(&set, 4), [Some(2), Some(0), Some(1), Some(2)]);
        set.replicas[1].mark_unknown();
        assert_eq!(picked(&set, 3), [Some(0), Some(2), Some(2)]);
    }

    #[test]
    fn stale_replica_is_not_picked() {
        let set = replica_set(1, Duration::ZERO);
        let replica = &set.replicas[0];
        replica.mark_fresh_until(replica.start + Duration::from_millis(1));
        std::thread::sleep(Duration::from_millis(5));
        assert!(replica.lag().unwrap() >= Duration::from_millis(3));
        assert!(set.pick().is_none());
    }

    #[test]
    fn empty_set_has_no_replica_to_pick() {
        assert!(replica_set(0, Duration::ZERO).pick().is_none());
    }
}
