//! Cheap reads on the thread of the request.

pub mod readers;
pub mod scheduler;
pub mod yielding;
