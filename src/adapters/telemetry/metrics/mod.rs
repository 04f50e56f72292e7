//! Measuring: what this service counts and times, whoever reads it.
//!
//! - [`metric`], [`catalogue`]: every metric, with its unit, labels, meaning and buckets
//! - [`events`]: what happened, counted
//! - [`guards`]: measurements that end with a value, however it ends
//!
//! Adapters record where things happen; the composition root exports. What is recorded before a recorder is installed
//! is lost, and so is what a handle records that was made before: the recorder comes first.

pub mod catalogue;
pub mod events;
pub mod guards;
pub mod metric;
