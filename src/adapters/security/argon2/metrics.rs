//! What is measured of a hasher.

use metrics::{Counter, Gauge, Histogram, counter, gauge, histogram};

use crate::adapters::telemetry::metrics::catalogue::{HASH_DURATION, HASH_QUEUE, HASHES_REJECTED};

/// A hasher's metrics.
pub struct HasherMetrics {
    /// Once per password that is hashed or checked.
    pub duration: Histogram,
    /// Those that wait.
    pub queue: Gauge,
    /// Those that may not.
    pub rejected: Counter,
}

impl HasherMetrics {
    /// Those of this process.
    pub fn new() -> Self {
        Self {
            duration: histogram!(HASH_DURATION.name),
            queue: gauge!(HASH_QUEUE.name),
            rejected: counter!(HASHES_REJECTED.name),
        }
    }
}
