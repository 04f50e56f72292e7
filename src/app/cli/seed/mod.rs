//! Generates a random site for development and benchmarks: users, articles and reactions to them.
//!
//! Equal plans generate equal records. Each record has its own random generator, seeded by the plan
//! and the record's index, so memory does not grow with the number of articles, and a favorite can
//! compute the id of its article.

mod articles;
mod demo;
mod dice;
mod people;
mod plan;
mod reactions;
mod words;

use std::iter;

use crate::domain::model::records::{Kind, Records};

pub use self::demo::{PASSWORD as DEMO_PASSWORD, names as demo_names};
pub use self::plan::Plan;

/// Returns all records of a site in batches, in an order in which they can be inserted.
pub fn records(plan: Plan) -> impl Iterator<Item = Records> {
    let users = batches(Kind::Users, people::users(plan.clone()), Records::Users);
    let follows = batches(Kind::Follows, people::follows(plan.clone()), Records::Follows);
    let articles = batches(Kind::Articles, articles::articles(plan.clone()), Records::Articles);
    let favorites = batches(Kind::Favorites, reactions::favorites(plan.clone()), Records::Favorites);
    let comments = batches(Kind::Comments, reactions::comments(plan), Records::Comments);
    users.chain(follows).chain(articles).chain(favorites).chain(comments)
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
