//! Contract of the repository ports: one suite that runs on every engine.

#[path = "../support/mod.rs"]
mod support;

mod fixtures;
mod scenario;
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
mod readiness;
mod sessions;
mod tags;
mod unit_of_work;
mod users;
