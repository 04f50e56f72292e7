//! Streaming replicas that serve anonymous readers while they are fresh enough.

pub mod lag;
pub mod set;
