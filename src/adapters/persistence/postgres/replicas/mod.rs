//! Replicas that serve anonymous readers, and the measurement of their lag.

pub mod lag;
pub mod set;
