//! Timing side channels. A binary of its own, because cargo runs one binary at a time.

mod support;

use std::time::{Duration, Instant};

use rstest::rstest;
use support::Engine::*;
use support::{Client, Engine, TestApp};

/// Number of timed log-ins of each kind.
const LOG_INS: usize = 200;

/// Maximum relative difference of the medians.
const TOLERANCE: f64 = 0.05;

/// Number of measurements, of which one must succeed on a busy machine. A real difference shows in
/// each.
const ATTEMPTS: usize = 3;

/// The engines are measured one after the other.
static SERIAL: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// Time and body of a rejected log-in.
async fn rejected_log_in(client: &Client, email: &str) -> (Duration, Vec<u8>) {
    let start = Instant::now();
    let response = client.log_in(email, "a wrong password").await;
    (start.elapsed(), response.assert_status(401).bytes)
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// Median times of log-ins with an unknown e-mail address and with a wrong password, measured
/// alternately.
async fn medians(client: &Client) -> (Duration, Duration) {
    let (mut unknown, mut wrong) = (Vec::new(), Vec::new());
    for round in 0..LOG_INS {
        // The order alternates, so that neither kind always profits from warm caches.
        for is_known in if round % 2 == 0 { [false, true] } else { [true, false] } {
            let email = if is_known { "amy@example.com" } else { "bob@example.com" };
            let (time, bytes) = rejected_log_in(client, email).await;
            assert_eq!(String::from_utf8_lossy(&bytes), r#"{"errors":{"credentials":["invalid"]}}"#);
            if is_known { &mut wrong } else { &mut unknown }.push(time);
        }
    }
    (median(unknown), median(wrong))
}

/// ASVS 5.0 V6.3.8: a failed log-in reveals the existence of an account neither by its body nor by
/// its time. Hashing takes most of the time here, so its absence would show.
#[rstest]
#[actix_web::test]
async fn unknown_email_takes_as_long_as_a_wrong_password(#[values(Sqlite, Postgres)] engine: Engine) {
    let _guard = SERIAL.lock().await;
    let cost = [("ARGON2_MEMORY_KIB", "4096"), ("ARGON2_ITERATIONS", "1")];
    let app = TestApp::start_with(engine, &cost).await;
    let _amy = app.user("amy").await;
    let anonymous = app.anonymous();
    let mut measured = Vec::new();
    for _ in 0..ATTEMPTS {
        let (unknown, wrong) = medians(&anonymous).await;
        let difference = (unknown.as_secs_f64() / wrong.as_secs_f64() - 1.0).abs();
        if difference <= TOLERANCE {
            return;
        }
        measured.push((unknown, wrong));
    }
    panic!("the medians of an unknown e-mail and of a wrong password differ: {measured:?}");
}
