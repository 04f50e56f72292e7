//! The stores: one set of repositories, two engines.
//!
//! A repository asks a [`question::Question`] of a [`session::Session`] and makes domain values of the [`rows`]. The
//! engines differ in how a session reaches its database, and in the few texts of [`dialect::Dialect`]; everything else
//! is one text for both.
//!
//! - [`session`]: the one door to a database, in or outside a [unit of work](mod@unit)
//! - [`sqlite`], [`postgres`]: the engines
//! - [`users`], [`profiles`], [`articles`], [`comments`], [`idempotency`]: the repositories, each question with its SQL
//! - [`bulk`]: the store as a whole, filled, copied or emptied
//! - [`migrate`]: the schema's history

pub mod article_lists;
pub mod articles;
pub mod bounded_pool;
pub mod bounded_queue;
pub mod bulk;
pub mod comments;
pub mod dialect;
pub mod doctor;
pub mod error;
pub mod execution;
pub mod idempotency;
pub mod lease;
pub mod measures;
pub mod migrate;
pub mod postgres;
pub mod profiles;
pub mod question;
pub mod retries;
pub mod rows;
pub mod session;
pub mod sqlite;
pub mod store;
pub mod types;
pub mod unit;
pub mod users;
