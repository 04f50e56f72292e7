//! Log of the test process, at its most verbose: lines of all applications in it. Every line is
//! searched for secrets. A test finds the lines that it needs by the request's id.

use std::sync::{Mutex, Once, PoisonError};
use std::thread;
use std::time::Duration;

use conduit::adapters::telemetry::logs::line_layer::Sink;
use conduit::adapters::telemetry::logs::settings::{LogFormat, LogSettings};
use conduit::adapters::telemetry::subscriber;
use serde_json::Value;

use super::app::JWT_SECRET;
use super::postgres;

/// All targets except the tests' own HTTP client.
const FILTER: &str = "trace,hyper=off,hyper_util=off,reqwest=off";

/// Secrets: the key, the passwords of the tests' users, and the first characters of every token and
/// hash.
const SECRETS: [&str; 7] =
    [JWT_SECRET, "'s password", "another password", "a third password", "the same password", "eyJ", "$argon2"];

static LOG: Mutex<String> = Mutex::new(String::new());
static LINES_WITH_SECRETS: Mutex<Vec<String>> = Mutex::new(Vec::new());

struct Capture;

impl Sink for Capture {
    fn line(&self, line: &str, _: tracing::Level) {
        let has = |secret: &&str| line.contains(*secret);
        if SECRETS.iter().any(has) || postgres::password().is_some_and(|password| line.contains(password)) {
            LINES_WITH_SECRETS.lock().unwrap_or_else(PoisonError::into_inner).push(line.to_owned());
        }
        if !line.contains(r#""level":"TRACE""#) && !line.contains(r#""level":"DEBUG""#) {
            LOG.lock().unwrap_or_else(PoisonError::into_inner).push_str(line);
        }
    }
}

/// Starts to capture the log; later calls do nothing.
pub fn capture() {
    static STARTED: Once = Once::new();
    STARTED.call_once(|| {
        let settings = LogSettings { format: LogFormat::Json, filter: FILTER.parse().expect("a filter") };
        subscriber::init_with(&settings, Capture).expect("no other telemetry");
    });
}

/// Asserts that no line in this process contained a secret so far.
pub fn assert_no_secret_was_logged() {
    let lines = LINES_WITH_SECRETS.lock().unwrap_or_else(PoisonError::into_inner);
    assert!(lines.is_empty(), "a secret in the log: {lines:#?}");
}

/// All lines so far, from level INFO.
pub fn text() -> String {
    LOG.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

/// Waits for `count` lines about a request, and returns them. A line about a dropped request comes
/// after the test has gone on.
#[track_caller]
pub fn lines(request_id: &str, count: usize) -> Vec<Value> {
    let mut found = Vec::new();
    for _ in 0..500 {
        found = lines_so_far(request_id);
        if found.len() >= count {
            break;
        }
        thread::sleep(Duration::from_millis(10));
    }
    assert_eq!(found.len(), count, "{request_id}: {found:?}");
    found
}

/// Lines about a request so far, from level INFO.
pub fn lines_so_far(request_id: &str) -> Vec<Value> {
    let log = text();
    let lines = log.lines().filter(|line| line.contains(request_id));
    let lines = lines.map(|line| serde_json::from_str::<Value>(line).expect("a line of JSON"));
    lines.filter(|line| line["request_id"] == request_id).collect()
}
