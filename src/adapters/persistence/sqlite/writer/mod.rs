//! The one write connection, on a thread of its own.

pub mod job;
pub mod queue;
pub mod thread;
pub mod transaction;
