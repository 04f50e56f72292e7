//! Replicas: servers that follow the primary and answer readers whom nobody knows, as long as they are not too far
//! behind. Who is known reads what the primary says, so that nobody misses their own writes.

use std::{
    sync::{
        Arc, Weak,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use crate::adapters::persistence::{pool::metrics::PoolMetrics, postgres::pools::Pools};

/// The replicas of a database; there may be none.
#[derive(Clone, Default)]
pub struct Replicas(Option<Arc<ReplicaSet>>);

/// The replicas, where there are some.
pub struct ReplicaSet {
    /// In the order of their names in the URL.
    pub all: Vec<Replica>,
    /// How far one may be behind.
    pub max_lag: Duration,
    began: Instant,
    turn: AtomicUsize,
    metrics: PoolMetrics,
}

/// A replica.
pub struct Replica {
    /// Connections to it.
    pub pools: Pools,
    /// Up to when all that was committed on the primary shows: milliseconds since the program began; 0 when unknown.
    fresh_until: AtomicU64,
}

impl Replicas {
    /// These replicas, which may be so far behind.
    pub fn new(pools: Vec<Pools>, max_lag: Duration, metrics: PoolMetrics) -> Self {
        let all = pools.into_iter().map(|pools| Replica { pools, fresh_until: AtomicU64::new(0) }).collect();
        Self(Some(Arc::new(ReplicaSet { all, max_lag, began: Instant::now(), turn: AtomicUsize::new(0), metrics })))
    }

    /// The replicas for as long as somebody uses them.
    pub fn downgrade(&self) -> Weak<ReplicaSet> {
        self.0.as_ref().map(Arc::downgrade).unwrap_or_default()
    }

    /// A replica that is not too far behind, each in its turn.
    pub fn pick(&self) -> Option<&Replica> {
        let replica_set = self.0.as_ref()?;
        let turn = replica_set.turn.fetch_add(1, Ordering::Relaxed) % replica_set.all.len().max(1);
        let (later, first) = replica_set.all.split_at_checked(turn)?;
        first.iter().chain(later).find(|replica| replica_set.is_fresh(replica))
    }

    /// Shows how their connections are used now.
    pub fn record_metrics(&self) {
        if let Some(replica_set) = &self.0 {
            replica_set.metrics.record(replica_set.all.iter().flat_map(|replica| replica.pools.statuses()));
        }
    }

    /// Closes their connections.
    pub fn close(&self) {
        for replica in self.0.iter().flat_map(|replica_set| &replica_set.all) {
            replica.pools.close();
        }
    }
}

impl ReplicaSet {
    /// How far a replica is behind at the most; `None` when that is not known.
    pub fn lag(&self, replica: &Replica) -> Option<Duration> {
        match replica.fresh_until.load(Ordering::Relaxed) {
            0 => None,
            fresh_until => Some(self.began.elapsed().saturating_sub(Duration::from_millis(fresh_until))),
        }
    }

    /// Whether a replica is near enough.
    pub fn is_fresh(&self, replica: &Replica) -> bool {
        self.lag(replica).is_some_and(|lag| lag <= self.max_lag)
    }

    /// Notes that a replica shows all that was committed before a moment.
    pub fn note(&self, replica: &Replica, moment: Instant) {
        let fresh_until = moment.saturating_duration_since(self.began).as_millis();
        replica.fresh_until.store(u64::try_from(fresh_until).unwrap_or(u64::MAX), Ordering::Relaxed);
    }
}

impl Replica {
    /// Notes that it is away, until it is heard of again.
    pub fn mark_unknown(&self) {
        self.fresh_until.store(0, Ordering::Relaxed);
    }

    /// The same of one that does not answer: what leads there may be of no use when it is back.
    pub fn mark_failed(&self) {
        self.mark_unknown();
        self.pools.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUND: Duration = Duration::from_secs(60);

    fn replicas(count: usize) -> Replicas {
        Replicas::new(
            (0..count).map(|_| Pools::new("replica", Vec::new())).collect(),
            BOUND,
            PoolMetrics::new("replica"),
        )
    }

    /// The numbers of the replicas that are picked one after the other.
    fn picked(replicas: &Replicas, count: usize) -> Vec<Option<usize>> {
        let replica_set = replicas.0.as_ref().unwrap();
        let number = |picked: &Replica| replica_set.all.iter().position(|replica| std::ptr::eq(replica, picked));
        (0..count).map(|_| replicas.pick().and_then(number)).collect()
    }

    #[test]
    fn those_that_are_near_enough_take_turns() {
        let replicas = replicas(3);
        assert_eq!(picked(&replicas, 2), [None, None], "nothing is known of them yet");
        let replica_set = replicas.0.as_ref().unwrap();
        let later = replica_set.began + Duration::from_millis(5);
        replica_set.all.iter().for_each(|replica| replica_set.note(replica, later));
        assert_eq!(picked(&replicas, 4), [Some(2), Some(0), Some(1), Some(2)]);
        replica_set.all[1].mark_unknown();
        assert_eq!(picked(&replicas, 3), [Some(0), Some(2), Some(2)]);
    }

    #[test]
    fn one_that_is_too_far_behind_is_not_picked() {
        let replicas =
            Replicas::new(vec![Pools::new("replica", Vec::new())], Duration::ZERO, PoolMetrics::new("replica"));
        let replica_set = replicas.0.as_ref().unwrap();
        replica_set.note(&replica_set.all[0], replica_set.began + Duration::from_millis(1));
        std::thread::sleep(Duration::from_millis(5));
        assert!(replica_set.lag(&replica_set.all[0]).unwrap() >= Duration::from_millis(3));
        assert!(replicas.pick().is_none());
    }

    #[test]
    fn where_there_are_none_none_is_picked() {
        assert!(Replicas::default().pick().is_none() && replicas(0).pick().is_none());
    }
}
