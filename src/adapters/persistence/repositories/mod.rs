//! The repository ports, implemented once for both engines. Each statement stands beside the method
//! that runs it.

pub mod articles;
pub mod comments;
pub mod idempotency_keys;
pub mod profiles;
pub mod store;
pub mod users;
