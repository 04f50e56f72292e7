//! Counts business events.

use metrics::{Counter, counter};

use super::catalogue::{
    ARTICLES_PUBLISHED, COMMENTS_ADDED, FAVORITES_ADDED, FOLLOWS_ADDED, LOG_IN_FAILURES, LOG_INS, USERS_REGISTERED,
};
use crate::ports::business_events::{BusinessEvent, BusinessEvents, LogInFailure};

pub struct EventCounters(());

impl EventCounters {
    /// Begins the labelled counters at 0, so that their first increase is visible.
    pub fn register() -> Self {
        use LogInFailure::{Overloaded, RateLimited, UnknownEmail, WrongPassword};
        for reason in [UnknownEmail, WrongPassword, RateLimited, Overloaded] {
            log_in_failures(reason).increment(0);
        }
        Self(())
    }
}

impl BusinessEvents for EventCounters {
    fn record(&self, event: BusinessEvent) {
        let counter = match event {
            BusinessEvent::Registered => counter!(USERS_REGISTERED.name),
            BusinessEvent::LoggedIn => counter!(LOG_INS.name),
            BusinessEvent::LogInFailed(reason) => log_in_failures(reason),
            BusinessEvent::ArticlePublished => counter!(ARTICLES_PUBLISHED.name),
            BusinessEvent::CommentAdded => counter!(COMMENTS_ADDED.name),
            BusinessEvent::FavoriteAdded => counter!(FAVORITES_ADDED.name),
            BusinessEvent::FollowAdded => counter!(FOLLOWS_ADDED.name),
        };
        counter.increment(1);
    }
}

fn log_in_failures(reason: LogInFailure) -> Counter {
    let reason = match reason {
        LogInFailure::UnknownEmail => "unknown_email",
        LogInFailure::WrongPassword => "wrong_password",
        LogInFailure::RateLimited => "throttled",
        LogInFailure::Overloaded => "overloaded",
    };
    counter!(LOG_IN_FAILURES.name, "reason" => reason)
}
