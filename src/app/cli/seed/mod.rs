//! A site that never was: people, articles and what they make of them, made up by chance for those who develop or measure.
//!
//! The same plan gives the same records. Each record has dice of its own, which depend on nothing but the seed and its number,
//! so that a million articles need no memory, and favorites know an article's id without having seen it.

mod articles;
mod demo;
mod dice;
mod people;
mod reactions;
mod words;

use std::iter;

use chrono::{DateTime, TimeDelta, Utc};

use self::dice::{Dice, Subject};
use crate::domain::model::{
    records::{ArticleRecord, Kind, Records, Sequences},
    user::PasswordHash,
    values::{ArticleId, CommentId, UserId},
};

pub use demo::{PASSWORD as DEMO_PASSWORD, names as demo_names};

/// When the first user registered, the first article was published, and the last one, but for those of the demo, in
/// milliseconds: July 2022, 2023 and 2025. All of it is past, so that whatever is published now is newer.
const FIRST_USER: i64 = 1_656_633_600_000;
const FIRST_ARTICLE: i64 = 1_688_169_600_000;
const LAST_ARTICLE: i64 = 1_751_328_000_000;

/// What to make up.
#[derive(Clone, Debug)]
pub struct Plan {
    /// How many users, besides those of the demo.
    pub users: u32,
    /// How many articles, besides those of the demo.
    pub articles: u32,
    /// Another seed makes another site.
    pub seed: u64,
    /// The hash of a password that nobody knows.
    pub locked: PasswordHash,
    /// The hash of [`DEMO_PASSWORD`], if there is to be a demo: users who can log in, with articles written by hand.
    pub demo: Option<PasswordHash>,
    /// The numbers after which those of users and comments begin.
    pub after: Sequences,
}

impl Plan {
    /// Everything, in batches, in an order in which it can be stored.
    pub fn records(self) -> impl Iterator<Item = Records> {
        let users = batches(Kind::Users, people::users(self.clone()), Records::Users);
        let follows = batches(Kind::Follows, people::follows(self.clone()), Records::Follows);
        let articles = batches(Kind::Articles, articles::articles(self.clone()), Records::Articles);
        let favorites = batches(Kind::Favorites, reactions::favorites(self.clone()), Records::Favorites);
        let comments = batches(Kind::Comments, reactions::comments(self), Records::Comments);
        users.chain(follows).chain(articles).chain(favorites).chain(comments)
    }

    /// How many records of a kind there will be, where that is known before.
    pub fn count(&self, kind: Kind) -> Option<u64> {
        match kind {
            Kind::Users => Some(self.all_users().into()),
            Kind::Articles => Some(self.all_articles().into()),
            Kind::Follows | Kind::Favorites | Kind::Comments => None,
        }
    }

    /// Users of the demo come first.
    fn all_users(&self) -> u32 {
        self.users.saturating_add(self.of_demo(demo::USERS.len()))
    }

    /// Articles of the demo come last.
    fn all_articles(&self) -> u32 {
        self.articles.saturating_add(self.of_demo(demo::ARTICLES.len()))
    }

    fn of_demo(&self, number: usize) -> u32 {
        if self.demo.is_some() { u32::try_from(number).unwrap_or(u32::MAX) } else { 0 }
    }

    fn dice(&self, subject: Subject, index: u32) -> Dice {
        Dice::new(self.seed, subject, index)
    }

    fn user_id(&self, index: u32) -> UserId {
        UserId::new(self.after.user.get() + 1 + i64::from(index))
    }

    fn comment_id(&self, index: i64) -> CommentId {
        CommentId::new(self.after.comment.get() + 1 + index)
    }

    fn registered_at(&self, user: u32) -> DateTime<Utc> {
        let (step, jitter) = spread(FIRST_ARTICLE - FIRST_USER, self.all_users());
        moment(FIRST_USER + step * i64::from(user) + self.dice(Subject::Registration, user).up_to(jitter))
    }

    /// Later than that of the article before.
    fn published_at(&self, article: u32) -> DateTime<Utc> {
        match article.checked_sub(self.articles) {
            Some(demo) => moment(LAST_ARTICLE) + TimeDelta::hours(1 + 9 * i64::from(demo)),
            None => {
                let (step, jitter) = spread(LAST_ARTICLE - FIRST_ARTICLE, self.articles);
                moment(
                    FIRST_ARTICLE + step * i64::from(article) + self.dice(Subject::Publication, article).up_to(jitter),
                )
            }
        }
    }

    fn article_id(&self, article: u32) -> ArticleId {
        ArticleRecord::id_at(self.published_at(article), i64::from(article) + 1)
    }
}

/// The milliseconds between two of so many things that are spread over a period, and how many of them chance may add.
fn spread(period: i64, number: u32) -> (i64, i64) {
    let step = period / i64::from(number.max(1));
    (step, step - 1)
}

fn moment(milliseconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(milliseconds).unwrap_or_default()
}

fn batches<T>(
    kind: Kind,
    mut records: impl Iterator<Item = T>,
    wrap: fn(Vec<T>) -> Records,
) -> impl Iterator<Item = Records> {
    let size = usize::try_from(kind.batch()).unwrap_or(usize::MAX);
    iter::from_fn(move || {
        let batch: Vec<T> = records.by_ref().take(size).collect();
        (!batch.is_empty()).then(|| wrap(batch))
    })
}

#[cfg(test)]
mod tests;
