//! Begins and ends transactions, and times it.

use diesel::SqliteConnection;
use diesel::connection::{AnsiTransactionManager, TransactionManager};

use crate::adapters::persistence::sql::error::QueryError;
use crate::adapters::persistence::sql::execution::{BEGIN, COMMIT, ROLLBACK, query_timer};

/// Takes the write lock at once. A deferred transaction that reads before it writes fails without
/// waiting if another connection has written in between.
pub const BEGIN_IMMEDIATE: &str = "begin immediate";

pub fn begin(connection: &mut SqliteConnection, sql: &str) -> Result<(), QueryError> {
    let _timer = query_timer(BEGIN);
    Ok(AnsiTransactionManager::begin_transaction_sql(connection, sql)?)
}

pub fn commit(connection: &mut SqliteConnection) -> Result<(), QueryError> {
    let _timer = query_timer(COMMIT);
    Ok(AnsiTransactionManager::commit_transaction(connection)?)
}

pub fn rollback(connection: &mut SqliteConnection) -> Result<(), QueryError> {
    let _timer = query_timer(ROLLBACK);
    Ok(AnsiTransactionManager::rollback_transaction(connection)?)
}
