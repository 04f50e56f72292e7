//! System clock and random number generator.

use chrono::{DateTime, SubsecRound, Utc};

use crate::ports::clock::{Clock, Randomness};

pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "implements the Clock port")]
    fn now(&self) -> DateTime<Utc> {
        Utc::now().trunc_subsecs(3)
    }
}

/// The `rand` crate's thread-local ChaCha generator, seeded and reseeded by the operating system.
pub struct SystemRandomness;

impl Randomness for SystemRandomness {
    fn bits(&self) -> u64 {
        rand::random()
    }
}
