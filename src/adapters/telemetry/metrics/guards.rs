//! Guards that record on drop, and so also when a future is cancelled or a thread panics.

use std::time::Instant;

use metrics::{Gauge, Histogram};

pub struct Timer {
    histogram: Histogram,
    start: Instant,
}

impl Timer {
    pub fn start(histogram: Histogram) -> Self {
        Self { histogram, start: Instant::now() }
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        self.histogram.record(self.start.elapsed());
    }
}

/// Adds one to a gauge until it is dropped.
pub struct InFlightGuard(Gauge);

impl InFlightGuard {
    pub fn new(gauge: Gauge) -> Self {
        gauge.increment(1);
        Self(gauge)
    }
}

impl Drop for InFlightGuard {
    fn drop(&mut self) {
        self.0.decrement(1);
    }
}
