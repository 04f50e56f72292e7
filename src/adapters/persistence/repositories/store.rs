//! Readiness, metrics and shutdown of the database.

use async_trait::async_trait;

use crate::adapters::persistence::sql::dialect::Dialect;
use crate::adapters::persistence::sql::executor::Executor;
use crate::adapters::persistence::sql::statement::Statement;
use crate::ports::repositories::{RepositoryError, Store};

pub struct Database<E>(pub E);

#[async_trait]
impl<E: Executor> Store for Database<E> {
    async fn ready(&self) -> Result<(), RepositoryError> {
        let statement = Statement::<i64>::read("store.ready", E::Dialect::MISSING_MIGRATIONS.as_str()).always_wait();
        match self.0.first(statement).await {
            Ok(Some(0)) => Ok(()),
            Ok(missing) => {
                let missing = missing.unwrap_or_default();
                Err(RepositoryError::Unavailable(format!("{missing} migrations are missing").into()))
            }
            // If the table of migrations is missing, so are all migrations.
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
