//! Two dozen articles whose authors, tags and fans follow from their numbers: every list of them can be foretold.

use conduit::domain::model::{article::ArticleFilter, values::Tag};

use crate::{
    story::{ListRows, an_article, key},
    support::Engine,
    test_store::TestStore,
};

/// How many articles there are.
pub const SIZE: i64 = 24;

/// Whether the article of this number is an author's, carries a tag, or pleases a fan.
type Has = fn(i64) -> bool;

const AUTHORS: [(&str, Has); 3] = [("amy", |n| n % 3 == 0), ("bob", |n| n % 3 == 1), ("cat", |n| n % 3 == 2)];
const TAGS: [(&str, Has); 3] = [("fire", |n| n % 2 == 0), ("ice", |n| n % 5 == 0), ("tea", |_| true)];
const FANS: [(&str, Has); 3] = [("dan", |n| n % 4 == 0), ("eve", |_| true), ("amy", |n| n % 7 == 0)];

/// A store with the articles `0` to `23`, each published a millisecond after the one before.
pub async fn library(engine: Engine) -> TestStore {
    let store = TestStore::on(engine).await;
    let [amy, bob, cat, dan, eve] = store.people(["amy", "bob", "cat", "dan", "eve"]).await;
    for (number, author) in (0..SIZE).zip([amy, bob, cat].iter().cycle()) {
        let tags: Vec<&str> = TAGS.iter().filter(|(_, carried)| carried(number)).map(|(tag, _)| *tag).collect();
        store.publish(an_article(&number.to_string(), author).at(number).tagged(&tags)).await;
        for ((_, liked), fan) in FANS.iter().zip([dan, eve, amy]) {
            if liked(number) {
                store.favorite(&fan, &[&number.to_string()]).await;
            }
        }
    }
    store
}

/// Every combination of filters, with names that the library knows and one that it does not, and the slugs of what
/// matches, newest first.
pub fn foretold() -> Vec<(ArticleFilter, Vec<String>)> {
    let mut all = Vec::new();
    for tag in choices(&TAGS) {
        for author in choices(&AUTHORS) {
            for fan in choices(&FANS) {
                let filter = ArticleFilter {
                    tag: tag.map(|(name, _)| Tag::for_lookup(name)),
                    author: author.map(|(name, _)| key(name)),
                    favorited_by: fan.map(|(name, _)| key(name)),
                };
                let matches = |number: &i64| [tag, author, fan].into_iter().flatten().all(|(_, has)| has(*number));
                all.push((filter, (0..SIZE).rev().filter(matches).map(|number| number.to_string()).collect()));
            }
        }
    }
    all
}

/// No filter, each of these, and one whose name nobody knows.
fn choices(known: &[(&'static str, Has)]) -> Vec<Option<(&'static str, Has)>> {
    let unknown: (&str, Has) = ("unknown", |_| false);
    [None].into_iter().chain(known.iter().copied().map(Some)).chain([Some(unknown)]).collect()
}
