//! Favorites and comments.

use chrono::TimeDelta;

use super::dice::{Dice, Stream};
use super::plan::Plan;
use super::{demo, words};
use crate::domain::model::records::{CommentRecord, FavoriteRecord};
use crate::domain::model::values::CommentBody;

const MAX_FAVORITES: u32 = 40;
const MAX_COMMENTS: u32 = 24;

pub fn favorites(plan: Plan) -> impl Iterator<Item = FavoriteRecord> {
    let users = plan.all_users();
    (0..plan.all_articles()).flat_map(move |index| {
        let mut dice = plan.dice(Stream::FAVORITES, index);
        let count = dice.zipf_below(MAX_FAVORITES);
        let article = plan.article_id(index);
        let users = dice.distinct_below(users, count).into_iter();
        users.map(|user| FavoriteRecord { user: plan.user_id(user), article }).collect::<Vec<_>>()
    })
}

pub fn comments(plan: Plan) -> impl Iterator<Item = CommentRecord> {
    let mut comments = 0;
    (0..plan.all_articles()).flat_map(move |index| {
        let mut dice = plan.dice(Stream::COMMENTS, index);
        let remarks = remarks(&plan, index, &mut dice);
        let (article, mut created_at) = (plan.article_id(index), plan.published_at(index));
        let records = remarks.into_iter().map(|(author, text)| {
            created_at += TimeDelta::seconds(60 + dice.up_to(60 * 60 * 12));
            let id = plan.comment_id(comments);
            comments += 1;
            CommentRecord {
                id,
                article,
                author: plan.user_id(author),
                created_at,
                body: CommentBody::from_trusted(text),
            }
        });
        records.collect::<Vec<_>>()
    })
}

/// Returns the comments on an article, each with the index of its author.
fn remarks(plan: &Plan, article: u32, dice: &mut Dice) -> Vec<(u32, String)> {
    match article.checked_sub(plan.articles).and_then(demo::article) {
        Some(article) => article.comments.iter().map(|(author, text)| (*author, (*text).to_owned())).collect(),
        None => {
            (0..dice.zipf_below(MAX_COMMENTS)).map(|_| (dice.below(plan.all_users()), words::remark(dice))).collect()
        }
    }
}
