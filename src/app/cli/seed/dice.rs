//! Reproducible randomness: equal seed, stream and index give equal values.

use std::collections::BTreeSet;

use rand::rngs::Xoshiro256PlusPlus;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};

/// Purpose of the random values of a record. Each purpose has an independent stream.
#[derive(Clone, Copy)]
pub struct Stream(u64);

impl Stream {
    pub const USER: Self = Self(1);
    pub const REGISTRATION: Self = Self(2);
    pub const FOLLOWS: Self = Self(3);
    pub const ARTICLE: Self = Self(4);
    pub const PUBLICATION: Self = Self(5);
    pub const FAVORITES: Self = Self(6);
    pub const COMMENTS: Self = Self(7);
}

/// Random generator of one record. Names its algorithm, since that of `StdRng` may change.
pub struct Dice(pub Xoshiro256PlusPlus);

impl Dice {
    pub fn new(seed: u64, stream: Stream, index: u32) -> Self {
        // The multiplier of SplitMix64 separates adjacent indices.
        let mixed = ((stream.0 << 32) | u64::from(index)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        Self(Xoshiro256PlusPlus::seed_from_u64(seed ^ mixed))
    }

    /// Returns a number from 0 to `max`, or 0 if `max` is negative.
    pub fn up_to(&mut self, max: i64) -> i64 {
        self.0.random_range(0..=max.max(0))
    }

    /// Returns a number below `limit`, uniformly distributed; 0 if `limit` is 0.
    pub fn below(&mut self, limit: u32) -> u32 {
        self.0.random_range(0..limit.max(1))
    }

    /// Like [`below`](Self::below), with smaller numbers somewhat more likely.
    pub fn skewed_below(&mut self, limit: u32) -> u32 {
        let max = self.below(limit);
        self.below(max + 1)
    }

    /// Like [`below`](Self::below), distributed roughly by Zipf's law: a few small numbers are very
    /// frequent, most are rare.
    pub fn zipf_below(&mut self, limit: u32) -> u32 {
        let powers = u32::BITS - limit.leading_zeros();
        let power = 1_u32.checked_shl(self.below(powers + 1)).unwrap_or(u32::MAX);
        self.below(limit.min(power))
    }

    pub fn is_true(&mut self, percent: u32) -> bool {
        self.below(100) < percent
    }

    pub fn choose<'a, T: ?Sized>(&mut self, items: &[&'a T]) -> Option<&'a T> {
        items.choose(&mut self.0).copied()
    }

    /// Returns at most `count` distinct numbers below `limit`.
    pub fn distinct_below(&mut self, limit: u32, count: u32) -> BTreeSet<u32> {
        (0..count.min(limit)).map(|_| self.below(limit)).collect()
    }
}
