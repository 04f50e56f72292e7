//! The nouns of the domain: what use cases take and give.

pub mod about;
pub mod article;
pub mod comment;
pub mod idempotency;
pub mod profile;
pub mod records;
pub mod user;
pub mod values;
