//! A count that drains with time, and the wait that grows with it.

use std::time::Duration;

/// Tenths of a second since the counting began; 32 bits of them last 13 years.
pub type Ticks = u32;

const SECOND: Ticks = 10;

/// No wait is longer: a minute. So no number of failures keeps anybody out for longer.
const LONGEST: Ticks = 60 * SECOND;

/// A duration in ticks, rounded down.
pub fn ticks(duration: Duration) -> Ticks {
    Ticks::try_from(duration.as_millis() / 100).unwrap_or(Ticks::MAX)
}

/// What is too much.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// How many attempts may follow each other at once.
    pub free: u32,
    /// After how long an attempt is forgotten, one after the other.
    pub drain: Ticks,
}

/// How many attempts there were lately, and when there may be another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    /// When all will be forgotten.
    empty: Ticks,
    /// When the next may come.
    next: Ticks,
}

impl Cell {
    /// Counts an attempt.
    ///
    /// # Errors
    /// The time to wait, if it comes too soon; then it does not count.
    pub fn charged(self, limits: Limits, now: Ticks) -> Result<Self, Ticks> {
        if now < self.next {
            return Err(self.next - now);
        }
        let empty = self.empty.max(now).saturating_add(limits.drain);
        let count = (empty - now).div_ceil(limits.drain);
        // 1 s after the last free one, then twice as long each time.
        let wait = count.checked_sub(limits.free).map_or(0, |beyond| (SECOND << beyond.min(6)).min(LONGEST));
        Ok(Self { empty, next: now.saturating_add(wait) })
    }

    /// Takes an attempt back that was counted.
    pub fn refunded(self, limits: Limits) -> Self {
        Self { empty: self.empty.saturating_sub(limits.drain), next: 0 }
    }
}

impl From<u64> for Cell {
    fn from(bits: u64) -> Self {
        let half = |bits| Ticks::try_from(bits & u64::from(Ticks::MAX)).unwrap_or_default();
        Self { empty: half(bits >> 32), next: half(bits) }
    }
}

impl From<Cell> for u64 {
    fn from(cell: Cell) -> Self {
        Self::from(cell.empty) << 32 | Self::from(cell.next)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LIMITS: Limits = Limits { free: 3, drain: 600 };

    /// The waits, in seconds, of one who comes again as soon as it is allowed.
    fn waits(limits: Limits, attempts: usize) -> Vec<u32> {
        let (mut cell, mut now) = (Cell::default(), 1000);
        let mut attempt = || {
            let wait = cell.charged(limits, now).err().unwrap_or_default();
            now += wait;
            cell = cell.charged(limits, now).unwrap();
            wait / SECOND
        };
        std::iter::repeat_with(&mut attempt).take(attempts).collect()
    }

    /// While one waits for 32 s and once more, an attempt is forgotten.
    #[test]
    fn the_wait_grows_with_each_attempt_up_to_a_minute() {
        assert_eq!(waits(LIMITS, 12), [0, 0, 0, 1, 2, 4, 8, 16, 32, 32, 60, 60]);
    }

    #[test]
    fn what_drains_quickly_settles_at_one_attempt_per_drain() {
        let waits = waits(Limits { free: 3, drain: 30 }, 1000);
        let total: u32 = waits.iter().sum();
        assert!((2800..3200).contains(&total), "{total}");
    }

    #[test]
    fn a_refused_attempt_does_not_make_the_wait_longer() {
        let cell = (0..3).try_fold(Cell::default(), |cell, _| cell.charged(LIMITS, 1000)).unwrap();
        assert_eq!(cell.charged(LIMITS, 1000), Err(10));
        assert_eq!(cell.charged(LIMITS, 1009), Err(1));
        assert!(cell.charged(LIMITS, 1010).is_ok());
    }

    #[test]
    fn after_a_while_all_is_forgotten() {
        let cell = (0..3).try_fold(Cell::default(), |cell, _| cell.charged(LIMITS, 1000)).unwrap();
        assert_eq!(cell.charged(LIMITS, 1000 + 3 * 600), Cell::default().charged(LIMITS, 1000 + 3 * 600));
    }

    #[test]
    fn what_is_taken_back_was_never_there() {
        let two = (0..2).try_fold(Cell::default(), |cell, _| cell.charged(LIMITS, 1000)).unwrap();
        let three = two.charged(LIMITS, 1000).unwrap();
        assert_eq!(three.refunded(LIMITS).charged(LIMITS, 1000), two.charged(LIMITS, 1000));
    }

    proptest! {
        #[test]
        fn a_cell_fits_into_64_bits(empty: u32, next: u32) {
            let cell = Cell { empty, next };
            prop_assert_eq!(Cell::from(u64::from(cell)), cell);
        }

        #[test]
        fn nobody_waits_for_more_than_a_minute(steps in prop::collection::vec(0u32..2000, 1..200), free in 1u32..60) {
            let limits = Limits { free, drain: 600 };
            let (mut cell, mut now) = (Cell::default(), 0);
            for step in steps {
                now += step;
                match cell.charged(limits, now) {
                    Ok(charged) => cell = charged,
                    Err(wait) => prop_assert!(wait <= LONGEST),
                }
            }
        }
    }
}
