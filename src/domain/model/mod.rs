//! Types that the use cases accept and return.

pub mod about;
pub mod article;
pub mod comment;
pub mod idempotency;
pub mod profile;
pub mod records;
pub mod user;
pub mod values;
