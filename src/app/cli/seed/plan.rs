//! Size and seed of a generated site, with everything that its records derive from their index.

use chrono::{DateTime, TimeDelta, Utc};

use super::demo;
use super::dice::{Dice, Stream};
use crate::domain::model::records::{ArticleRecord, Kind, Sequences};
use crate::domain::model::user::PasswordHash;
use crate::domain::model::values::{ArticleId, CommentId, UserId};

/// In milliseconds: July 2022, 2023 and 2025, all before any article that users will publish.
const FIRST_USER: i64 = 1_656_633_600_000;
const FIRST_ARTICLE: i64 = 1_688_169_600_000;
const LAST_ARTICLE: i64 = 1_751_328_000_000;

#[derive(Clone, Debug)]
pub struct Plan {
    /// Number of users, without those of the demo.
    pub users: u32,
    /// Number of articles, without those of the demo.
    pub articles: u32,
    pub seed: u64,
    /// Password hash of the generated users. Its password is discarded.
    pub locked: PasswordHash,
    /// Password hash of the demo's users; without it, there is no demo.
    pub demo: Option<PasswordHash>,
    /// Ids of users and comments follow these.
    pub after: Sequences,
}

impl Plan {
    pub fn count(&self, kind: Kind) -> Option<u64> {
        match kind {
            Kind::Users => Some(self.all_users().into()),
            Kind::Articles => Some(self.all_articles().into()),
            Kind::Follows | Kind::Favorites | Kind::Comments => None,
        }
    }

    /// Counts the demo's users, which come first.
    pub fn all_users(&self) -> u32 {
        self.users.saturating_add(self.if_demo(demo::USERS.len()))
    }

    /// Counts the demo's articles, which come last.
    pub fn all_articles(&self) -> u32 {
        self.articles.saturating_add(self.if_demo(demo::ARTICLES.len()))
    }

    fn if_demo(&self, count: usize) -> u32 {
        if self.demo.is_some() { u32::try_from(count).unwrap_or(u32::MAX) } else { 0 }
    }

    pub fn dice(&self, stream: Stream, index: u32) -> Dice {
        Dice::new(self.seed, stream, index)
    }

    pub fn user_id(&self, index: u32) -> UserId {
        UserId::new(self.after.user.get() + 1 + i64::from(index))
    }

    pub fn comment_id(&self, index: i64) -> CommentId {
        CommentId::new(self.after.comment.get() + 1 + index)
    }

    pub fn registered_at(&self, user: u32) -> DateTime<Utc> {
        let (step, jitter) = spread(FIRST_ARTICLE - FIRST_USER, self.all_users());
        from_millis(FIRST_USER + step * i64::from(user) + self.dice(Stream::REGISTRATION, user).up_to(jitter))
    }

    /// Increases with the article's index.
    pub fn published_at(&self, article: u32) -> DateTime<Utc> {
        if let Some(demo) = article.checked_sub(self.articles) {
            return from_millis(LAST_ARTICLE) + TimeDelta::hours(1 + 9 * i64::from(demo));
        }
        let (step, jitter) = spread(LAST_ARTICLE - FIRST_ARTICLE, self.articles);
        from_millis(FIRST_ARTICLE + step * i64::from(article) + self.dice(Stream::PUBLICATION, article).up_to(jitter))
    }

    pub fn article_id(&self, article: u32) -> ArticleId {
        ArticleRecord::id_at(self.published_at(article), i64::from(article) + 1)
    }
}

/// Returns the milliseconds between `count` events that are evenly spread over a period, and the
/// largest random delay that keeps them in order.
fn spread(period: i64, count: u32) -> (i64, i64) {
    let step = period / i64::from(count.max(1));
    (step, step - 1)
}

fn from_millis(milliseconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(milliseconds).unwrap_or_default()
}
