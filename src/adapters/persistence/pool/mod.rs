//! Connection pools that refuse early under overload.

pub mod bounded_pool;
pub mod lease;
pub mod load_shedder;
pub mod metrics;
