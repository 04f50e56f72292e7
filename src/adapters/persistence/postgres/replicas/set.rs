//! Replicas: servers that follow the primary and answer readers whom nobody knows, as long as they are not too far
//! behind. Who is known reads what the primary says, so that nobody misses their own writes.

use std::{
    sync::{
        Arc, Weak,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use crate::adapters::persistence::{pool::metrics::PoolMeasures, postgres::pools::Pools};

/// The replicas of a database; there may be none.
#[derive(Clone, Default)]
pub struct Replicas(Option<Arc<Followers>>);

/// The replicas, where there are some.
pub struct Followers {
    /// In the order of their names in the URL.
    pub all: Vec<Replica>,
    /// How far one may be behind.
    pub max_lag: Duration,
    began: Instant,
    turn: AtomicUsize,
    measures: PoolMeasures,
}

/// A replica.
pub struct Replica {
    /// Connections to it.
    pub pools: Pools,
    /// Up to when all that was committed on the primary shows: milliseconds since the program began; 0 when unknown.
    shows: AtomicU64,
}

impl Replicas {
    /// These replicas, which may be so far behind.
    pub fn new(pools: Vec<Pools>, max_lag: Duration, measures: PoolMeasures) -> Self {
        let all = pools.into_iter().map(|pools| Replica { pools, shows: AtomicU64::new(0) }).collect();
        Self(Some(Arc::new(Followers { all, max_lag, began: Instant::now(), turn: AtomicUsize::new(0), measures })))
    }

    /// The replicas for as long as somebody uses them.
    pub fn downgrade(&self) -> Weak<Followers> {
        self.0.as_ref().map(Arc::downgrade).unwrap_or_default()
    }

    /// A replica that is not too far behind, each in its turn.
    pub fn pick(&self) -> Option<&Replica> {
        let followers = self.0.as_ref()?;
        let turn = followers.turn.fetch_add(1, Ordering::Relaxed) % followers.all.len().max(1);
        let (later, first) = followers.all.split_at_checked(turn)?;
        first.iter().chain(later).find(|replica| followers.is_fit(replica))
    }

    /// Shows how their connections are used now.
    pub fn measure(&self) {
        if let Some(followers) = &self.0 {
            followers.measures.show(followers.all.iter().flat_map(|replica| replica.pools.statuses()));
        }
    }

    /// Closes their connections.
    pub fn close(&self) {
        for replica in self.0.iter().flat_map(|followers| &followers.all) {
            replica.pools.close();
        }
    }
}

impl Followers {
    /// How far a replica is behind at the most; `None` when that is not known.
    pub fn lag(&self, replica: &Replica) -> Option<Duration> {
        match replica.shows.load(Ordering::Relaxed) {
            0 => None,
            shows => Some(self.began.elapsed().saturating_sub(Duration::from_millis(shows))),
        }
    }

    /// Whether a replica is near enough.
    pub fn is_fit(&self, replica: &Replica) -> bool {
        self.lag(replica).is_some_and(|lag| lag <= self.max_lag)
    }

    /// Notes that a replica shows all that was committed before a moment.
    pub fn note(&self, replica: &Replica, moment: Instant) {
        let shows = moment.saturating_duration_since(self.began).as_millis();
        replica.shows.store(u64::try_from(shows).unwrap_or(u64::MAX), Ordering::Relaxed);
    }
}

impl Replica {
    /// Notes that it is away, until it is heard of again.
    pub fn note_away(&self) {
        self.shows.store(0, Ordering::Relaxed);
    }

    /// The same of one that does not answer: what leads there may be of no use when it is back.
    pub fn note_gone(&self) {
        self.note_away();
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
            PoolMeasures::of("replica"),
        )
    }

    /// The numbers of the replicas that are picked one after the other.
    fn picked(replicas: &Replicas, count: usize) -> Vec<Option<usize>> {
        let followers = replicas.0.as_ref().unwrap();
        let number = |picked: &Replica| followers.all.iter().position(|replica| std::ptr::eq(replica, picked));
        (0..count).map(|_| replicas.pick().and_then(number)).collect()
    }

    #[test]
    fn those_that_are_near_enough_take_turns() {
        let replicas = replicas(3);
        assert_eq!(picked(&replicas, 2), [None, None], "nothing is known of them yet");
        let followers = replicas.0.as_ref().unwrap();
        let later = followers.began + Duration::from_millis(5);
        followers.all.iter().for_each(|replica| followers.note(replica, later));
        assert_eq!(picked(&replicas, 4), [Some(2), Some(0), Some(1), Some(2)]);
        followers.all[1].note_away();
        assert_eq!(picked(&replicas, 3), [Some(0), Some(2), Some(2)]);
    }

    #[test]
    fn one_that_is_too_far_behind_is_not_picked() {
        let replicas =
            Replicas::new(vec![Pools::new("replica", Vec::new())], Duration::ZERO, PoolMeasures::of("replica"));
        let followers = replicas.0.as_ref().unwrap();
        followers.note(&followers.all[0], followers.began + Duration::from_millis(1));
        std::thread::sleep(Duration::from_millis(5));
        assert!(followers.lag(&followers.all[0]).unwrap() >= Duration::from_millis(3));
        assert!(replicas.pick().is_none());
    }

    #[test]
    fn where_there_are_none_none_is_picked() {
        assert!(Replicas::default().pick().is_none() && replicas(0).pick().is_none());
    }
}
