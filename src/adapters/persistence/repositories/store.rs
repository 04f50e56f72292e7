//! The store as a whole.

use async_trait::async_trait;
use diesel::sql_types::BigInt;

use crate::{
    adapters::persistence::sql::{executor::Executor, statement::Statement},
    ports::repositories::{RepositoryError, Store},
};

/// The store of an engine.
pub struct Database<S>(S);

impl<S> From<S> for Database<S> {
    fn from(session: S) -> Self {
        Self(session)
    }
}

#[async_trait]
impl<S: Executor> Store for Database<S> {
    async fn ready(&self) -> Result<(), RepositoryError> {
        let question = Statement::read("store.ready", S::DIALECT.missing_migrations.as_str()).always_wait();
        match self.0.first::<BigInt, i64>(question).await {
            Ok(Some(0)) => Ok(()),
            Ok(missing) => {
                let missing = missing.unwrap_or_default();
                Err(RepositoryError::Unavailable(format!("{missing} migrations are missing").into()))
            }
            // Where even their table is missing, all of them are.
            Err(error) => Err(RepositoryError::Unavailable(error.into_cause())),
        }
    }

    fn close(&self) {
        self.0.close();
    }

    fn record_metrics(&self) {
        self.0.record_metrics();
    }
}
