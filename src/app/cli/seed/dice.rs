//! Chance that repeats itself: the same seed, subject and number always throw the same.

use std::collections::BTreeSet;

use rand::{RngExt, SeedableRng, rngs::Xoshiro256PlusPlus, seq::IndexedRandom};

/// What the dice are thrown for: each subject has throws of its own.
#[derive(Clone, Copy, Debug)]
pub enum Subject {
    /// Who a user is.
    User,
    /// When a user registered.
    Registration,
    /// Whom a user follows.
    Follows,
    /// What an article says.
    Article,
    /// When it was published.
    Publication,
    /// Whose favorite it is.
    Favorites,
    /// What is said about it.
    Comments,
}

/// Dice for one record. The generator is named, and not "the standard one", because that may become another.
pub struct Dice(pub Xoshiro256PlusPlus);

impl Dice {
    /// The dice for this record.
    pub fn new(seed: u64, subject: Subject, index: u32) -> Self {
        let subject: u64 = match subject {
            Subject::User => 1,
            Subject::Registration => 2,
            Subject::Follows => 3,
            Subject::Article => 4,
            Subject::Publication => 5,
            Subject::Favorites => 6,
            Subject::Comments => 7,
        };
        // SplitMix64's step keeps neighbours apart.
        let cursor = ((subject << 32) | u64::from(index)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        Self(Xoshiro256PlusPlus::seed_from_u64(seed ^ cursor))
    }

    /// A number from 0 to this; 0 if it is negative.
    pub fn up_to(&mut self, most: i64) -> i64 {
        self.0.random_range(0..=most.max(0))
    }

    /// A number below this, or 0: all equally likely.
    pub fn below(&mut self, limit: u32) -> u32 {
        self.0.random_range(0..limit.max(1))
    }

    /// A number below this, or 0: small ones are somewhat likelier.
    pub fn rather_small_below(&mut self, limit: u32) -> u32 {
        let middle = self.below(limit);
        self.below(middle + 1)
    }

    /// A number below this, or 0: the likelihood falls with the number as in Zipf's law, so that a few come all the time,
    /// and most of them hardly ever.
    pub fn seldom_below(&mut self, limit: u32) -> u32 {
        let powers = u32::BITS - limit.leading_zeros();
        let power = 1_u32.checked_shl(self.below(powers + 1)).unwrap_or(u32::MAX);
        self.below(limit.min(power))
    }

    /// Whether it happens, in so many of a hundred cases.
    pub fn happens(&mut self, percent: u32) -> bool {
        self.below(100) < percent
    }

    /// One of these.
    pub fn one_of<'a, T: ?Sized>(&mut self, all: &[&'a T]) -> Option<&'a T> {
        all.choose(&mut self.0).copied()
    }

    /// At most so many different numbers below a limit.
    pub fn some_below(&mut self, limit: u32, number: u32) -> BTreeSet<u32> {
        (0..number.min(limit)).map(|_| self.below(limit)).collect()
    }
}
