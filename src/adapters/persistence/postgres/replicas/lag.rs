//! Measures at short intervals, on a separate thread, how far each replica is behind the primary.
//!
//! A replica that has replayed what the primary had written at some time shows every commit before
//! that time. Unlike the time of the last replayed commit, this needs no synchronized clocks, and
//! an idle primary makes no replica look stale.

use std::collections::VecDeque;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};
use std::{io, thread};

use futures_util::future::join_all;
use metrics::{Gauge, gauge};
use tokio::{runtime, time};

use super::set::{Replica, ReplicaSet};
use crate::adapters::persistence::postgres::connect::connector::Connector;
use crate::adapters::persistence::postgres::driver::connection::PgConnection;
use crate::adapters::persistence::postgres::driver::runner::{ResponseTimeout, StatementRunner};
use crate::adapters::persistence::sql::retry::Retries;
use crate::adapters::persistence::sql::statement::Statement;
use crate::adapters::telemetry::metrics::catalogue::REPLICA_LAG;
use crate::domain::error::Cause;

const WRITTEN_POSITION: &str = "select cast(pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0') as bigint)";

// Null on a server that was promoted: it no longer follows the primary.
const REPLAYED_POSITION: &str = "
    select case when pg_is_in_recovery() then cast(pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0') as bigint) end";

/// Measures the replicas until the set is dropped. The connectors are in the order of the replicas.
pub fn monitor(primary: Connector, set: &Arc<ReplicaSet>, connectors: Vec<Connector>) -> io::Result<()> {
    let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
    let monitor = LagMonitor {
        primary: Server { connector: primary, connection: None },
        replicas: connectors.into_iter().map(MonitoredReplica::new).collect(),
        history: History::default(),
    };
    let set = Arc::downgrade(set);
    thread::Builder::new().name("replica-lag".into()).spawn(move || runtime.block_on(monitor.run(&set)))?;
    Ok(())
}

struct LagMonitor {
    primary: Server,
    replicas: Vec<MonitoredReplica>,
    history: History,
}

impl LagMonitor {
    async fn run(mut self, set: &Weak<ReplicaSet>) {
        while let Some(set) = set.upgrade() {
            self.measure(&set).await;
            // Short, since a measurement ages until the next.
            let pause = (set.max_lag / 10).clamp(Duration::from_millis(10), Duration::from_secs(1));
            drop(set);
            time::sleep(pause).await;
        }
    }

    async fn measure(&mut self, set: &ReplicaSet) {
        // An unresponsive server must not make the others look stale.
        let limit = set.max_lag / 3;
        let now = Instant::now();
        match self.primary.position(WRITTEN_POSITION, limit).await {
            Ok(Some(position)) => self.history.record(now, position, 2 * set.max_lag),
            Ok(None) => {}
            Err(error) => tracing::debug!(error, "cannot read the log position of the primary"),
        }
        let history = &self.history;
        let replicas = set.replicas.iter().zip(&mut self.replicas);
        join_all(replicas.map(|(replica, monitored)| monitored.measure(replica, set.max_lag, history, limit))).await;
    }
}

struct MonitoredReplica {
    name: String,
    server: Server,
    lag: Gauge,
    was_fresh: bool,
}

impl MonitoredReplica {
    fn new(connector: Connector) -> Self {
        let name = connector.names();
        let lag = gauge!(REPLICA_LAG.name, "replica" => name.clone());
        Self { name, server: Server { connector, connection: None }, lag, was_fresh: false }
    }

    async fn measure(&mut self, replica: &Replica, max_lag: Duration, history: &History, limit: Duration) {
        match self.server.position(REPLAYED_POSITION, limit).await {
            Ok(Some(position)) => {
                if let Some(time) = history.time_of(position) {
                    replica.mark_fresh_until(time);
                }
            }
            Ok(None) => replica.mark_unknown(),
            Err(error) => {
                tracing::debug!(error, replica = self.name, "cannot read the log position of a replica");
                replica.mark_failed();
            }
        }
        self.lag.set(replica.lag().map_or(f64::INFINITY, |lag| lag.as_secs_f64()));
        let is_fresh = replica.is_fresh(max_lag);
        match (self.was_fresh, is_fresh) {
            (false, true) => tracing::info!(replica = self.name, "a replica serves anonymous readers"),
            (true, false) => {
                tracing::warn!(
                    replica = self.name,
                    "a replica is unavailable or too far behind; the primary serves its readers"
                );
            }
            _ => {}
        }
        self.was_fresh = is_fresh;
    }
}

/// Recent log positions of the primary, each with the time just before it was read.
#[derive(Default)]
struct History(VecDeque<(Instant, i64)>);

impl History {
    fn record(&mut self, time: Instant, position: i64, retention: Duration) {
        // Another server has become the primary, and its log branched off earlier.
        if self.0.back().is_some_and(|(_, last)| *last > position) {
            self.0.clear();
        }
        while self.0.front().is_some_and(|(earlier, _)| time.duration_since(*earlier) > retention) {
            self.0.pop_front();
        }
        self.0.push_back((time, position));
    }

    /// Returns the latest recorded time at which the log had not grown beyond `position`.
    fn time_of(&self, position: i64) -> Option<Instant> {
        self.0.iter().rev().find(|(_, written)| *written <= position).map(|(time, _)| *time)
    }
}

struct Server {
    connector: Connector,
    connection: Option<PgConnection>,
}

impl Server {
    async fn position(&mut self, sql: &'static str, limit: Duration) -> Result<Option<i64>, Cause> {
        time::timeout(limit, self.query(sql)).await?
    }

    async fn query(&mut self, sql: &'static str) -> Result<Option<i64>, Cause> {
        // Put back only after success: a failure or a timeout closes it.
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.connector.connect().await?,
        };
        let response_timeout = ResponseTimeout::UNLIMITED;
        let mut runner = StatementRunner { connection: &mut connection, response_timeout, retries: Retries::NONE };
        let statement = Statement::<Option<i64>>::read("replicas.position", sql);
        let rows: Vec<Option<i64>> = runner.rows(&statement).await.map_err(|error| error.into_cause())?;
        self.connection = Some(connection);
        Ok(rows.into_iter().next().flatten())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RETENTION: Duration = Duration::from_secs(2);

    #[test]
    fn position_maps_to_the_latest_time_at_which_it_was_not_exceeded() {
        let (begin, mut history) = (Instant::now(), History::default());
        let at = |seconds| begin + Duration::from_secs(seconds);
        assert_eq!(history.time_of(10), None);
        for (second, position) in [(0, 10), (1, 20), (2, 20), (3, 30)] {
            history.record(at(second), position, RETENTION);
        }
        assert_eq!(history.time_of(30), Some(at(3)));
        assert_eq!(history.time_of(29), Some(at(2)), "the log did not grow in between");
        assert_eq!(history.time_of(19), None, "older positions are forgotten");
    }

    #[test]
    fn shorter_log_belongs_to_another_primary() {
        let (begin, mut history) = (Instant::now(), History::default());
        history.record(begin, 30, RETENTION);
        history.record(begin + Duration::from_secs(1), 20, RETENTION);
        assert_eq!(history.time_of(25), Some(begin + Duration::from_secs(1)));
    }
}
