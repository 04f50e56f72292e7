//! Connection pools with load shedding and metrics.

pub mod bounded_pool;
pub mod lease;
pub mod load_shedder;
pub mod metrics;
