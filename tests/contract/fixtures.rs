//! Numbered articles. Authors, tags and favorites follow from the number, so that tests compute the
//! expected content of every list.

use conduit::domain::model::article::ArticleFilter;
use conduit::domain::model::values::Tag;

use crate::scenario::{NewArticleExt, new_article, username_key};
use crate::support::Engine;
use crate::test_store::TestStore;

pub const ARTICLES: i64 = 24;

/// Whether the article with this number has a property.
type Predicate = fn(i64) -> bool;

const AUTHORS: [(&str, Predicate); 3] = [("amy", |n| n % 3 == 0), ("bob", |n| n % 3 == 1), ("cat", |n| n % 3 == 2)];
const TAGS: [(&str, Predicate); 3] = [("fire", |n| n % 2 == 0), ("ice", |n| n % 5 == 0), ("tea", |_| true)];
const FAVORITED_BY: [(&str, Predicate); 3] = [("dan", |n| n % 4 == 0), ("eve", |_| true), ("amy", |n| n % 7 == 0)];

/// Returns a store with the articles, each published a millisecond after the previous one.
pub async fn numbered_articles(engine: Engine) -> TestStore {
    let store = TestStore::create(engine).await;
    let [amy, bob, cat, dan, eve] = store.new_users(["amy", "bob", "cat", "dan", "eve"]).await;
    for (number, author) in (0..ARTICLES).zip([amy, bob, cat].iter().cycle()) {
        let tags: Vec<&str> = TAGS.iter().filter(|(_, has)| has(number)).map(|(tag, _)| *tag).collect();
        store.publish(new_article(&number.to_string(), author).created_at(number).tagged(&tags)).await;
        for ((_, favorited), user) in FAVORITED_BY.iter().zip([dan, eve, amy]) {
            if favorited(number) {
                store.favorite(&user, &[&number.to_string()]).await;
            }
        }
    }
    store
}

/// Returns every combination of filters, including unknown names, with the matching slugs, newest
/// first.
pub fn filters_with_expected_slugs() -> Vec<(ArticleFilter, Vec<String>)> {
    let mut all = Vec::new();
    for tag in choices(&TAGS) {
        for author in choices(&AUTHORS) {
            for favorited_by in choices(&FAVORITED_BY) {
                let filter = ArticleFilter {
                    tag: tag.map(|(name, _)| Tag::for_lookup(name)),
                    author: author.map(|(name, _)| username_key(name)),
                    favorited_by: favorited_by.map(|(name, _)| username_key(name)),
                };
                let filters = [tag, author, favorited_by];
                let matches = |number: &i64| filters.into_iter().flatten().all(|(_, has)| has(*number));
                all.push((filter, (0..ARTICLES).rev().filter(matches).map(|number| number.to_string()).collect()));
            }
        }
    }
    all
}

/// Returns the values of one filter: none, each known name, and an unknown name.
fn choices(known: &[(&'static str, Predicate)]) -> Vec<Option<(&'static str, Predicate)>> {
    let unknown: (&str, Predicate) = ("unknown", |_| false);
    [None].into_iter().chain(known.iter().copied().map(Some)).chain([Some(unknown)]).collect()
}
