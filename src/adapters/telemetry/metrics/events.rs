//! Counts business events.

use metrics::{Counter, counter};

use super::catalogue::{
    ARTICLES_PUBLISHED, COMMENTS_ADDED, FAVORITES_ADDED, FOLLOWS_ADDED, LOG_IN_FAILURES, LOG_INS, USERS_REGISTERED,
};
use crate::ports::business_events::{BusinessEvent, BusinessEvents, LogInFailure};

pub struct EventCounters {
    registered: Counter,
    logged_in: Counter,
    unknown_email: Counter,
    wrong_password: Counter,
    throttled: Counter,
    overloaded: Counter,
    published: Counter,
    commented: Counter,
    favorited: Counter,
    followed: Counter,
}

impl EventCounters {
    /// Creates all counters at 0, so that their first increase is visible.
    pub fn new() -> Self {
        let failures = |reason: &'static str| counter!(LOG_IN_FAILURES.name, "reason" => reason);
        Self {
            registered: counter!(USERS_REGISTERED.name),
            logged_in: counter!(LOG_INS.name),
            unknown_email: failures("unknown_email"),
            wrong_password: failures("wrong_password"),
            throttled: failures("throttled"),
            overloaded: failures("overloaded"),
            published: counter!(ARTICLES_PUBLISHED.name),
            commented: counter!(COMMENTS_ADDED.name),
            favorited: counter!(FAVORITES_ADDED.name),
            followed: counter!(FOLLOWS_ADDED.name),
        }
    }
}

impl Default for EventCounters {
    fn default() -> Self {
        Self::new()
    }
}

impl BusinessEvents for EventCounters {
    fn record(&self, event: BusinessEvent) {
        let counter = match event {
            BusinessEvent::Registered => &self.registered,
            BusinessEvent::LoggedIn => &self.logged_in,
            BusinessEvent::LogInFailed(LogInFailure::UnknownEmail) => &self.unknown_email,
            BusinessEvent::LogInFailed(LogInFailure::WrongPassword) => &self.wrong_password,
            BusinessEvent::LogInFailed(LogInFailure::RateLimited) => &self.throttled,
            BusinessEvent::LogInFailed(LogInFailure::Overloaded) => &self.overloaded,
            BusinessEvent::ArticlePublished => &self.published,
            BusinessEvent::CommentAdded => &self.commented,
            BusinessEvent::FavoriteAdded => &self.favorited,
            BusinessEvent::FollowAdded => &self.followed,
        };
        counter.increment(1);
    }
}
