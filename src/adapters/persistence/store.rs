//! The store as a whole.

use async_trait::async_trait;
use diesel::sql_types::BigInt;

use super::{question::Question, session::Session};
use crate::ports::repositories::{RepositoryError, Store};

const PING: &str = "select cast(1 as bigint)";

/// The store of an engine.
pub struct Database<S>(S);

impl<S> From<S> for Database<S> {
    fn from(session: S) -> Self {
        Self(session)
    }
}

#[async_trait]
impl<S: Session> Store for Database<S> {
    async fn ping(&self) -> Result<(), RepositoryError> {
        self.0.first::<BigInt, i64>(Question::read("store.ping", PING).always_waits()).await?;
        Ok(())
    }

    fn measure(&self) {
        self.0.measure();
    }
}
