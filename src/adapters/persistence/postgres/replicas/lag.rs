//! How far replicas are behind the primary, measured all the while on a thread beside the requests.
//!
//! The primary is asked again and again how far its log has grown, and each replica how far it has replayed it. A replica
//! that has replayed what the primary had written at a moment shows all that was committed before. This needs no clocks
//! that agree, and holds on an idle primary, where the time of the last replayed commit says nothing.

use std::{
    collections::VecDeque,
    io,
    sync::Weak,
    thread,
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use metrics::{Gauge, gauge};
use tokio::{runtime, time};

use super::set::{Replica, ReplicaSet};
use crate::{
    adapters::{
        persistence::{
            postgres::{
                connect::connector::Connector,
                driver::{
                    connection::PgConnection,
                    runner::{ResponseTimeout, StatementRunner},
                },
            },
            sql::{retry::Retries, statement::Statement},
        },
        telemetry::metrics::catalogue::REPLICA_LAG,
    },
    domain::error::Cause,
};

const WRITTEN: &str = "select cast(pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0') as bigint)";

// A server that follows nobody any more was promoted, and says nothing about the primary.
const REPLAYED: &str = "
    select case when pg_is_in_recovery() then cast(pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0') as bigint) end";

/// Watches replicas, each with what connects to it, for as long as somebody uses them.
///
/// # Errors
/// When the system gives no thread for it.
pub fn watch(primary: Connector, replicas: Weak<ReplicaSet>, connectors: Vec<Connector>) -> io::Result<()> {
    let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
    let watch = LagMonitor {
        primary: Server::new(primary),
        replicas: connectors.into_iter().map(WatchedReplica::new).collect(),
        history: History::default(),
    };
    thread::Builder::new().name("replica-lag".into()).spawn(move || runtime.block_on(watch.run(&replicas)))?;
    Ok(())
}

struct LagMonitor {
    primary: Server,
    replicas: Vec<WatchedReplica>,
    history: History,
}

impl LagMonitor {
    async fn run(mut self, replicas: &Weak<ReplicaSet>) {
        while let Some(replica_set) = replicas.upgrade() {
            self.look(&replica_set).await;
            // Often enough that what is measured is not much older than what is true.
            let pause = (replica_set.max_lag / 10).clamp(Duration::from_millis(10), Duration::from_secs(1));
            drop(replica_set);
            time::sleep(pause).await;
        }
    }

    async fn look(&mut self, replica_set: &ReplicaSet) {
        // A server that says nothing must not make the others look old.
        let limit = replica_set.max_lag / 3;
        let moment = Instant::now();
        match self.primary.position(WRITTEN, limit).await {
            Ok(Some(position)) => self.history.note(moment, position, 2 * replica_set.max_lag),
            Ok(None) => {}
            Err(error) => tracing::debug!(error, "the primary does not say how far its log is"),
        }
        let history = &self.history;
        let replicas = replica_set.all.iter().zip(&mut self.replicas);
        join_all(replicas.map(|(replica, watched)| watched.look(replica, replica_set, history, limit))).await;
    }
}

/// A replica, as it was seen last.
struct WatchedReplica {
    server: Server,
    lag: Gauge,
    is_fresh: bool,
}

impl WatchedReplica {
    fn new(connector: Connector) -> Self {
        let server = Server::new(connector);
        let lag = gauge!(REPLICA_LAG.name, "replica" => server.connector.names());
        Self { server, lag, is_fresh: false }
    }

    async fn look(&mut self, replica: &Replica, replica_set: &ReplicaSet, history: &History, limit: Duration) {
        match self.server.position(REPLAYED, limit).await {
            Ok(Some(position)) => {
                if let Some(moment) = history.moment_of(position) {
                    replica_set.note(replica, moment);
                }
            }
            Ok(None) => replica.mark_unknown(),
            Err(error) => {
                tracing::debug!(error, replica = self.server.connector.names(), "a replica does not say how far it is");
                replica.mark_failed();
            }
        }
        self.report(replica_set.lag(replica), replica_set.is_fresh(replica));
    }

    /// Tells Prometheus, and people when it changes.
    fn report(&mut self, lag: Option<Duration>, is_fresh: bool) {
        self.lag.set(lag.map_or(f64::INFINITY, |lag| lag.as_secs_f64()));
        let replica = self.server.connector.names();
        match (self.is_fresh, is_fresh) {
            (false, true) => tracing::info!(replica, "a replica answers anonymous readers"),
            (true, false) => tracing::warn!(replica, "a replica is away or too far behind; the primary answers"),
            _ => {}
        }
        self.is_fresh = is_fresh;
    }
}

/// How far the primary's log had grown, at moments of the recent past.
#[derive(Default)]
struct History(VecDeque<(Instant, i64)>);

impl History {
    fn note(&mut self, moment: Instant, position: i64, kept: Duration) {
        // Another server has become the primary, whose log branched off earlier.
        if self.0.back().is_some_and(|(_, last)| *last > position) {
            self.0.clear();
        }
        while self.0.front().is_some_and(|(earlier, _)| moment.duration_since(*earlier) > kept) {
            self.0.pop_front();
        }
        self.0.push_back((moment, position));
    }

    /// The latest known moment at which the log had grown no further than this.
    fn moment_of(&self, position: i64) -> Option<Instant> {
        self.0.iter().rev().find(|(_, written)| *written <= position).map(|(moment, _)| *moment)
    }
}

/// A server that is asked again and again, on a connection of its own that is opened anew when it fails.
struct Server {
    connector: Connector,
    connection: Option<PgConnection>,
}

impl Server {
    fn new(connector: Connector) -> Self {
        Self { connector, connection: None }
    }

    /// The position in its log that a statement gives.
    async fn position(&mut self, text: &'static str, limit: Duration) -> Result<Option<i64>, Cause> {
        time::timeout(limit, self.ask(text)).await?
    }

    async fn ask(&mut self, text: &'static str) -> Result<Option<i64>, Cause> {
        // It comes back only if all is well.
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.connector.connect().await?,
        };
        let statement = Statement::<Option<i64>>::read("replicas.position", text);
        let response_timeout = ResponseTimeout::UNLIMITED; // the caller limits it
        let mut on = StatementRunner { connection: &mut connection, response_timeout, retries: Retries::NONE };
        let rows: Vec<Option<i64>> = on.rows(&statement).await.map_err(|error| error.into_cause())?;
        self.connection = Some(connection);
        Ok(rows.into_iter().next().flatten())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEPT: Duration = Duration::from_secs(2);

    #[test]
    fn what_is_replayed_was_written_at_a_moment() {
        let (begin, mut history) = (Instant::now(), History::default());
        let at = |seconds| begin + Duration::from_secs(seconds);
        assert_eq!(history.moment_of(10), None);
        for (second, position) in [(0, 10), (1, 20), (2, 20), (3, 30)] {
            history.note(at(second), position, KEPT);
        }
        assert_eq!(history.moment_of(30), Some(at(3)));
        assert_eq!(history.moment_of(29), Some(at(2)), "the log did not grow in between");
        assert_eq!(history.moment_of(19), None, "what is that old is forgotten");
    }

    #[test]
    fn a_log_that_is_shorter_is_another_primary_s() {
        let (begin, mut history) = (Instant::now(), History::default());
        history.note(begin, 30, KEPT);
        history.note(begin + Duration::from_secs(1), 20, KEPT);
        assert_eq!(history.moment_of(25), Some(begin + Duration::from_secs(1)));
    }
}
