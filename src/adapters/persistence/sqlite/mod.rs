//! SQLite: the embedded engine, for development and small sites.

mod article_lists;
mod connect;
mod dialect;
mod executor;
mod inline;
mod open;
mod settings;
mod writer;

pub use connect::create_private;
pub use executor::SqliteExecutor;
pub use open::open;
pub use settings::{OpenError, Settings};
