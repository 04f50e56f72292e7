//! PostgreSQL, the engine for production.

mod article_lists;
mod connect;
mod dialect;
mod driver;
mod executor;
mod open;
mod pipeline;
mod pools;
mod replicas;
mod settings;

pub(super) use connect::connector::Connector;
pub use connect::hosts::UrlParts;
pub(super) use driver::connection::PgConnection;
pub use executor::PostgresExecutor;
pub use open::open;
pub use settings::{ConnectError, PoolMode, ReplicaSettings, Settings};
