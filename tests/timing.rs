//! What the time that an answer takes gives away. A binary of its own: cargo runs these tests beside no others.

mod support;

use std::time::{Duration, Instant};

use rstest::rstest;
use serde_json::json;
use support::{Client, Engine, Engine::*, TestApp};

/// How many log-ins of each kind are timed.
const SCHEDULER: usize = 200;

/// How far apart the medians of two kinds that cannot be told apart may be.
const CLOSE: f64 = 0.05;

/// How often it may be measured: the machine has other things to do, and what differs in truth differs each time.
const TRIES: usize = 3;

/// The engines are measured one after the other.
static ALONE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// The time that a refused log-in takes, and its answer.
async fn refused(anon: &Client, email: &str) -> (Duration, Vec<u8>) {
    let credentials = json!({"user": {"email": email, "password": "a wrong password"}});
    let start = Instant::now();
    let reply = anon.post("/api/users/login", credentials).await;
    (start.elapsed(), reply.status(401).bytes)
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// The medians of log-ins with an e-mail that nobody has and with a wrong password, taken in turn.
async fn medians(anon: &Client) -> (Duration, Duration) {
    let (mut unknown, mut wrong) = (Vec::new(), Vec::new());
    for round in 0..SCHEDULER {
        // Which comes first changes: whatever the second of two finds warm must not count for one kind alone.
        for is_known in if round % 2 == 0 { [false, true] } else { [true, false] } {
            let email = if is_known { "amy@example.com" } else { "bob@example.com" };
            let (time, bytes) = refused(anon, email).await;
            assert_eq!(String::from_utf8_lossy(&bytes), r#"{"errors":{"credentials":["invalid"]}}"#);
            if is_known { &mut wrong } else { &mut unknown }.push(time);
        }
    }
    (median(unknown), median(wrong))
}

/// ASVS 5.0 V6.3.8: who has an account cannot be deduced from a failed log-in, neither from what it says nor from how
/// long it takes. A hash costs enough here to be most of the answer's time: it would show if one kind went without.
#[rstest]
#[actix_web::test]
async fn an_unknown_email_takes_as_long_as_a_wrong_password(#[values(Sqlite, Postgres)] engine: Engine) {
    let _alone = ALONE.lock().await;
    let cost = [("ARGON2_MEMORY_KIB", "4096"), ("ARGON2_ITERATIONS", "1")];
    let app = TestApp::start_with(engine, &cost).await;
    let _amy = app.user("amy").await;
    let anon = app.anon();
    let mut seen = Vec::new();
    for _ in 0..TRIES {
        let (unknown, wrong) = medians(&anon).await;
        let apart = (unknown.as_secs_f64() / wrong.as_secs_f64() - 1.0).abs();
        if apart <= CLOSE {
            return;
        }
        seen.push((unknown, wrong));
    }
    panic!("the medians of an unknown e-mail and of a wrong password differ: {seen:?}");
}
