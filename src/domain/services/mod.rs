//! The use cases. A service decides, and only decides: what must be looked up and stored it asks of its ports.
#![deny(missing_docs)]

pub mod articles;
pub mod comments;
pub mod idempotency;
pub mod profiles;
#[cfg(test)]
mod testing;
pub mod users;

pub use articles::Articles;
pub use comments::Comments;
pub use idempotency::Idempotency;
pub use profiles::Profiles;
pub use users::Users;
