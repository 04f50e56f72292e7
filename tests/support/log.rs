//! The log of the tests' own process: everything that the applications in it say, at its most talkative. Every line is
//! searched for what must never be told; whoever looks for a line finds it by the request's id.

use std::{
    sync::{Mutex, Once, PoisonError},
    thread,
    time::Duration,
};

use conduit::adapters::telemetry::{
    logs::{
        line_layer::Sink,
        settings::{LogFormat, LogSettings},
    },
    subscriber,
};
use serde_json::Value;

use super::{app::JWT_SECRET, postgres};

/// Everything, but for what the tests' own client says.
const FILTER: &str = "trace,hyper=off,hyper_util=off,reqwest=off";

/// What must never be told: the key, the passwords of the tests' users, and what tokens and hashes begin with.
const SECRETS: [&str; 7] =
    [JWT_SECRET, "'s password", "another password", "a third password", "the same password", "eyJ", "$argon2"];

static LOG: Mutex<String> = Mutex::new(String::new());
static TOLD: Mutex<Vec<String>> = Mutex::new(Vec::new());

struct Watch;

impl Sink for Watch {
    fn line(&self, line: &str, _: tracing::Level) {
        let is_told = |secret: &&str| line.contains(*secret);
        if SECRETS.iter().any(is_told) || postgres::password().is_some_and(|password| line.contains(password)) {
            TOLD.lock().unwrap_or_else(PoisonError::into_inner).push(line.to_owned());
        }
        if !line.contains(r#""level":"TRACE""#) && !line.contains(r#""level":"DEBUG""#) {
            LOG.lock().unwrap_or_else(PoisonError::into_inner).push_str(line);
        }
    }
}

/// Begins to watch.
pub fn watch() {
    static STARTED: Once = Once::new();
    STARTED.call_once(|| {
        let settings = LogSettings { format: LogFormat::Json, filter: FILTER.parse().expect("a filter") };
        subscriber::init_with(&settings, Watch).expect("no other telemetry");
    });
}

/// Asserts that no secret was told so far, by anybody in this process.
pub fn assert_no_secret_was_told() {
    let told = TOLD.lock().unwrap_or_else(PoisonError::into_inner);
    assert!(told.is_empty(), "a secret in the log: {told:#?}");
}

/// What was said so far from the level of info on.
pub fn text() -> String {
    LOG.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

/// The lines from the level of info on about the request with this id, once there are so many: the line about an answer
/// that nobody waits for has its own time.
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

/// The lines from the level of info on about the request with this id.
pub fn lines_so_far(request_id: &str) -> Vec<Value> {
    let log = text();
    let lines = log.lines().filter(|line| line.contains(request_id));
    let lines = lines.map(|line| serde_json::from_str::<Value>(line).expect("a line of JSON"));
    lines.filter(|line| line["request_id"] == request_id).collect()
}
