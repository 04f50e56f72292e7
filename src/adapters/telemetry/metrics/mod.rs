//! Metrics: [`catalogue`] declares them, adapters record them, `app::server` exports them.

pub mod catalogue;
pub mod events;
pub mod guards;
pub mod metric;
