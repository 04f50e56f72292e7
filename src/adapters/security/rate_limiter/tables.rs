//! Hash tables of fixed size without locks. Keys with the same slot share it.
//!
//! No entry is evicted, so adding keys cannot empty another key's bucket. It can only delay other
//! keys, for at most the longest wait. The hash has a random key, so that an attacker cannot
//! construct keys that share a slot.

use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;

use super::bucket::{Bucket, Limit, Ticks};

/// 1 MiB per table.
const SLOTS: usize = 1 << 17;

struct Table {
    slots: Box<[AtomicU64]>,
    hash_builder: RandomState,
}

impl Table {
    fn new(slots: usize) -> Self {
        let slots = std::iter::repeat_with(AtomicU64::default).take(slots).collect();
        Self { slots, hash_builder: RandomState::new() }
    }

    /// Returns the key's slot, and the bits of its hash that did not select the slot.
    fn slot(&self, key: impl Hash) -> Option<(&AtomicU64, u32)> {
        let hash = self.hash_builder.hash_one(key);
        let (tag, index) = (u32::try_from(hash >> 32).ok()?, usize::try_from(hash & u64::from(u32::MAX)).ok()?);
        Some((self.slots.get(index % self.slots.len())?, tag))
    }
}

pub struct Buckets(Table);

impl Buckets {
    pub fn new() -> Self {
        Self(Table::new(SLOTS))
    }

    pub fn add(&self, key: impl Hash, limit: Limit, now: Ticks) -> Result<(), Ticks> {
        let Some((slot, _)) = self.0.slot(key) else { return Ok(()) };
        let added = |bits| Bucket::from(bits).add(limit, now).ok().map(u64::from);
        match slot.fetch_update(Relaxed, Relaxed, added) {
            Ok(_) => Ok(()),
            Err(bits) => Bucket::from(bits).add(limit, now).map(|_| ()),
        }
    }

    pub fn refund(&self, key: impl Hash, limit: Limit) {
        if let Some((slot, _)) = self.0.slot(key) {
            let refunded = |bits| Some(Bucket::from(bits).refund(limit).into());
            // Cannot fail: the closure always returns a value.
            let _ = slot.fetch_update(Relaxed, Relaxed, refunded);
        }
    }
}

/// Keys that expire. A key replaces another one in the same slot.
pub struct ExpiringSet(Table);

impl ExpiringSet {
    pub fn new() -> Self {
        Self(Table::new(SLOTS))
    }

    pub fn insert(&self, key: impl Hash, expires_at: Ticks) {
        if let Some((slot, tag)) = self.0.slot(key) {
            slot.store(u64::from(tag) << 32 | u64::from(expires_at), Relaxed);
        }
    }

    pub fn contains(&self, key: impl Hash, now: Ticks) -> bool {
        self.0.slot(key).is_some_and(|(slot, tag)| {
            let bits = slot.load(Relaxed);
            bits >> 32 == u64::from(tag) && bits & u64::from(u32::MAX) > u64::from(now)
        })
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::atomic::AtomicUsize, thread};

    use super::*;

    const LIMIT: Limit = Limit { burst: 5, leak_interval: 600 };

    /// Each slot is shared by more than a thousand of the keys below.
    fn shared_buckets() -> Buckets {
        Buckets(Table::new(16))
    }

    #[test]
    fn bucket_is_not_emptied_by_other_keys() {
        let buckets = shared_buckets();
        while buckets.add("mine", LIMIT, 1).is_ok() {}
        for other in 0..20_000 {
            let _ = buckets.add(other, LIMIT, 1);
        }
        assert!(buckets.add("mine", LIMIT, 1).is_err());
    }

    #[test]
    fn table_never_grows() {
        let buckets = Buckets::new();
        for other in 0..200_000 {
            let _ = buckets.add(other, LIMIT, 1);
        }
        assert_eq!(buckets.0.slots.len(), SLOTS);
    }

    #[test]
    fn keys_rarely_share_a_bucket() {
        let buckets = Buckets::new();
        while buckets.add("mine", LIMIT, 1).is_ok() {}
        let delayed = (0..1000).filter(|other| buckets.add(other, LIMIT, 1).is_err()).count();
        assert!(delayed < 10, "{delayed}");
    }

    #[test]
    fn concurrent_attempts_pass_no_more_often_than_sequential_ones() {
        let (buckets, admitted) = (Buckets::new(), AtomicUsize::new(0));
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..1000 {
                        if buckets.add("amy", LIMIT, 1).is_ok() {
                            admitted.fetch_add(1, Relaxed);
                        }
                    }
                });
            }
        });
        assert_eq!(admitted.into_inner(), 5);
    }

    #[test]
    fn set_contains_a_key_until_it_expires_and_no_other() {
        let set = ExpiringSet::new();
        set.insert("amy", 100);
        assert!(set.contains("amy", 99) && !set.contains("amy", 100));
        assert_eq!((0..100_000).filter(|other| set.contains(other, 0)).count(), 0);
    }

    #[test]
    fn empty_slot_contains_no_key() {
        let set = ExpiringSet(Table::new(1));
        assert_eq!((0..100_000).filter(|other| set.contains(other, 0)).count(), 0);
    }
}
