//! Request headers that more than one part of the adapter reads.

pub mod client_address;
pub mod idempotency_key;
pub mod trace_context;
