//! The system's clock and random generator.

use chrono::{DateTime, SubsecRound, Utc};

use crate::ports::clock::{Clock, Randomness};

/// The time of day of this machine.
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the Clock port's time")]
    fn now(&self) -> DateTime<Utc> {
        Utc::now().trunc_subsecs(3)
    }
}

/// The generator of the `rand` crate for secrets: ChaCha, seeded and reseeded by the operating system.
pub struct SystemRandomness;

impl Randomness for SystemRandomness {
    fn bits(&self) -> u64 {
        rand::random()
    }
}
