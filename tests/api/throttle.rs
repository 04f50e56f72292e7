//! Log-ins and registrations that come too often.

use std::{
    collections::BTreeMap,
    ops::RangeInclusive,
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

use crate::{
    data::{registration, user},
    support::{Client, Engine, Engine::*, Reply, TestApp, client::password_of},
};

/// What is answered, whatever came too often.
const TOO_MANY: &str = r#"{"errors":{"request":["too many"]}}"#;

/// One that throttles, behind a proxy on this machine.
async fn start(engine: Engine) -> TestApp {
    TestApp::start_with(engine, &[("THROTTLE", "true"), ("TRUSTED_PROXIES", "127.0.0.1")]).await
}

/// Asks through the proxy, from this address.
async fn from(anon: &Client, address: &str, path: &str, body: &Value) -> Reply {
    let request = anon.request(Method::POST, path).header("X-Forwarded-For", address);
    Reply::of(request.body(body.to_string())).await
}

async fn log_in_from(anon: &Client, address: &str, email: &str, password: &str) -> Reply {
    from(anon, address, "/api/users/login", &user(json!({"email": email, "password": password}))).await
}

/// Tries a wrong password.
async fn guess(anon: &Client, email: &str) -> Reply {
    log_in_from(anon, "192.0.2.1", email, "wrong").await
}

/// Asserts that something came too soon, and gives the seconds to wait.
#[track_caller]
fn wait_of(reply: Reply) -> u64 {
    let reply = reply.has_text(429, TOO_MANY);
    reply.header("Retry-After").parse().expect("seconds")
}

/// How often each status came.
fn tally(replies: &[Reply]) -> BTreeMap<u16, usize> {
    replies.iter().fold(BTreeMap::new(), |mut tally, reply| {
        *tally.entry(reply.code.as_u16()).or_default() += 1;
        tally
    })
}

/// How many log-ins of one client are let through: 30, and of those one is forgotten each 3 s; how long they take is the
/// machine's affair.
fn log_ins_of_a_client_since(began: Instant) -> RangeInclusive<usize> {
    let seconds = usize::try_from(began.elapsed().as_secs()).expect("a short while");
    30..=31 + seconds / 3
}

/// Guesses until it is too soon, and gives how many guesses were judged and the seconds to wait then.
async fn guess_on(anon: &Client, email: &str) -> (usize, u64) {
    for judged in 0.. {
        let reply = guess(anon, email).await;
        if reply.code != 401 {
            return (judged, wait_of(reply));
        }
        reply.is_error(401, "credentials", "invalid");
    }
    unreachable!("numbers do not end")
}

#[rstest]
#[actix_web::test]
async fn probes_never_come_too_often(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = start(engine).await;
    guess_on(&app.anon(), "amy@example.com").await;
    for path in ["/livez", "/readyz"].repeat(50) {
        let request = app.anon().request(Method::GET, path).header("X-Forwarded-For", "192.0.2.1");
        Reply::of(request).await.status(200);
    }
}

/// ASVS 5.0 V6.3.1: guessing passwords is slowed down as `docs/security.md` says. An e-mail that nobody has is no
/// exception, which would tell that nobody has it.
#[rstest]
#[actix_web::test]
async fn guessing_a_password_takes_ever_longer(
    #[values(Sqlite, Postgres)] engine: Engine,
    #[values("amy@example.com", "nobody@example.com")] email: &str,
) {
    let app = start(engine).await;
    let (_amy, anon) = (app.user("amy").await, app.anon());
    // On a machine that pauses meanwhile, some waits are over before they are asked for.
    let (judged, first) = guess_on(&anon, email).await;
    assert!((5..10).contains(&judged), "{judged}");

    let mut wait = first;
    for _ in 0..2 {
        tokio::time::sleep(Duration::from_secs(wait)).await;
        wait = guess_on(&anon, email).await.1;
    }
    assert!(wait >= 2 * first, "{first} {wait}");
    // However the e-mail is spelt, and whatever the password.
    wait_of(log_in_from(&anon, "192.0.2.1", &email.to_uppercase(), &password_of("amy")).await);
}

#[rstest]
#[actix_web::test]
async fn guesses_at_the_same_time_do_not_slip_through(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = start(engine).await;
    let (_amy, anon) = (app.user("amy").await, app.anon());
    let replies = join_all((0..50).map(|_| guess(&anon, "amy@example.com"))).await;
    let tally = tally(&replies);
    assert!((5..10).contains(&tally[&401]) && tally[&401] + tally[&429] == 50, "{tally:?}");
}

/// ASVS 5.0 V6.1.1: what slows attackers down must not lock the owner out.
#[rstest]
#[actix_web::test]
async fn whoever_guesses_does_not_lock_the_owner_out(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = start(engine).await;
    let (_amy, anon) = (app.user("amy").await, app.anon());
    let log_in = async |address| log_in_from(&anon, address, "amy@example.com", &password_of("amy")).await;
    log_in("198.51.100.1").await.status(200);

    // From one address: no other address notices.
    guess_on(&anon, "amy@example.com").await;
    log_in("198.51.100.2").await.status(200);

    // From many: where amy has logged in before, nothing changes; elsewhere it may take a minute.
    for number in 0..100 {
        log_in_from(&anon, &format!("203.0.113.{number}"), "amy@example.com", "wrong").await;
    }
    for address in ["198.51.100.1", "198.51.100.2"] {
        log_in(address).await.status(200);
    }
    assert!(wait_of(log_in("198.51.100.3").await) <= 60);
}

#[rstest]
#[actix_web::test]
async fn a_client_that_tries_many_accounts_is_slowed_down(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = start(engine).await;
    let anon = app.anon();
    let began = Instant::now();
    let replies = join_all((0..100).map(|number| {
        let (anon, email) = (anon.clone(), format!("{number}@example.com"));
        async move { guess(&anon, &email).await }
    }));
    let tally = tally(&replies.await);
    assert!(log_ins_of_a_client_since(began).contains(&tally[&401]), "{tally:?}");
    assert_eq!(tally[&401] + tally[&429], 100, "{tally:?}");
    assert!(wait_of(guess(&anon, "another@example.com").await) <= 8);
    log_in_from(&anon, "192.0.2.2", "another@example.com", "wrong").await.status(401);
}

/// Registration tells whether an e-mail is taken: that nobody asks for many is what protects those who have an account.
#[rstest]
#[actix_web::test]
async fn a_client_that_registers_often_is_slowed_down(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = start(engine).await;
    let (anon, mut replies) = (app.anon(), Vec::new());
    for number in 0..30 {
        let body = registration(json!({"username": format!("{number}"), "email": format!("{number}@example.com")}));
        replies.push(from(&anon, "192.0.2.1", "/api/users", &body).await);
    }
    let tally = tally(&replies);
    assert!((10..20).contains(&tally[&201]) && tally[&201] + tally[&429] == 30, "{tally:?}");
    assert!(wait_of(replies.pop().expect("an answer")) <= 60);
    // What is not even a registration does not count.
    from(&anon, "192.0.2.1", "/api/users", &registration(json!({"password": ""}))).await.status(422);
    from(&anon, "192.0.2.2", "/api/users", &registration(json!({}))).await.status(201);
}

#[rstest]
#[actix_web::test]
async fn asking_for_one_taken_e_mail_takes_ever_longer(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = start(engine).await;
    let (_amy, anon) = (app.user("amy").await, app.anon());
    let ask = async || from(&anon, "192.0.2.1", "/api/users", &registration(json!({}))).await;
    let mut replies = Vec::new();
    for _ in 0..20 {
        replies.push(ask().await);
    }
    let tally = tally(&replies);
    assert!((5..10).contains(&tally[&409]) && tally[&409] + tally[&429] == 20, "{tally:?}");
}

/// What hashes, or tells whether an e-mail is taken, is slowed down for those who have an account too.
#[rstest]
#[case::a_taken_email(json!({"email": "bob@example.com"}), 422)]
#[case::a_password(json!({"password": "another one"}), 200)]
#[actix_web::test]
async fn a_user_who_changes_often_is_slowed_down(
    #[values(Sqlite, Postgres)] engine: Engine,
    #[case] changes: Value,
    #[case] judged: u16,
) {
    let app = start(engine).await;
    let (amy, bob) = (app.user("amy").await, app.user("bob").await);
    let mut replies = Vec::new();
    for _ in 0..30 {
        replies.push(amy.put("/api/user", user(changes.clone())).await);
    }
    let tally = tally(&replies);
    assert!((10..20).contains(&tally[&judged]) && tally[&judged] + tally[&429] == 30, "{tally:?}");
    assert!(wait_of(replies.pop().expect("an answer")) <= 60);
    // What neither hashes nor looks for others does not count, and nobody else waits.
    amy.put("/api/user", user(json!({"bio": "I"}))).await.status(200);
    bob.put("/api/user", user(json!({"username": "bobby"}))).await.status(200);
}

/// The common front ends ask for the current user at every page, and log out on any 4xx.
#[rstest]
#[actix_web::test]
async fn asking_who_one_is_is_never_too_much(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start_with(engine, &[("THROTTLE", "true")]).await;
    let amy = app.user("amy").await;
    while amy.post("/api/users/login", user(json!({"email": "amy@example.com", "password": "wrong"}))).await.code == 401
    {
    }
    for _ in 0..500 {
        amy.get("/api/user").await.status(200);
    }
}

/// ASVS 5.0 V4.1.3 and V15.3.4: a header that proxies set cannot be set by the client, and limits go by the true address.
#[rstest]
#[case::of_a_client_that_no_proxy_stands_before("", "{forged}")]
#[case::before_that_which_the_proxy_appended("127.0.0.0/8", "{forged}, 192.0.2.1")]
#[case::with_proxies_that_are_none("127.0.0.0/8", "{forged}, 127.0.0.2, 127.0.0.3, 192.0.2.1")]
#[case::of_addresses_in_one_ipv6_network("127.0.0.0/8", "2001:db8:1:2:{hex}::1")]
#[actix_web::test]
async fn a_thousand_forged_addresses_are_one_client(
    #[case] proxies: &str,
    #[case] forwarded: &str,
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let app = TestApp::start_with(engine, &[("THROTTLE", "true"), ("TRUSTED_PROXIES", proxies)]).await;
    let (anon, mut replies) = (app.anon(), Vec::new());
    let began = Instant::now();
    for number in 0..1000 {
        let forged = format!("10.1.{}.{}", number / 250, number % 250);
        let header = forwarded.replace("{forged}", &forged).replace("{hex}", &format!("{number:x}"));
        replies.push(log_in_from(&anon, &header, &format!("{number}@example.com"), "wrong").await);
    }
    let tally = tally(&replies);
    assert!(log_ins_of_a_client_since(began).contains(&tally[&401]), "{tally:?}");
    assert_eq!(tally[&401] + tally[&429], 1000, "{tally:?}");
}

#[rstest]
#[actix_web::test]
async fn in_development_nobody_is_slowed_down_unless_asked_for(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (_amy, anon) = (app.user("amy").await, app.anon());
    for number in 0..60 {
        guess(&anon, "amy@example.com").await.status(401);
        app.user(&format!("user{number}")).await;
    }
}
