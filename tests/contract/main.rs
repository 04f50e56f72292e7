//! The contract of the repository ports, as their doc comments state it: one suite, run on every engine.

#[path = "../support/mod.rs"]
mod support;

mod library;
mod story;
mod test_store;

mod article_changes;
mod article_lists;
mod articles;
mod bulk;
mod comments;
mod counters;
mod favorites;
mod feed;
mod idempotency;
mod profiles;
mod sessions;
mod store;
mod tags;
mod units;
mod users;
