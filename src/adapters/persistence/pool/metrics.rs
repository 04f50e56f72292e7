//! Metrics of connection pools.

use std::borrow::Borrow;
use std::time::Instant;

use deadpool::Status;
use deadpool::managed::{PoolError, TimeoutType};
use metrics::{Counter, Gauge, Histogram, counter, gauge, histogram};

use crate::adapters::telemetry::metrics::catalogue::{POOL_CONNECTIONS, POOL_TIMEOUTS, POOL_WAIT};
use crate::adapters::telemetry::metrics::guards::Timer;

/// Metrics of one pool, or of several that count as one.
#[derive(Clone)]
pub struct PoolMetrics {
    wait: Histogram,
    timeouts: Counter,
    idle: Gauge,
    in_use: Gauge,
    max: Gauge,
}

impl PoolMetrics {
    pub fn new(pool: &'static str) -> Self {
        let connections = |state: &'static str| gauge!(POOL_CONNECTIONS.name, "pool" => pool, "state" => state);
        Self {
            wait: histogram!(POOL_WAIT.name, "pool" => pool),
            timeouts: counter!(POOL_TIMEOUTS.name, "pool" => pool),
            idle: connections("idle"),
            in_use: connections("in_use"),
            max: connections("max"),
        }
    }

    pub async fn measure_wait<T, F, E>(&self, connection: impl Future<Output = Result<T, F>>) -> Result<T, F>
    where
        F: Borrow<PoolError<E>>,
    {
        let _timer = Timer::start(self.wait.clone());
        let result = connection.await;
        if result.as_ref().is_err_and(|failure| matches!(failure.borrow(), PoolError::Timeout(TimeoutType::Wait))) {
            self.record_timeout();
        }
        result
    }

    pub fn record_wait(&self, start: Instant) {
        self.wait.record(start.elapsed());
    }

    pub fn record_timeout(&self) {
        self.timeouts.increment(1);
    }

    /// Sets the gauges to the sum of these pools.
    pub fn record(&self, pools: impl IntoIterator<Item = Status>) {
        let (mut idle, mut open, mut max) = (0, 0, 0);
        for status in pools {
            idle += status.available;
            open += status.size;
            max += status.max_size;
        }
        let states = [(&self.idle, idle), (&self.in_use, open.saturating_sub(idle)), (&self.max, max)];
        for (gauge, connections) in states {
            gauge.set(u32::try_from(connections).unwrap_or(u32::MAX));
        }
    }
}
