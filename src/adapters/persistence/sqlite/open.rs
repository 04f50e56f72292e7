//! Connections to a SQLite file: several that read and one that writes.

use deadpool::{
    Runtime,
    managed::{Pool, QueueMode, Timeouts},
};

use super::{
    connect::Connections,
    executor::SqliteExecutor,
    inline::readers::InlineReaders,
    settings::{OpenError, Settings},
    writer::queue::Writer,
};
use crate::adapters::persistence::pool::metrics::PoolMetrics;

/// A session on the database; connections are opened as they are needed.
///
/// # Errors
/// When the pool or the writer cannot be made of these settings.
pub fn open(settings: &Settings) -> Result<SqliteExecutor, OpenError> {
    let timeouts = Timeouts { wait: Some(settings.wait), create: None, recycle: None };
    let readers = Pool::builder(Connections(settings.clone()))
        .max_size(settings.readers)
        .timeouts(timeouts)
        // The one that was used last is used next: what it has read is still in its cache.
        .queue_mode(QueueMode::Lifo)
        .runtime(Runtime::Tokio1)
        .build()?;
    let reads = PoolMetrics::new("readers");
    let inline = InlineReaders::new(settings.clone(), reads.clone());
    let writer = Writer::new(settings.clone()).map_err(OpenError::Writer)?;
    Ok(SqliteExecutor::new(inline, readers, reads, writer))
}
