//! The API over HTTP, on both engines. Files mirror the URLs.

#[path = "../support/mod.rs"]
mod support;

mod articles {
    mod create;
    mod filters;
    mod list;
    mod pages;
}
mod articles_comments;
mod articles_favorite;
mod articles_feed;
mod articles_slug {
    mod delete;
    mod get;
    mod put;
    mod slugs;
}
mod profiles;
mod profiles_follow;
mod tags;
mod user {
    mod get;
    mod password;
    mod put;
}
mod users {
    mod conflicts;
    mod hashes;
    mod register;
    mod rules;
}
mod users_login;

mod cors;
mod docs;
mod errors {
    mod bodies;
    mod bytes;
    mod leniency;
    mod outage;
    mod routes;
    mod sizes;
}
mod head;
mod headers;
mod health;
mod idempotency {
    mod client;
    mod dropped_connections;
    mod expiry;
    mod failures;
    mod headers;
    mod repeated;
}
mod metrics;
mod openapi;
mod slow;
mod throttle;
mod unknown_fields;
mod tokens {
    mod authorization;
    mod instances;
    mod order;
    mod owners;
    mod revoked;
    mod routes;
}
