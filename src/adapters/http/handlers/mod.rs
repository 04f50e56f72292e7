//! One function per endpoint: calls a use case and maps its result to a response.

pub mod articles;
pub mod comments;
pub mod health;
pub mod profiles;
pub mod users;
