//! The nouns of the domain: what use cases take and give.

pub mod article;
pub mod comment;
pub mod profile;
pub mod user;
pub mod values;
