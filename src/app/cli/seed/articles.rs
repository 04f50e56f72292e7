//! Articles and their tags: a few tags are very frequent, most are rare.

use std::collections::HashSet;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};

use chrono::TimeDelta;
use fake::locales::{Data, EN};

use super::dice::{Dice, Stream};
use super::plan::Plan;
use super::{demo, words};
use crate::domain::model::records::ArticleRecord;
use crate::domain::model::values::{ArticleBody, Description, Slug, TagList, Title};

const MAX_TAGS: u32 = 6;

pub fn articles(plan: Plan) -> impl Iterator<Item = ArticleRecord> {
    let vocabulary = vocabulary();
    let mut slugs = Slugs::default();
    (0..plan.all_articles()).map(move |index| {
        let draft = match index.checked_sub(plan.articles).and_then(demo::article) {
            Some(article) => Draft::from_demo(article),
            None => Draft::random(&mut plan.dice(Stream::ARTICLE, index), plan.all_users(), &vocabulary),
        };
        let created_at = plan.published_at(index);
        ArticleRecord {
            id: plan.article_id(index),
            slug: slugs.unused(&draft.title, index),
            title: draft.title,
            description: Description::from_trusted(draft.description),
            tags: draft.tags,
            author: plan.user_id(draft.author),
            created_at,
            updated_at: created_at + draft.updated_after,
            body: ArticleBody::from_trusted(draft.body),
        }
    })
}

struct Draft {
    title: Title,
    description: String,
    tags: TagList,
    author: u32,
    updated_after: TimeDelta,
    body: String,
}

impl Draft {
    fn from_demo(article: &demo::Article) -> Self {
        Self {
            title: Title::from_trusted(article.title.to_owned()),
            description: article.description.to_owned(),
            tags: tag_list(article.tags.iter().copied()),
            author: article.author,
            updated_after: TimeDelta::zero(),
            body: article.body.to_owned(),
        }
    }

    fn random(dice: &mut Dice, users: u32, vocabulary: &[String]) -> Self {
        let title = Title::from_trusted(words::title(dice));
        let tag_count = dice.below(MAX_TAGS + 1);
        let limit = u32::try_from(vocabulary.len()).unwrap_or(u32::MAX);
        let tags = (0..tag_count).filter_map(|_| vocabulary.get(usize::try_from(dice.zipf_below(limit)).ok()?));
        let tags = tag_list(tags.map(String::as_str));
        let updated_after =
            if dice.is_true(20) { TimeDelta::minutes(1 + dice.up_to(60 * 24 * 30)) } else { TimeDelta::zero() };
        Self {
            title,
            description: words::description(dice),
            tags,
            author: dice.skewed_below(users),
            updated_after,
            body: words::body(dice),
        }
    }
}

fn tag_list<'a>(tags: impl Iterator<Item = &'a str>) -> TagList {
    TagList::parse(tags).unwrap_or_default()
}

/// Returns all tags, the most frequent first.
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

/// Hashes of the slugs in use. A hash takes less memory than a slug; a collision only adds an
/// unneeded suffix.
#[derive(Default)]
struct Slugs(HashSet<u64>);

impl Slugs {
    fn unused(&mut self, title: &Title, index: u32) -> Slug {
        let mut suffix = i64::from(index);
        let next_suffix = || {
            suffix += 1;
            suffix.to_string()
        };
        let hasher = BuildHasherDefault::<DefaultHasher>::default();
        let unused = Slug::candidates(title, next_suffix).find(|slug| self.0.insert(hasher.hash_one(slug.as_str())));
        // The candidates never end.
        unused.unwrap_or_else(|| Slug::for_lookup(""))
    }
}
