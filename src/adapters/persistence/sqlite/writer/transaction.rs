//! The beginning and the ends of transactions, timed.

use diesel::{
    QueryResult, SqliteConnection,
    connection::{AnsiTransactionManager, TransactionManager},
};

use crate::adapters::persistence::sql::execution::{BEGIN, COMMIT, ROLLBACK, query_timer};

/// What begins a transaction that writes. IMMEDIATE: one that begins by reading and then writes is refused at once if
/// another has written in between, whatever the busy timeout.
pub const BEGIN_TO_WRITE: &str = "begin immediate";

/// Begins one in these words.
pub fn begin(connection: &mut SqliteConnection, words: &str) -> QueryResult<()> {
    let _timer = query_timer(BEGIN);
    AnsiTransactionManager::begin_transaction_sql(connection, words)
}

/// Keeps what was written.
pub fn commit(connection: &mut SqliteConnection) -> QueryResult<()> {
    let _timer = query_timer(COMMIT);
    AnsiTransactionManager::commit_transaction(connection)
}

/// Undoes it.
pub fn rollback(connection: &mut SqliteConnection) -> QueryResult<()> {
    let _timer = query_timer(ROLLBACK);
    AnsiTransactionManager::rollback_transaction(connection)
}
