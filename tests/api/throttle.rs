//! Rate limits of log-ins, registrations and account changes.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

use crate::support::Engine::*;
use crate::support::client::password_of;
use crate::support::fixtures::registration;
use crate::support::{Client, Engine, Response, TestApp};

/// Body of every 429.
const TOO_MANY: &str = r#"{"errors":{"request":["too many"]}}"#;

/// Starts an instance with rate limits, behind a proxy on this machine.
async fn start(engine: Engine) -> TestApp {
    TestApp::start_with(engine, &[("THROTTLE", "true"), ("TRUSTED_PROXIES", "127.0.0.1")]).await
}

/// Sends a request through the proxy, from this address.
async fn post_from(client: &Client, address: &str, path: &str, body: &Value) -> Response {
    let request = client.request(Method::POST, path).header("X-Forwarded-For", address);
    Response::fetch(request.body(body.to_string())).await
}

async fn log_in_from(client: &Client, address: &str, email: &str, password: &str) -> Response {
    post_from(client, address, "/api/users/login", &json!({"user": {"email": email, "password": password}})).await
}

/// Logs in with a wrong password.
async fn guess(client: &Client, email: &str) -> Response {
    log_in_from(client, "192.0.2.1", email, "wrong").await
}

/// Asserts a 429 and returns the seconds to wait.
#[track_caller]
fn retry_after(response: Response) -> u64 {
    let response = response.assert_text(429, TOO_MANY);
    response.header("Retry-After").parse().expect("seconds")
}

/// Number of responses by status.
fn count_by_status(responses: &[Response]) -> BTreeMap<u16, usize> {
    responses.iter().fold(BTreeMap::new(), |mut counts, response| {
        *counts.entry(response.status.as_u16()).or_default() += 1;
        counts
    })
}

/// Number of log-ins that one client has had since `start`: 30, and one more every 3 s.
fn allowed_log_ins(start: Instant) -> RangeInclusive<usize> {
    let seconds = usize::try_from(start.elapsed().as_secs()).expect("a short while");
    30..=31 + seconds / 3
}

/// Guesses until a 429. Returns the number of guesses before it, and the seconds to wait.
async fn guess_until_limited(client: &Client, email: &str) -> (usize, u64) {
    for accepted in 0.. {
        let response = guess(client, email).await;
        if response.status != 401 {
            return (accepted, retry_after(response));
        }
        response.assert_error(401, "credentials", "invalid");
    }
    unreachable!("the range has no end")
}

#[rstest]
#[actix_web::test]
async fn probes_are_never_limited(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = start(engine).await;
    guess_until_limited(&app.anonymous(), "amy@example.com").await;
    for path in ["/livez", "/readyz"].repeat(50) {
        let request = app.anonymous().request(Method::GET, path).header("X-Forwarded-For", "192.0.2.1");
        Response::fetch(request).await.assert_status(200);
    }
}

/// ASVS 5.0 V6.3.1: password guessing is limited as `docs/security.md` documents. An unknown e-mail
/// address is limited too, or the difference would reveal that it is unknown.
#[rstest]
#[actix_web::test]
async fn wait_between_guesses_grows(
    #[values(Sqlite, Postgres)] engine: Engine,
    #[values("amy@example.com", "unknown@example.com")] email: &str,
) {
    let app = start(engine).await;
    let (_amy, anonymous) = (app.user("amy").await, app.anonymous());
    // On a slow machine, some waits end before the next guess.
    let (accepted, first) = guess_until_limited(&anonymous, email).await;
    assert!((5..10).contains(&accepted), "{accepted}");

    let mut wait = first;
    for _ in 0..2 {
        tokio::time::sleep(Duration::from_secs(wait)).await;
        wait = guess_until_limited(&anonymous, email).await.1;
    }
    assert!(wait >= 2 * first, "{first} {wait}");
    // The limit holds for every spelling of the address, and for the right password.
    retry_after(log_in_from(&anonymous, "192.0.2.1", &email.to_uppercase(), &password_of("amy")).await);
}

#[rstest]
#[actix_web::test]
async fn concurrent_guesses_are_limited(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = start(engine).await;
    let (_amy, anonymous) = (app.user("amy").await, app.anonymous());
    let responses = join_all((0..50).map(|_| guess(&anonymous, "amy@example.com"))).await;
    let counts = count_by_status(&responses);
    assert!((5..10).contains(&counts[&401]) && counts[&401] + counts[&429] == 50, "{counts:?}");
}

/// ASVS 5.0 V6.1.1: the limit does not lock the owner out.
#[rstest]
#[actix_web::test]
async fn guesses_do_not_lock_the_owner_out(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = start(engine).await;
    let (_amy, anonymous) = (app.user("amy").await, app.anonymous());
    let log_in = async |address| log_in_from(&anonymous, address, "amy@example.com", &password_of("amy")).await;
    log_in("198.51.100.1").await.assert_status(200);

    // Guesses from one address do not affect other addresses.
    guess_until_limited(&anonymous, "amy@example.com").await;
    log_in("198.51.100.2").await.assert_status(200);

    // Guesses from many addresses do not affect addresses from which amy has logged in. Others wait
    // a minute at most.
    for number in 0..100 {
        log_in_from(&anonymous, &format!("203.0.113.{number}"), "amy@example.com", "wrong").await;
    }
    for address in ["198.51.100.1", "198.51.100.2"] {
        log_in(address).await.assert_status(200);
    }
    assert!(retry_after(log_in("198.51.100.3").await) <= 60);
}

