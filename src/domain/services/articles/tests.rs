//! What the use cases around articles ask of their ports, and what they make of the answers.

mod changing;
mod publishing;
mod reading;

use mockall::{Sequence, predicate::eq};
use proptest::prelude::*;

use super::*;
use crate::{
    domain::{
        model::{
            article::ArticleHead,
            values::{ArticleBody, ArticleId, Description, TagList},
        },
        services::testing::{
            AtOnce, amy, assert_fails, bob, identity_of, now, session_ended, slug, stopped_clock, store_away,
        },
    },
    ports::{
        business_events::MockBusinessEvents,
        clock::MockRandomness,
        repositories::{MockArticleRepository, Unique},
    },
};

/// All that the service may ask. What a test does not allow must not be asked.
#[derive(Default)]
struct Ports {
    articles: MockArticleRepository,
    randomness: MockRandomness,
    events: MockBusinessEvents,
}

impl Ports {
    fn service(self) -> Articles {
        Articles::new(Arc::new(self.articles), stopped_clock(), Arc::new(self.randomness), Arc::new(self.events))
    }

    fn tell(&mut self, event: BusinessEvent) {
        self.events.expect_record().once().with(eq(event)).return_const(());
    }

    /// Makes the suffixes `10000000`, `20000000` and so on.
    fn draw(&mut self) {
        let mut bits = 0;
        self.randomness.expect_bits().returning(move || {
            bits += 1;
            bits
        });
    }

    /// Bob or amy wants to change the article under the slug `dragons`.
    fn head(&mut self, reader: Identity, head: Result<Option<ArticleHead>, RepositoryError>) {
        self.articles.expect_head().once().with(eq(slug("dragons")), eq(reader)).return_once(|_, _| head);
    }
}

fn taken<T>() -> Result<T, RepositoryError> {
    Err(RepositoryError::Taken(vec![Unique::Slug]))
}

fn title(text: &str) -> Title {
    Title::parse(text).unwrap()
}

/// What deciding about amy's article `Dragons` takes.
fn head() -> ArticleHead {
    ArticleHead { id: ArticleId::new(3), author: amy().id, title: title("Dragons") }
}

fn draft(text: &str) -> Draft {
    Draft {
        title: title(text),
        description: Description::parse("On their care").unwrap(),
        body: ArticleBody::parse("Feed them.").unwrap(),
        tags: TagList::parse(["fire", "care"]).unwrap(),
    }
}

/// Amy's article of this title as bob's favorite, under the slug `dragons`.
fn article(text: &str) -> Article {
    let Draft { title, description, body, tags } = draft(text);
    let summary = ArticleSummary {
        slug: slug("dragons"),
        title,
        description,
        tags,
        created_at: now(),
        updated_at: now(),
        favorited: true,
        favorites_count: 1,
        author: amy().own_profile(),
    };
    Article { summary, body }
}

proptest! {
    #[test]
    fn a_suffix_tells_40_bits_apart_in_eight_characters(bits: u64, place in 0..40_u32) {
        let text = suffix(bits);
        prop_assert_eq!(text.len(), 8);
        prop_assert!(Slug::parse(&text).is_some());
        prop_assert_ne!(suffix(bits ^ 1 << place), text);
    }
}
