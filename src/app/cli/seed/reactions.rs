//! What readers make of articles: favorites and comments.

use chrono::TimeDelta;

use super::{Plan, demo, dice::Subject, words};
use crate::domain::model::{
    records::{CommentRecord, FavoriteRecord},
    values::CommentBody,
};

/// Half of the articles have fewer than a tenth of these, and few come near.
const MOST_FAVORITES: u32 = 40;
const MOST_COMMENTS: u32 = 24;

pub fn favorites(plan: Plan) -> impl Iterator<Item = FavoriteRecord> {
    let users = plan.all_users();
    (0..plan.all_articles()).flat_map(move |index| {
        let mut dice = plan.dice(Subject::Favorites, index);
        let number = dice.seldom_below(MOST_FAVORITES);
        let article = plan.article_id(index);
        let records: Vec<_> = dice
            .some_below(users, number)
            .into_iter()
            .map(|user| FavoriteRecord { user: plan.user_id(user), article })
            .collect();
        records
    })
}

pub fn comments(plan: Plan) -> impl Iterator<Item = CommentRecord> {
    let users = plan.all_users();
    let mut written = 0;
    (0..plan.all_articles()).flat_map(move |index| {
        let mut dice = plan.dice(Subject::Comments, index);
        let (article, mut at) = (plan.article_id(index), plan.published_at(index));
        let remarks: Vec<(u32, String)> = match index.checked_sub(plan.articles).and_then(demo::comments) {
            Some(comments) => comments.iter().map(|(author, text)| (*author, (*text).to_owned())).collect(),
            None => {
                (0..dice.seldom_below(MOST_COMMENTS)).map(|_| (dice.below(users), words::remark(&mut dice))).collect()
            }
        };
        let mut record = |(author, text)| {
            at += TimeDelta::seconds(60 + dice.up_to(60 * 60 * 12));
            let id = plan.comment_id(written);
            written += 1;
            CommentRecord {
                id,
                article,
                author: plan.user_id(author),
                created_at: at,
                body: CommentBody::from_trusted(text),
            }
        };
        let records: Vec<_> = remarks.into_iter().map(&mut record).collect();
        records
    })
}
