//! Opens a SQLite database.

use deadpool::{
    Runtime,
    managed::{Pool, QueueMode, Timeouts},
};

use super::{
    connect::ReaderManager,
    executor::SqliteExecutor,
    inline::readers::InlineReaders,
    settings::{OpenError, Settings},
    writer::queue::Writer,
};
use crate::adapters::persistence::pool::metrics::PoolMetrics;

/// Returns an executor that opens connections as they are needed.
///
/// # Errors
/// If the pool or the writer thread cannot be created.
pub fn open(settings: &Settings) -> Result<SqliteExecutor, OpenError> {
    let timeouts = Timeouts { wait: Some(settings.wait), create: None, recycle: None };
    let readers = Pool::builder(ReaderManager(settings.clone()))
        .max_size(settings.readers)
        .timeouts(timeouts)
        // Prefers the connection that was used last, whose cache holds what was read last.
        .queue_mode(QueueMode::Lifo)
        .runtime(Runtime::Tokio1)
        .build()?;
    let read_metrics = PoolMetrics::new("readers");
    let inline = InlineReaders::new(settings.clone(), read_metrics.clone());
    let writer = Writer::new(settings.clone()).map_err(OpenError::Writer)?;
    Ok(SqliteExecutor::new(inline, readers, read_metrics, writer))
}
