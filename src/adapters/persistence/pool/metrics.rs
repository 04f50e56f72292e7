//! What is measured of the stores: how long statements take, and how pools are used.

use std::{borrow::Borrow, time::Instant};

use deadpool::{
    Status,
    managed::{PoolError, TimeoutType},
};
use metrics::{Counter, Gauge, Histogram, counter, gauge, histogram};

use crate::adapters::telemetry::metrics::{
    catalogue::{POOL_CONNECTIONS, POOL_TIMEOUTS, POOL_WAIT},
    guards::Timer,
};

/// The measurements of a pool of connections, or of several that are one to their users.
#[derive(Clone)]
pub struct PoolMetrics {
    wait: Histogram,
    timeouts: Counter,
    idle: Gauge,
    in_use: Gauge,
    max: Gauge,
}

impl PoolMetrics {
    /// Those of the pool of this name.
    pub fn of(pool: &'static str) -> Self {
        let connections = |state: &'static str| gauge!(POOL_CONNECTIONS.name, "pool" => pool, "state" => state);
        Self {
            wait: histogram!(POOL_WAIT.name, "pool" => pool),
            timeouts: counter!(POOL_TIMEOUTS.name, "pool" => pool),
            idle: connections("idle"),
            in_use: connections("in_use"),
            max: connections("max"),
        }
    }

    /// Measures how a connection is waited for.
    ///
    /// # Errors
    /// Those of the pool.
    pub async fn checkout<T, F, E>(&self, connection: impl Future<Output = Result<T, F>>) -> Result<T, F>
    where
        F: Borrow<PoolError<E>>,
    {
        let _timer = Timer::start(self.wait.clone());
        let result = connection.await;
        if result.as_ref().is_err_and(|failure| matches!(failure.borrow(), PoolError::Timeout(TimeoutType::Wait))) {
            self.timed_out();
        }
        result
    }

    /// Records how long a connection was waited for that came otherwise than by a [checkout](Self::checkout).
    pub fn waited_since(&self, start: Instant) {
        self.wait.record(start.elapsed());
    }

    /// Counts a wait that was in vain.
    pub fn timed_out(&self) {
        self.timeouts.increment(1);
    }

    /// Shows how many connections there are now.
    pub fn show(&self, pools: impl IntoIterator<Item = Status>) {
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
