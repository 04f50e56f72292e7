//! One file per middleware. `app::server::application` puts those around all routes in order;
//! [`routes`](super::routes) puts the others around single resources and routes.

pub mod access_log;
pub mod auth;
pub mod catch_panics;
pub mod drain;
pub mod error_shape;
pub mod idempotent;
pub mod idle_timeout;
pub mod inject_faults;
pub mod request_metrics;
pub mod security_headers;
pub mod unit_of_work;
