mod changing;
mod publishing;
mod reading;

use mockall::Sequence;
use mockall::predicate::eq;
use proptest::prelude::*;

use super::*;
use crate::domain::model::article::ArticleAuthorship;
use crate::domain::model::values::{ArticleBody, ArticleId, Description, TagList};
use crate::domain::services::testing::{
    NowOrPanic, amy, assert_fails, bob, identity_of, now, session_ended, slug, stopped_clock, store_unavailable,
};
use crate::ports::business_events::MockBusinessEvents;
use crate::ports::clock::MockRandomness;
use crate::ports::repositories::{MockArticleRepository, Unique};

/// Mocks of all ports: a call that a test does not expect fails it.
#[derive(Default)]
struct Ports {
    articles: MockArticleRepository,
    randomness: MockRandomness,
    events: MockBusinessEvents,
}

impl Ports {
    fn service(self) -> Articles {
        Articles {
            articles: Arc::new(self.articles),
            clock: stopped_clock(),
            randomness: Arc::new(self.randomness),
            events: Arc::new(self.events),
        }
    }

    fn expect_event(&mut self, event: BusinessEvent) {
        self.events.expect_record().once().with(eq(event)).return_const(());
    }

    /// Yields the suffixes `10000000`, `20000000` and so on.
    fn expect_suffixes(&mut self) {
        let mut bits = 0;
        self.randomness.expect_bits().returning(move || {
            bits += 1;
            bits
        });
    }

    fn expect_authorship(&mut self, reader: Identity, found: Result<Option<ArticleAuthorship>, RepositoryError>) {
        self.articles.expect_authorship().once().with(eq(slug("dragons")), eq(reader)).return_once(|_, _| found);
    }
}

fn taken<T>() -> Result<T, RepositoryError> {
    Err(RepositoryError::Taken(vec![Unique::Slug]))
}

fn title(text: &str) -> Title {
    Title::parse(text).unwrap()
}

fn amys_article() -> ArticleAuthorship {
    ArticleAuthorship { id: ArticleId::new(3), author: amy().id, title: title("Dragons") }
}

fn draft(text: &str) -> ArticleDraft {
    ArticleDraft {
        title: title(text),
        description: Description::parse("On their care").unwrap(),
        body: ArticleBody::parse("Feed them.").unwrap(),
        tags: TagList::parse(["fire", "care"]).unwrap(),
    }
}

/// Amy's article under the slug `dragons`, a favorite of the reader.
fn article(text: &str) -> Article {
    let ArticleDraft { title, description, body, tags } = draft(text);
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
    fn suffix_encodes_40_bits_in_eight_characters(bits: u64, bit in 0..40_u32) {
        let text = suffix(bits);
        prop_assert_eq!(text.len(), 8);
        prop_assert!(Slug::parse(&text).is_some());
        prop_assert_ne!(suffix(bits ^ 1 << bit), text);
    }
}
