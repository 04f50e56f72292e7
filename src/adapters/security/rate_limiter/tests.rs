use super::*;
use crate::domain::model::values::{Client, EmailKey};

const SECOND: Ticks = 10;
const MINUTE: Ticks = 60 * SECOND;

/// A log-in from the address 10.0.0.0 plus `client`.
fn log_in(client: u16, account: &str) -> Attempt {
    let [high, low] = client.to_be_bytes();
    Attempt {
        kind: AttemptKind::LogIn,
        client: Client::at([10, 0, high, low].into()),
        account: EmailKey::for_lookup(account),
    }
}

fn registration(client: u16, account: &str) -> Attempt {
    Attempt { kind: AttemptKind::Registration, ..log_in(client, account) }
}

/// Returns how many of these attempts are admitted.
fn admitted(limits: &Limits, now: Ticks, attempts: impl IntoIterator<Item = Attempt>) -> usize {
    attempts.into_iter().filter(|attempt| limits.check(attempt, now).is_ok()).count()
}

/// Lets strangers fail at amy's account until no more are admitted.
fn exhaust_amys_account(limits: &Limits, now: Ticks) {
    assert_eq!(admitted(limits, now, (1000..1100).map(|client| log_in(client, "amy@example.com"))), 50);
}

#[test]
fn client_has_30_log_ins_and_10_registrations_at_once() {
    let limits = Limits::new();
    assert_eq!(admitted(&limits, 1, (0..1000).map(|number| log_in(1, &format!("{number}@example.com")))), 30);
    assert_eq!(admitted(&limits, 1, (0..1000).map(|number| registration(1, &format!("{number}@example.com")))), 10);
    assert!(limits.check(&log_in(2, "amy@example.com"), 1).is_ok(), "another client");
}

#[test]
fn successful_attempts_count_for_the_client() {
    let limits = Limits::new();
    let succeed = |number| {
        let attempt = log_in(1, &format!("{number}@example.com"));
        let admitted = limits.check(&attempt, 1);
        if admitted.is_ok() {
            limits.record_success(&attempt, 1);
        }
        admitted.is_ok()
    };
    assert_eq!((0..100).filter(|number| succeed(*number)).count(), 30);
}

#[test]
fn wait_of_a_client_grows_with_its_failures_at_an_account() {
    let limits = Limits::new();
    let attempt = log_in(1, "amy@example.com");
    assert_eq!(admitted(&limits, 1, vec![attempt.clone(); 100]), 5);

    let mut now = 1;
    for seconds in [1, 2, 4, 8, 16, 32, 32, 60, 60] {
        assert_eq!(limits.check(&attempt, now), Err(seconds * SECOND));
        now += seconds * SECOND;
        assert_eq!(limits.check(&attempt, now), Ok(()));
    }

    assert!(limits.check(&log_in(1, "bob@example.com"), now).is_ok(), "another account");
    assert!(limits.check(&log_in(2, "amy@example.com"), now).is_ok(), "another client");
}

#[test]
fn failures_are_forgotten_after_an_hour() {
    let limits = Limits::new();
    let attempt = log_in(1, "amy@example.com");
    assert_eq!(admitted(&limits, 1, vec![attempt.clone(); 100]), 5);
    assert_eq!(admitted(&limits, 1 + 60 * MINUTE, vec![attempt; 100]), 5);
}

#[test]
fn successful_log_ins_never_wait_for_the_account() {
    let limits = Limits::new();
    let attempt = log_in(1, "amy@example.com");
    for number in 0..100 {
        let now = 1 + number * 3 * SECOND;
        assert_eq!(limits.check(&attempt, now), Ok(()), "{number}");
        limits.record_success(&attempt, now);
    }
}

#[test]
fn refunded_attempt_does_not_count_at_its_account() {
    let limits = Limits::new();
    let attempt = log_in(1, "amy@example.com");
    for number in 0..20 {
        assert_eq!(limits.check(&attempt, 1), Ok(()), "{number}");
        limits.refund(&attempt, 1);
    }
}

