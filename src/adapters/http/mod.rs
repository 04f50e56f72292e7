//! HTTP: translates requests into use cases, and what they give into answers.
//!
//! - [`routes`]: which path asks for what, and who may ask
//! - [`handlers`]: one function per endpoint
//! - [`dto`]: JSON in and out
//! - [`client_address`]: where a request comes from
//! - [`idempotency_key`]: the key by which a request is known when it comes again
//! - [`errors`]: the one shape of every error
//! - [`headers`]: those that every answer has
//! - [`middleware`]: what surrounds the handlers
//! - [`openapi`]: the API's document, generated from all of these
//! - [`docs`]: serves that document, and Swagger UI
//! - [`trace_context`]: where a request stands in its trace

pub mod client_address;
pub mod docs;
pub mod dto;
pub mod errors;
pub mod extract;
pub mod handlers;
pub mod headers;
pub mod idempotency_key;
pub mod middleware;
pub mod openapi;
pub mod routes;
pub mod trace_context;
