//! HTTP adapter: maps requests to use cases and their results to responses.
//!
//! [`routes`] is the whole API on one page. A request passes [`middleware`], is parsed by
//! [`extract`], and reaches one of the [`handlers`], whose JSON is in [`dto`].

pub mod auth;
pub mod docs;
pub mod dto;
pub mod errors;
#[macro_use]
pub mod extract;
pub mod handlers;
pub mod headers;
pub mod middleware;
pub mod openapi;
pub mod resource;
pub mod response;
pub mod routes;