#[test]
fn successful_attempt_refunds_only_itself() {
    let limits = Limits::new();
    let attempt = log_in(1, "amy@example.com");
    assert_eq!(admitted(&limits, 1, vec![attempt.clone(); 4]), 4);
    assert_eq!(limits.check(&attempt, 1), Ok(()));
    limits.record_success(&attempt, 1);
    assert_eq!(admitted(&limits, 1, vec![attempt; 10]), 1);
}

#[test]
fn wait_at_an_account_under_attack_is_at_most_a_minute() {
    let limits = Limits::new();
    exhaust_amys_account(&limits, 1);
    let mut now = 1;
    for number in 0..20 {
        let wait = limits.check(&log_in(2000 + number, "amy@example.com"), now).err().unwrap_or_default();
        assert!((1..=MINUTE).contains(&wait), "{wait}");
        now += wait;
        assert_eq!(limits.check(&log_in(3000 + number, "amy@example.com"), now), Ok(()));
    }
}

#[test]
fn owner_with_an_earlier_log_in_is_not_delayed_by_strangers() {
    let limits = Limits::new();
    let (owner, elsewhere) = (log_in(1, "amy@example.com"), log_in(2, "amy@example.com"));
    assert_eq!(limits.check(&owner, 1), Ok(()));
    limits.record_success(&owner, 1);
    exhaust_amys_account(&limits, 1);

    for minute in 0..10 {
        assert_eq!(limits.check(&owner, 1 + minute * MINUTE), Ok(()));
        limits.record_success(&owner, 1 + minute * MINUTE);
    }
    // A client without an earlier log-in waits with the strangers.
    assert!(limits.check(&elsewhere, 1).is_err());
}

#[test]
fn exempt_client_waits_for_its_own_failures() {
    let limits = Limits::new();
    let owner = log_in(1, "amy@example.com");
    assert_eq!(limits.check(&owner, 1), Ok(()));
    limits.record_success(&owner, 1);
    assert_eq!(admitted(&limits, 1, vec![owner; 100]), 5);
}

#[test]
fn rejected_attempt_counts_towards_no_limit() {
    let limits = Limits::new();
    exhaust_amys_account(&limits, 1);
    let late = log_in(1, "amy@example.com");
    for _ in 0..100 {
        assert_eq!(limits.check(&late, 1), Err(SECOND));
    }
    assert_eq!(limits.check(&late, 1 + SECOND), Ok(()));
    let others = (0..100).map(|number| log_in(1, &format!("{number}@example.com")));
    assert_eq!(admitted(&limits, 1 + SECOND, others), 29);
}

#[test]
fn registrations_count_at_the_account() {
    let limits = Limits::new();
    assert_eq!(admitted(&limits, 1, (0..100).map(|client| registration(client, "amy@example.com"))), 50);
    assert_eq!(admitted(&limits, 1, vec![registration(200, "bob@example.com"); 9]), 5);
}

#[test]
fn user_has_10_changes_at_once() {
    let on = AttemptLimiter::on();
    let admitted = |user: i64| (0..100).filter(|_| on.check_change(UserId::new(user)).is_ok()).count();
    assert_eq!((admitted(1), admitted(2)), (10, 10));
}

#[test]
fn limiter_that_is_off_admits_all() {
    let off = AttemptLimiter::off();
    assert!((0..1000).all(|_| off.check_change(UserId::new(1)).is_ok()));
    assert!((0..1000).all(|_| off.check(&log_in(1, "amy@example.com")).is_ok()));
}

#[test]
fn error_states_how_long_to_wait() {
    let on = AttemptLimiter::on();
    let attempt = log_in(1, "amy@example.com");
    let waits: Vec<Duration> = (0..20).filter_map(|_| on.check(&attempt).err()).map(|early| early.wait).collect();
    assert_eq!(waits.len(), 15);
    assert!(waits.iter().all(|wait| *wait <= Duration::from_secs(1) && !wait.is_zero()), "{waits:?}");
}
