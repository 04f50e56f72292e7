//! Publishing.

use super::*;

impl Ports {
    /// Expects an insert of the draft with each of these slugs in turn.
    fn expect_inserts<const N: usize>(
        &mut self,
        written: &ArticleDraft,
        tries: [(&'static str, Result<(), RepositoryError>); N],
    ) {
        let mut order = Sequence::new();
        for (name, outcome) in tries {
            let article = NewArticle { slug: slug(name), draft: written.clone(), author: amy().id, created_at: now() };
            self.articles.expect_insert().once().in_sequence(&mut order).with(eq(article)).return_once(|_| outcome);
        }
    }

    fn publish(self, written: ArticleDraft) -> Result<Article, Error> {
        self.service().publish(&amy(), written).now_or_panic()
    }
}

#[test]
fn published_article_is_stored_under_its_title_and_returned() {
    let written = draft("How to train your Dragon?");
    let mut ports = Ports::default();
    ports.expect_inserts(&written, [("how-to-train-your-dragon", Ok(()))]);
    ports.expect_event(BusinessEvent::ArticlePublished);

    let published = ports.publish(written.clone()).unwrap();

    let summary = ArticleSummary {
        slug: slug("how-to-train-your-dragon"),
        title: written.title,
        description: written.description,
        tags: written.tags,
        created_at: now(),
        updated_at: now(),
        favorited: false,
        favorites_count: 0,
        author: amy().own_profile(),
    };
    assert_eq!(published, Article { summary, body: written.body });
}

#[test]
fn publishing_adds_a_suffix_if_the_slug_is_taken() {
    let written = draft("Dragons");
    let mut ports = Ports::default();
    ports.expect_suffixes();
    ports.expect_inserts(&written, [("dragons", taken()), ("dragons-10000000", Ok(()))]);
    ports.expect_event(BusinessEvent::ArticlePublished);

    assert_eq!(ports.publish(written).unwrap().summary.slug, slug("dragons-10000000"));
}

#[test]
fn publishing_fails_after_three_taken_slugs() {
    let written = draft("Dragons");
    let mut ports = Ports::default();
    ports.expect_suffixes();
    ports
        .expect_inserts(&written, [("dragons", taken()), ("dragons-10000000", taken()), ("dragons-20000000", taken())]);

    assert_fails!(ports.publish(written), Error::Taken(_));
}

#[test]
fn slug_of_an_article_called_feed_has_a_suffix() {
    let written = draft("Feed");
    let mut ports = Ports::default();
    ports.expect_suffixes();
    ports.expect_event(BusinessEvent::ArticlePublished);
    ports.expect_inserts(&written, [("feed-10000000", Ok(()))]);

    assert_eq!(ports.publish(written).unwrap().summary.slug, slug("feed-10000000"));
}

#[test]
fn slug_of_a_title_without_usable_characters_is_random() {
    let written = draft("?!");
    let mut ports = Ports::default();
    ports.expect_suffixes();
    ports.expect_event(BusinessEvent::ArticlePublished);
    ports.expect_inserts(&written, [("10000000", taken()), ("20000000", Ok(()))]);

    assert_eq!(ports.publish(written).unwrap().summary.slug, slug("20000000"));
}

#[test]
fn publishing_is_not_retried_if_the_store_is_unavailable() {
    let written = draft("Dragons");
    let mut ports = Ports::default();
    ports.expect_inserts(&written, [("dragons", store_unavailable())]);

    assert_fails!(ports.publish(written), Error::Unavailable(_));
}
