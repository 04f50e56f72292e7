//! Settings of the rate limit, of tokens and of password hashes.

use std::time::Duration;

use secrecy::ExposeSecret;

use super::{SECRET, assert_rejected, errors, load, load_prod, prod_errors};
use crate::adapters::security::argon2::Cost;

const EXPECTED: &str = "32 bytes or more that no one can guess; openssl rand -hex 32 makes some";

#[test]
fn rate_limit_is_on_in_prod() {
    assert!(!load(&[]).security.throttle && load_prod(&[]).security.throttle);
    assert!(load(&[("THROTTLE", "true")]).security.throttle);
    assert!(!load_prod(&[("THROTTLE", "false")]).security.throttle);
}

#[test]
fn token_is_valid_for_a_week() {
    let ttl = |values| load(values).security.jwt_ttl;
    assert_eq!(ttl(&[]), Duration::from_secs(7 * 24 * 3600));
    assert_eq!(ttl(&[("JWT_TTL", "3600")]), Duration::from_secs(3600));
    assert_rejected("JWT_TTL", "59s", "a duration from 1m to 365d, such as 500ms, 90s, 15m, 12h or 7d");
}

#[test]
fn prod_requires_a_secret() {
    assert_eq!(prod_errors(&[("JWT_SECRET", "")]), format!("JWT_SECRET is not set: expected {EXPECTED}"));
}

#[test]
fn short_secret_is_rejected_without_being_shown() {
    for value in ["secret", "changeme", "0123456789abcdef0123456789abcde"] {
        let line = format!("JWT_SECRET is {} bytes long: expected {EXPECTED}", value.len());
        assert_eq!(errors(&[("JWT_SECRET", value)]), line);
        assert_eq!(prod_errors(&[("JWT_SECRET", value)]), line);
    }
}

#[test]
fn prod_rejects_secrets_from_tutorials() {
    for value in [
        "a-string-secret-at-least-256-bits-long",
        "your-super-secret-jwt-token-with-at-least-32-characters-long",
        "super-secret-super-secret-super-secret",
        "your-256-bit-secret-your-256-bit-secret",
        "changemechangemechangemechangeme",
        "please-change-me-before-you-go-live-0123456789",
        "REPLACE_THIS_WITH_A_LONG_RANDOM_SECRET",
        "<your jwt secret, 32 bytes or more, goes here>",
        "$(openssl rand -hex 32) of the shell that never ran",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    ] {
        assert_eq!(prod_errors(&[("JWT_SECRET", value)]), format!("JWT_SECRET is well known: expected {EXPECTED}"));
        load(&[("JWT_SECRET", value)]);
    }
}

#[test]
fn previous_secret_obeys_the_same_rules() {
    let previous = |value| prod_errors(&[("JWT_SECRET_PREVIOUS", value)]);
    assert_eq!(previous("short"), format!("JWT_SECRET_PREVIOUS is 5 bytes long: expected {EXPECTED}"));
    let placeholder = "changemechangemechangemechangeme";
    assert_eq!(previous(placeholder), format!("JWT_SECRET_PREVIOUS is well known: expected {EXPECTED}"));
    assert_eq!(previous(SECRET), "JWT_SECRET_PREVIOUS is JWT_SECRET: expected the key before it");

    let key = "ci-secret-that-nobody-else-has-written-down";
    let accepted = load_prod(&[("JWT_SECRET_PREVIOUS", key)]).security.jwt_secret_previous;
    assert_eq!(accepted.as_ref().map(ExposeSecret::expose_secret), Some(key));
    assert!(load_prod(&[]).security.jwt_secret_previous.is_none());
}

#[test]
fn prod_accepts_any_other_secret() {
    for value in [
        "6f1ed002ab5595859014ebf0951522d9",
        "ci-secret-that-nobody-else-has-written-down",
        "!@#$%^&*()_+{}|:<>?~-=[];',./!@#$%",
    ] {
        load_prod(&[("JWT_SECRET", value)]);
    }
}

fn cost(cost: Cost) -> (u32, u32, u32) {
    (cost.memory_kib, cost.iterations, cost.parallelism)
}

#[test]
fn default_cost_is_the_recommended_minimum() {
    assert_eq!((cost(load(&[]).argon2), cost(load_prod(&[]).argon2)), ((19456, 2, 1), (19456, 2, 1)));
}

#[test]
fn cost_may_be_low_in_dev_but_not_in_prod() {
    let low = [("ARGON2_MEMORY_KIB", "8"), ("ARGON2_ITERATIONS", "1")];
    assert_eq!(cost(load(&low).argon2), (8, 1, 1));
    assert_eq!(
        prod_errors(&low),
        "ARGON2_MEMORY_KIB is \"8\": expected a number from 19456 to 1048576\n\
         ARGON2_ITERATIONS is \"1\": expected a number from 2 to 100"
    );
}

#[test]
fn invalid_costs_are_rejected_by_name() {
    assert_rejected("ARGON2_MEMORY_KIB", "19MiB", "a number from 8 to 1048576");
    assert_rejected("ARGON2_ITERATIONS", "0", "a number from 1 to 100");
    assert_rejected("ARGON2_PARALLELISM", "65", "a number from 1 to 64");
    assert_eq!(
        errors(&[("ARGON2_MEMORY_KIB", "15"), ("ARGON2_PARALLELISM", "2")]),
        "ARGON2_MEMORY_KIB is \"15\": expected 8 or more for each of ARGON2_PARALLELISM, which Argon2 demands"
    );
}
