//! Builds the executor from the settings.

use std::num::NonZero;
use std::sync::Arc;
use std::thread;

use deadpool::Runtime;
use deadpool::managed::{BuildError, Pool, Timeouts};
use diesel_async::pooled_connection::{ManagerConfig, RecyclingMethod};
use futures_util::FutureExt;
use secrecy::{ExposeSecret, SecretString};

use super::connect::connector::Connector;
use super::connect::hosts::UrlParts;
use super::executor::PostgresExecutor;
use super::pools::{Connections, Pools};
use super::replicas::lag;
use super::replicas::set::ReplicaSet;
use super::settings::{ConnectError, PoolMode, ReplicaSettings, Settings};
use crate::adapters::persistence::pool::metrics::PoolMetrics;

/// Metrics label of the pools of all replicas.
const REPLICA: &str = "replica";

/// Connections are opened on demand, so that an unavailable server is no error yet.
pub fn open(settings: &Settings) -> Result<PostgresExecutor, ConnectError> {
    let connector = settings.connector(&settings.url)?;
    let replicas =
        settings.replicas.as_ref().map(|replicas| open_replicas(&connector, replicas, settings)).transpose()?;
    let pools = settings.pools("primary", &connector)?;
    Ok(PostgresExecutor::new(pools, replicas, settings.statement_timeout, settings.begin_sql()))
}

fn open_replicas(
    primary: &Connector,
    replicas: &ReplicaSettings,
    settings: &Settings,
) -> Result<Arc<ReplicaSet>, ConnectError> {
    let url = UrlParts::parse(replicas.url.expose_secret()).ok_or(ConnectError::Url)?;
    let connectors =
        url.servers().map(|server| settings.connector(&server.to_url().into())).collect::<Result<Vec<_>, _>>()?;
    let pools = connectors.iter().map(|connector| settings.pools(REPLICA, connector)).collect::<Result<_, _>>()?;
    let set = Arc::new(ReplicaSet::new(pools, replicas.max_lag, PoolMetrics::new(REPLICA)));
    lag::monitor(primary.clone(), &set, connectors).map_err(ConnectError::LagMonitor)?;
    Ok(set)
}

impl Settings {
    fn connector(&self, url: &SecretString) -> Result<Connector, ConnectError> {
        let limits = self.limits().map(|(name, value)| format!("-c {name}={value}")).join(" ");
        Connector::new(url, self, &format!("{limits} -c plan_cache_mode=force_generic_plan"))
    }

    /// Divides `pool_size` among one pool per core. A pipeline needs a server session of its own.
    fn pools(&self, name: &'static str, connector: &Connector) -> Result<Pools, ConnectError> {
        let cores = thread::available_parallelism().map_or(1, NonZero::get);
        let count = cores.min(self.pool_size);
        let sizes = (0..count).map(|index| size_of_pool(self.pool_size, count, index));
        let pools = Pools::new(name, sizes.map(|size| pool(connector, size, self)).collect::<Result<_, _>>()?);
        Ok(if self.pool_mode == PoolMode::Session { pools.with_pipelines() } else { pools })
    }
}

fn size_of_pool(total: usize, count: usize, index: usize) -> usize {
    total / count + usize::from(index < total % count)
}

fn pool(connector: &Connector, size: usize, settings: &Settings) -> Result<Pool<Connections>, BuildError> {
    let connector = connector.clone();
    let mut config = ManagerConfig::default();
    // A ping at each checkout would double the round trips of a read, and is not needed to detect
    // that the server closed a connection.
    config.recycling_method = RecyclingMethod::Fast;
    config.custom_setup = Box::new(move |_| {
        let connector = connector.clone();
        async move { connector.connect().await }.boxed()
    });
    let manager = Connections::new_with_config(String::new(), config);
    // The connector has a timeout per server.
    let timeouts = Timeouts { wait: Some(settings.wait), create: None, recycle: None };
    Pool::builder(manager).max_size(size).timeouts(timeouts).runtime(Runtime::Tokio1).build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pools_have_the_configured_total_of_connections_and_at_least_one_each() {
        for total in 1..40 {
            for count in 1..=total {
                let sizes = (0..count).map(|index| size_of_pool(total, count, index));
                assert_eq!((sizes.clone().sum(), sizes.min() >= Some(1)), (total, true), "{total} among {count}");
            }
        }
    }
}
