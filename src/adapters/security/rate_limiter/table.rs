//! Tables that never grow: a key's hash says which cell it has, and it may share the cell with others.
//!
//! No count is ever evicted, so that nobody gets rid of a count by adding many others: all that a crowd of keys can do is
//! to make others wait, for no longer than the longest wait. The hash is keyed with a secret of the process: nobody can
//! choose with whom to share a cell. There are no locks.

use std::{
    hash::{BuildHasher, Hash, RandomState},
    sync::atomic::{AtomicU64, Ordering::Relaxed},
};

use super::cell::{Cell, Limits, Ticks};

/// The cells of a table: 1 MiB.
const CELLS: usize = 1 << 17;

struct Table {
    cells: Box<[AtomicU64]>,
    keyed: RandomState,
}

impl Table {
    fn new(cells: usize) -> Self {
        let cells = std::iter::repeat_with(AtomicU64::default).take(cells).collect();
        Self { cells, keyed: RandomState::new() }
    }

    /// The cell of a key, with the bits of its hash that did not choose the cell.
    fn cell(&self, key: impl Hash) -> Option<(&AtomicU64, u32)> {
        let hash = self.keyed.hash_one(key);
        let (rest, place) = (u32::try_from(hash >> 32).ok()?, usize::try_from(hash & u64::from(u32::MAX)).ok()?);
        Some((self.cells.get(place % self.cells.len())?, rest))
    }
}

/// Counts by key.
pub struct Counts(Table);

impl Counts {
    /// None counted yet.
    pub fn new() -> Self {
        Self(Table::new(CELLS))
    }

    /// Counts an attempt.
    ///
    /// # Errors
    /// The time to wait, if it comes too soon; then it does not count.
    pub fn charge(&self, key: impl Hash, limits: Limits, now: Ticks) -> Result<(), Ticks> {
        let Some((cell, _)) = self.0.cell(key) else { return Ok(()) };
        let charged = |bits| Cell::from(bits).charged(limits, now).ok().map(u64::from);
        match cell.fetch_update(Relaxed, Relaxed, charged) {
            Ok(_) => Ok(()),
            Err(bits) => Cell::from(bits).charged(limits, now).map(|_| ()),
        }
    }

    /// Takes an attempt back that was counted.
    pub fn refund(&self, key: impl Hash, limits: Limits) {
        if let Some((cell, _)) = self.0.cell(key) {
            let refunded = |bits| Some(Cell::from(bits).refunded(limits).into());
            // Never fails: it always has a new value.
            let _ = cell.fetch_update(Relaxed, Relaxed, refunded);
        }
    }
}

/// Keys that are known for a time. Of two that share a cell the later one is.
pub struct Known(Table);

impl Known {
    /// None known yet.
    pub fn new() -> Self {
        Self(Table::new(CELLS))
    }

    /// Knows a key until then.
    pub fn remember(&self, key: impl Hash, until: Ticks) {
        if let Some((cell, rest)) = self.0.cell(key) {
            cell.store(u64::from(rest) << 32 | u64::from(until), Relaxed);
        }
    }

    /// Whether a key is known now.
    pub fn knows(&self, key: impl Hash, now: Ticks) -> bool {
        self.0.cell(key).is_some_and(|(cell, rest)| {
            let bits = cell.load(Relaxed);
            bits >> 32 == u64::from(rest) && bits & u64::from(u32::MAX) > u64::from(now)
        })
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::atomic::AtomicUsize, thread};

    use super::*;

    const LIMITS: Limits = Limits { free: 5, drain: 600 };

    /// Every key shares its cell with some thousand others here.
    fn crowded() -> Counts {
        Counts(Table::new(16))
    }

    #[test]
    fn nobody_gets_rid_of_a_count_by_adding_others() {
        let counts = crowded();
        while counts.charge("mine", LIMITS, 1).is_ok() {}
        for other in 0..20_000 {
            let _ = counts.charge(other, LIMITS, 1);
        }
        assert!(counts.charge("mine", LIMITS, 1).is_err());
    }

    #[test]
    fn the_table_has_as_many_cells_at_the_end_as_at_the_beginning() {
        let counts = Counts::new();
        for other in 0..200_000 {
            let _ = counts.charge(other, LIMITS, 1);
        }
        assert_eq!(counts.0.cells.len(), CELLS);
    }

    #[test]
    fn keys_hardly_ever_share_a_cell() {
        let counts = Counts::new();
        while counts.charge("mine", LIMITS, 1).is_ok() {}
        let held_up = (0..1000).filter(|other| counts.charge(other, LIMITS, 1).is_err()).count();
        assert!(held_up < 10, "{held_up}");
    }

    #[test]
    fn of_many_at_once_no_more_get_through_than_of_one_after_the_other() {
        let (counts, admitted) = (Counts::new(), AtomicUsize::new(0));
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..1000 {
                        if counts.charge("amy", LIMITS, 1).is_ok() {
                            admitted.fetch_add(1, Relaxed);
                        }
                    }
                });
            }
        });
        assert_eq!(admitted.into_inner(), 5);
    }

    #[test]
    fn a_key_is_known_until_then_and_no_other_is() {
        let known = Known::new();
        known.remember("amy", 100);
        assert!(known.knows("amy", 99) && !known.knows("amy", 100));
        assert_eq!((0..100_000).filter(|other| known.knows(other, 0)).count(), 0);
    }

    #[test]
    fn an_empty_cell_knows_nobody() {
        let known = Known(Table::new(1));
        assert_eq!((0..100_000).filter(|other| known.knows(other, 0)).count(), 0);
    }
}
