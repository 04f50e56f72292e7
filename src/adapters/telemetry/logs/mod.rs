//! Log output.

pub mod log_batch;
