//! Articles, with tags of which few are in every mouth and most are hardly ever used.

use std::{
    collections::HashSet,
    hash::{BuildHasher, BuildHasherDefault, DefaultHasher},
};

use chrono::TimeDelta;
use fake::locales::{Data, EN};

use super::{Plan, demo, dice::Subject, words};
use crate::domain::model::{
    records::ArticleRecord,
    values::{ArticleBody, Description, Slug, TagList, Title},
};

/// The most tags of an article.
const MOST_TAGS: u32 = 6;

pub fn articles(plan: Plan) -> impl Iterator<Item = ArticleRecord> {
    let vocabulary = vocabulary();
    let mut slugs = Slugs::default();
    (0..plan.all_articles()).map(move |index| {
        let (created_at, id) = (plan.published_at(index), plan.article_id(index));
        match index.checked_sub(plan.articles).and_then(demo_article) {
            Some(article) => {
                let title = Title::from_trusted(article.title.to_owned());
                ArticleRecord {
                    id,
                    slug: slugs.unused(&title, index),
                    title,
                    description: Description::from_trusted(article.description.to_owned()),
                    tags: tags(article.tags.iter().copied()),
                    author: plan.user_id(article.author),
                    created_at,
                    updated_at: created_at,
                    body: ArticleBody::from_trusted(article.body.to_owned()),
                }
            }
            None => {
                let mut dice = plan.dice(Subject::Article, index);
                let title = Title::from_trusted(words::title(&mut dice));
                let number = dice.below(MOST_TAGS + 1);
                let limit = u32::try_from(vocabulary.len()).unwrap_or(u32::MAX);
                let places: Vec<u32> = (0..number).map(|_| dice.seldom_below(limit)).collect();
                let places = places.into_iter().filter_map(|cursor| usize::try_from(cursor).ok());
                let tags = tags(places.filter_map(|cursor| vocabulary.get(cursor)).map(String::as_str));
                let later =
                    if dice.happens(20) { TimeDelta::minutes(1 + dice.up_to(60 * 24 * 30)) } else { TimeDelta::zero() };
                ArticleRecord {
                    id,
                    slug: slugs.unused(&title, index),
                    title,
                    description: Description::from_trusted(words::description(&mut dice)),
                    tags,
                    author: plan.user_id(dice.rather_small_below(plan.all_users())),
                    created_at,
                    updated_at: created_at + later,
                    body: ArticleBody::from_trusted(words::body(&mut dice)),
                }
            }
        }
    })
}

fn demo_article(index: u32) -> Option<&'static demo::Article> {
    demo::ARTICLES.get(usize::try_from(index).ok()?)
}

fn tags<'a>(given: impl Iterator<Item = &'a str>) -> TagList {
    TagList::parse(given).unwrap_or_default()
}

/// All tags, from the most usual to those that hardly anybody uses: fields, things, and what kind of thing.
fn vocabulary() -> Vec<String> {
    let fields = EN::JOB_FIELD.iter().map(|field| field.to_lowercase());
    let things = EN::COMPANY_BUZZWORD_TAIL.iter().map(|thing| hyphenated(thing));
    let kinds = EN::COMPANY_BUZZWORD_MIDDLE.iter().map(|kind| hyphenated(kind));
    let pairs = kinds
        .flat_map(|kind| EN::COMPANY_BUZZWORD_TAIL.iter().map(move |thing| format!("{kind}-{}", hyphenated(thing))));
    fields.chain(things).chain(pairs).collect()
}

fn hyphenated(words: &str) -> String {
    words.to_lowercase().replace([' ', '/'], "-")
}

/// Remembers which slugs are in use, by a checksum each: a million of them take little room then, and where two different
/// ones share a checksum, one gets a suffix that it would not have needed.
#[derive(Default)]
struct Slugs(HashSet<u64>);

impl Slugs {
    fn unused(&mut self, title: &Title, index: u32) -> Slug {
        let mut suffix = i64::from(index);
        let next_suffix = || {
            suffix += 1;
            suffix.to_string()
        };
        let sum = BuildHasherDefault::<DefaultHasher>::default();
        let unused = Slug::candidates(title, next_suffix).find(|slug| self.0.insert(sum.hash_one(slug.as_str())));
        // The candidates never end.
        unused.unwrap_or_else(|| Slug::for_lookup(""))
    }
}
