//! Opens a SQLite database, whose connections open when they are needed.

use deadpool::Runtime;
use deadpool::managed::{Pool, QueueMode, Timeouts};

use super::connect::ReaderManager;
use super::executor::SqliteExecutor;
use super::inline::readers::InlineReaders;
use super::settings::{OpenError, Settings};
use super::writer::queue::Writer;
use crate::adapters::persistence::pool::bounded_pool::BoundedPool;
use crate::adapters::persistence::pool::metrics::PoolMetrics;

pub fn open(settings: &Settings) -> Result<SqliteExecutor, OpenError> {
    let timeouts = Timeouts { wait: Some(settings.wait), create: None, recycle: None };
    let readers = Pool::builder(ReaderManager(settings.clone()))
        .max_size(settings.readers)
        .timeouts(timeouts)
        // The connection that was used last has the pages that were read last.
        .queue_mode(QueueMode::Lifo)
        .runtime(Runtime::Tokio1)
        .build()?;
    let read_metrics = PoolMetrics::new("readers");
    let inline = InlineReaders::new(settings.clone(), read_metrics.clone());
    let writer = Writer::new(settings.clone()).map_err(OpenError::Writer)?;
    Ok(SqliteExecutor { inline, readers: BoundedPool::new(readers).into(), read_metrics, writer })
}
