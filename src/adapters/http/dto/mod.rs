//! JSON of requests and responses, with its schemas in the OpenAPI document.
//!
//! [`payload`] parses request bodies; [`users`] and its siblings hold the payloads and responses.

pub mod articles;
pub mod comments;
mod depth;
pub mod errors;
mod json_value;
pub mod payload;
pub mod profiles;
mod schemas;
mod timestamp;
pub mod users;
