//! JSON of requests and responses, with its schemas in the OpenAPI document.
//!
//! A request body is a [`payload`]; its fields are read from any JSON ([`json_value`]), nested to a
//! limit ([`depth`]). [`users`], [`profiles`], [`articles`] and [`comments`] hold the payloads and
//! responses, [`errors`] the error responses.

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
