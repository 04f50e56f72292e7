//! One file per middleware. [`resource`](super::resource) and [`routes`](super::routes) use
//! [`auth`], [`catch_panics`], [`idempotent`] and [`unit_of_work`]; the others wrap everything.

pub mod access_log;
pub mod auth;
pub mod cache_control;
pub mod catch_panics;
pub mod cors;
pub mod drain;
pub mod error_shape;
pub mod idempotent;
pub mod idle_timeout;
pub mod inject_faults;
pub mod request_metrics;
pub mod security_headers;
pub mod unit_of_work;
