//! Measurements that end with a value, however it ends: a future that is dropped and a thread that panics end them too.

use std::time::Instant;

use metrics::{Gauge, Histogram};

/// Records the seconds that it lived.
pub struct Timer {
    histogram: Histogram,
    start: Instant,
}

impl Timer {
    /// Begins now.
    pub fn start(histogram: Histogram) -> Self {
        Self { histogram, start: Instant::now() }
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        self.histogram.record(self.start.elapsed());
    }
}

/// One more in a gauge, as long as it lives.
pub struct InFlightGuard(Gauge);

impl InFlightGuard {
    /// Counts in.
    pub fn of(gauge: Gauge) -> Self {
        gauge.increment(1);
        Self(gauge)
    }
}

impl Drop for InFlightGuard {
    fn drop(&mut self) {
        self.0.decrement(1);
    }
}