#[rstest]
#[actix_web::test]
async fn log_ins_to_many_accounts_are_limited(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = start(engine).await;
    let anonymous = app.anonymous();
    let start = Instant::now();
    let responses = join_all((0..100).map(|number| {
        let (anonymous, email) = (anonymous.clone(), format!("{number}@example.com"));
        async move { guess(&anonymous, &email).await }
    }));
    let counts = count_by_status(&responses.await);
    assert!(allowed_log_ins(start).contains(&counts[&401]), "{counts:?}");
    assert_eq!(counts[&401] + counts[&429], 100, "{counts:?}");
    assert!(retry_after(guess(&anonymous, "another@example.com").await) <= 8);
    log_in_from(&anonymous, "192.0.2.2", "another@example.com", "wrong").await.assert_status(401);
}

/// Registration reveals whether an e-mail address is taken. The limit protects users against mass
/// look-ups.
#[rstest]
#[actix_web::test]
async fn frequent_registrations_are_limited(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = start(engine).await;
    let (anonymous, mut responses) = (app.anonymous(), Vec::new());
    for number in 0..30 {
        let body = registration(json!({"username": format!("{number}"), "email": format!("{number}@example.com")}));
        responses.push(post_from(&anonymous, "192.0.2.1", "/api/users", &body).await);
    }
    let counts = count_by_status(&responses);
    assert!((10..20).contains(&counts[&201]) && counts[&201] + counts[&429] == 30, "{counts:?}");
    assert!(retry_after(responses.pop().expect("a response")) <= 60);
    // An invalid registration does not count.
    post_from(&anonymous, "192.0.2.1", "/api/users", &registration(json!({"password": ""}))).await.assert_status(422);
    post_from(&anonymous, "192.0.2.2", "/api/users", &registration(json!({}))).await.assert_status(201);
}

#[rstest]
#[actix_web::test]
async fn repeated_registrations_of_a_taken_email_are_limited(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = start(engine).await;
    let (_amy, anonymous) = (app.user("amy").await, app.anonymous());
    let register = async || post_from(&anonymous, "192.0.2.1", "/api/users", &registration(json!({}))).await;
    let mut responses = Vec::new();
    for _ in 0..20 {
        responses.push(register().await);
    }
    let counts = count_by_status(&responses);
    assert!((5..10).contains(&counts[&409]) && counts[&409] + counts[&429] == 20, "{counts:?}");
}

/// Changes that hash a password, or reveal whether an e-mail address is taken, are limited for
/// users too.
#[rstest]
#[case::a_taken_email(json!({"email": "bob@example.com"}), 422)]
#[case::a_password(json!({"password": "another one"}), 200)]
#[actix_web::test]
async fn frequent_account_changes_are_limited(
    #[values(Sqlite, Postgres)] engine: Engine,
    #[case] changes: Value,
    #[case] accepted: u16,
) {
    let app = start(engine).await;
    let (amy, bob) = (app.user("amy").await, app.user("bob").await);
    let mut responses = Vec::new();
    for _ in 0..30 {
        responses.push(amy.put("/api/user", json!({"user": changes.clone()})).await);
    }
    let counts = count_by_status(&responses);
    assert!((10..20).contains(&counts[&accepted]) && counts[&accepted] + counts[&429] == 30, "{counts:?}");
    assert!(retry_after(responses.pop().expect("a response")) <= 60);
    // Other changes and other users are not limited.
    amy.put("/api/user", json!({"user": {"bio": "I"}})).await.assert_status(200);
    bob.put("/api/user", json!({"user": {"username": "bobby"}})).await.assert_status(200);
}

/// Common front ends request the current user on every page, and log out on any 4xx.
#[rstest]
#[actix_web::test]
async fn current_user_is_never_limited(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start_with(engine, &[("THROTTLE", "true")]).await;
    let amy = app.user("amy").await;
    while amy.log_in("amy@example.com", "wrong").await.status == 401 {}
    for _ in 0..500 {
        amy.get("/api/user").await.assert_status(200);
    }
}

/// ASVS 5.0 V4.1.3 and V15.3.4: a client cannot set a header that proxies set, and limits use the
/// real address.
#[rstest]
#[case::without_a_proxy("", "{forged}")]
#[case::before_the_proxys_address("127.0.0.0/8", "{forged}, 192.0.2.1")]
#[case::before_several_proxies("127.0.0.0/8", "{forged}, 127.0.0.2, 127.0.0.3, 192.0.2.1")]
#[case::in_one_ipv6_network("127.0.0.0/8", "2001:db8:1:2:{hex}::1")]
#[actix_web::test]
async fn forged_addresses_count_as_one_client(
    #[case] proxies: &str,
    #[case] forwarded: &str,
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let app = TestApp::start_with(engine, &[("THROTTLE", "true"), ("TRUSTED_PROXIES", proxies)]).await;
    let (anonymous, mut responses) = (app.anonymous(), Vec::new());
    let start = Instant::now();
    for number in 0..1000 {
        let forged = format!("10.1.{}.{}", number / 250, number % 250);
        let header = forwarded.replace("{forged}", &forged).replace("{hex}", &format!("{number:x}"));
        responses.push(log_in_from(&anonymous, &header, &format!("{number}@example.com"), "wrong").await);
    }
    let counts = count_by_status(&responses);
    assert!(allowed_log_ins(start).contains(&counts[&401]), "{counts:?}");
    assert_eq!(counts[&401] + counts[&429], 1000, "{counts:?}");
}

#[rstest]
#[actix_web::test]
async fn rate_limit_is_off_by_default_in_development(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (_amy, anonymous) = (app.user("amy").await, app.anonymous());
    for number in 0..60 {
        guess(&anonymous, "amy@example.com").await.assert_status(401);
        app.user(&format!("user{number}")).await;
    }
}
