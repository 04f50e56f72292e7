//! Logs, metrics and traces: adapters may import this one, and it imports no other.

pub mod logs;
pub mod metrics;
pub mod subscriber;
pub mod traces;
