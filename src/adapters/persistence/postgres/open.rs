//! What it takes to reach a PostgreSQL database, and the pools of connections to it.

use std::{num::NonZero, thread};

use deadpool::{
    Runtime,
    managed::{BuildError, Pool, Timeouts},
};
use diesel_async::pooled_connection::{ManagerConfig, RecyclingMethod};
use futures_util::FutureExt;
use secrecy::{ExposeSecret, SecretString};

use super::{
    connect::{connector::Connector, hosts::UrlParts},
    executor::PostgresExecutor,
    pools::{Connections, Pools},
    replicas::{lag, set::Replicas},
    settings::{ConnectError, PoolMode, ReplicaSettings, Settings},
};
use crate::adapters::persistence::pool::metrics::PoolMetrics;

/// What the pools of all replicas are called where they are measured.
const REPLICA: &str = "replica";

/// A session on the database; connections are opened as they are needed.
///
/// # Errors
/// When the settings cannot be read. Whether the server is there shows at the first use.
pub fn open(settings: &Settings) -> Result<PostgresExecutor, ConnectError> {
    let connector = settings.connector(&settings.url)?;
    let replicas = settings.replicas.as_ref().map(|replicas| follow(&connector, replicas, settings)).transpose()?;
    let pools = settings.pools("primary", &connector)?;
    Ok(PostgresExecutor::new(pools, replicas.unwrap_or_default(), settings.statement_timeout, settings.begin()))
}

/// The replicas, which are watched from now on.
fn follow(primary: &Connector, replicas: &ReplicaSettings, settings: &Settings) -> Result<Replicas, ConnectError> {
    let url = UrlParts::parse(replicas.url.expose_secret()).ok_or(ConnectError::Url)?;
    let connectors =
        url.servers().map(|server| settings.connector(&server.to_url().into())).collect::<Result<Vec<_>, _>>()?;
    let each = connectors.iter().map(|connector| settings.pools(REPLICA, connector)).collect::<Result<_, _>>()?;
    let replicas = Replicas::new(each, replicas.max_lag, PoolMetrics::new(REPLICA));
    lag::watch(primary.clone(), replicas.downgrade(), connectors).map_err(ConnectError::Watch)?;
    Ok(replicas)
}

/// The connections that were asked for, shared out among pools, one per core.
fn pools(connector: &Connector, settings: &Settings) -> Result<Vec<Pool<Connections>>, BuildError> {
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let pools = cores.min(settings.pool_size);
    (0..pools).map(|number| pool(connector, share(settings.pool_size, pools, number), settings)).collect()
}

/// How many of `all` the one of this number gets, where so many share.
fn share(all: usize, sharing: usize, number: usize) -> usize {
    all / sharing + usize::from(number < all % sharing)
}

impl Settings {
    /// Pools of connections to these servers. A pooler between might lend each of the questions that share a connection
    /// another session: then they do not.
    fn pools(&self, name: &'static str, connector: &Connector) -> Result<Pools, ConnectError> {
        let pools = Pools::new(name, pools(connector, self)?);
        Ok(if self.pool_mode == PoolMode::Session { pools.with_pipelines() } else { pools })
    }

    fn connector(&self, url: &SecretString) -> Result<Connector, ConnectError> {
        let limits = self.limits().map(|(name, value)| format!("-c {name}={value}")).join(" ");
        Connector::new(url, self, &format!("{limits} -c plan_cache_mode=force_generic_plan"))
    }
}

fn pool(connector: &Connector, size: usize, settings: &Settings) -> Result<Pool<Connections>, BuildError> {
    let connector = connector.clone();
    let mut config = ManagerConfig::default();
    // A ping at each checkout would double the round trips of a read. A connection that the server closed is seen
    // without one.
    config.recycling_method = RecyclingMethod::Fast;
    config.custom_setup = Box::new(move |_| {
        let connector = connector.clone();
        async move { connector.connect().await }.boxed()
    });
    let manager = Connections::new_with_config(String::new(), config);
    // The connector minds the time itself: each server has its own.
    let timeouts = Timeouts { wait: Some(settings.wait), create: None, recycle: None };
    Pool::builder(manager).max_size(size).timeouts(timeouts).runtime(Runtime::Tokio1).build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pools_have_as_many_connections_as_were_asked_for_and_none_has_none() {
        for all in 1..40 {
            for sharing in 1..=all {
                let shares = (0..sharing).map(|number| share(all, sharing, number));
                assert_eq!((shares.clone().sum(), shares.min() >= Some(1)), (all, true), "{all} among {sharing}");
            }
        }
    }
}
