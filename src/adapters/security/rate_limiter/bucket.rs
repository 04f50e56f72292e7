//! Leaky bucket with a wait that doubles with each attempt beyond the burst.

use std::time::Duration;

/// Tenths of a second since the limiter started; 32 bits suffice for 13 years.
pub type Ticks = u32;

const SECOND: Ticks = 10;

/// Bounds how long attempts of others can delay a user.
const MAX_WAIT: Ticks = 60 * SECOND;

pub fn ticks(duration: Duration) -> Ticks {
    Ticks::try_from(duration.as_millis() / 100).unwrap_or(Ticks::MAX)
}

#[derive(Clone, Copy, Debug)]
pub struct Limit {
    /// Number of attempts that may follow each other without a wait.
    pub burst: u32,
    /// Time in which the bucket leaks one attempt.
    pub leak_interval: Ticks,
}

/// Packs into 64 bits, so that an atomic can hold it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bucket {
    empty_at: Ticks,
    next_allowed_at: Ticks,
}

impl Bucket {
    /// Adds an attempt, or returns the time to wait if it comes too early.
    pub fn add(self, limit: Limit, now: Ticks) -> Result<Self, Ticks> {
        if now < self.next_allowed_at {
            return Err(self.next_allowed_at - now);
        }
        let empty_at = self.empty_at.max(now).saturating_add(limit.leak_interval);
        let level = (empty_at - now).div_ceil(limit.leak_interval);
        // One second after the burst, then twice as long each time.
        let wait = level.checked_sub(limit.burst).map_or(0, |excess| (SECOND << excess.min(6)).min(MAX_WAIT));
        Ok(Self { empty_at, next_allowed_at: now.saturating_add(wait) })
    }

    pub fn refund(self, limit: Limit) -> Self {
        Self { empty_at: self.empty_at.saturating_sub(limit.leak_interval), next_allowed_at: 0 }
    }
}

impl From<u64> for Bucket {
    fn from(bits: u64) -> Self {
        let half = |bits| Ticks::try_from(bits & u64::from(Ticks::MAX)).unwrap_or_default();
        Self { empty_at: half(bits >> 32), next_allowed_at: half(bits) }
    }
}

impl From<Bucket> for u64 {
    fn from(bucket: Bucket) -> Self {
        Self::from(bucket.empty_at) << 32 | Self::from(bucket.next_allowed_at)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LIMIT: Limit = Limit { burst: 3, leak_interval: 600 };

    /// Returns the waits in seconds of attempts that are repeated as early as allowed.
    fn waits(limit: Limit, attempts: usize) -> Vec<u32> {
        let (mut bucket, mut now) = (Bucket::default(), 1000);
        let mut attempt = || {
            let wait = bucket.add(limit, now).err().unwrap_or_default();
            now += wait;
            bucket = bucket.add(limit, now).unwrap();
            wait / SECOND
        };
        std::iter::repeat_with(&mut attempt).take(attempts).collect()
    }

    /// 32 appears twice: the bucket leaks an attempt during that wait.
    #[test]
    fn wait_grows_with_each_attempt_up_to_a_minute() {
        assert_eq!(waits(LIMIT, 12), [0, 0, 0, 1, 2, 4, 8, 16, 32, 32, 60, 60]);
    }

    #[test]
    fn fast_bucket_settles_at_one_attempt_per_leak_interval() {
        let waits = waits(Limit { burst: 3, leak_interval: 30 }, 1000);
        let total: u32 = waits.iter().sum();
        assert!((2800..3200).contains(&total), "{total}");
    }

    #[test]
    fn rejected_attempt_does_not_extend_the_wait() {
        let bucket = (0..3).try_fold(Bucket::default(), |bucket, _| bucket.add(LIMIT, 1000)).unwrap();
        assert_eq!(bucket.add(LIMIT, 1000), Err(10));
        assert_eq!(bucket.add(LIMIT, 1009), Err(1));
        assert!(bucket.add(LIMIT, 1010).is_ok());
    }

    #[test]
    fn bucket_is_empty_after_all_leak_intervals() {
        let bucket = (0..3).try_fold(Bucket::default(), |bucket, _| bucket.add(LIMIT, 1000)).unwrap();
        assert_eq!(bucket.add(LIMIT, 1000 + 3 * 600), Bucket::default().add(LIMIT, 1000 + 3 * 600));
    }

    #[test]
    fn refunded_attempt_does_not_count() {
        let two = (0..2).try_fold(Bucket::default(), |bucket, _| bucket.add(LIMIT, 1000)).unwrap();
        let three = two.add(LIMIT, 1000).unwrap();
        assert_eq!(three.refund(LIMIT).add(LIMIT, 1000), two.add(LIMIT, 1000));
    }

    proptest! {
        #[test]
        fn bucket_fits_into_64_bits(empty_at: u32, next_allowed_at: u32) {
            let bucket = Bucket { empty_at, next_allowed_at };
            prop_assert_eq!(Bucket::from(u64::from(bucket)), bucket);
        }

        #[test]
        fn wait_is_at_most_a_minute(steps in prop::collection::vec(0u32..2000, 1..200), burst in 1u32..60) {
            let limit = Limit { burst, leak_interval: 600 };
            let (mut bucket, mut now) = (Bucket::default(), 0);
            for step in steps {
                now += step;
                match bucket.add(limit, now) {
                    Ok(added) => bucket = added,
                    Err(wait) => prop_assert!(wait <= MAX_WAIT),
                }
            }
        }
    }
}
