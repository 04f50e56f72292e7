//! Publishing, and the slugs that are tried for it.

use super::*;

impl Ports {
    /// These slugs are asked for in this order, each for all that amy wrote; this is what becomes of them.
    fn insert<const N: usize>(&mut self, written: &Draft, tries: [(&'static str, Result<(), RepositoryError>); N]) {
        let mut order = Sequence::new();
        for (name, outcome) in tries {
            let article = NewArticle { slug: slug(name), draft: written.clone(), author: amy().id, created_at: now() };
            self.articles.expect_insert().once().in_sequence(&mut order).with(eq(article)).return_once(|_| outcome);
        }
    }

    fn publish(self, written: Draft) -> Result<Article, Error> {
        self.service().publish(&amy(), written).at_once()
    }
}

#[test]
fn an_article_is_published_under_its_title_and_shown_as_its_author_sees_it() {
    let written = draft("How to train your Dragon?");
    let mut ports = Ports::default();
    ports.insert(&written, [("how-to-train-your-dragon", Ok(()))]);
    ports.tell(BusinessEvent::ArticlePublished);

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
fn a_title_that_is_not_the_first_gets_a_suffix() {
    let written = draft("Dragons");
    let mut ports = Ports::default();
    ports.draw();
    ports.insert(&written, [("dragons", taken()), ("dragons-10000000", Ok(()))]);
    ports.tell(BusinessEvent::ArticlePublished);

    assert_eq!(ports.publish(written).unwrap().summary.slug, slug("dragons-10000000"));
}

#[test]
fn three_slugs_that_are_taken_are_enough() {
    let written = draft("Dragons");
    let mut ports = Ports::default();
    ports.draw();
    ports.insert(&written, [("dragons", taken()), ("dragons-10000000", taken()), ("dragons-20000000", taken())]);

    assert_fails!(ports.publish(written), Error::Taken(_));
}

#[test]
fn an_article_called_feed_leaves_the_feed_its_path() {
    let written = draft("Feed");
    let mut ports = Ports::default();
    ports.draw();
    ports.tell(BusinessEvent::ArticlePublished);
    ports.insert(&written, [("feed-10000000", Ok(()))]);

    assert_eq!(ports.publish(written).unwrap().summary.slug, slug("feed-10000000"));
}

#[test]
fn a_title_that_leaves_nothing_for_a_slug_gets_a_random_one() {
    let written = draft("?!");
    let mut ports = Ports::default();
    ports.draw();
    ports.tell(BusinessEvent::ArticlePublished);
    ports.insert(&written, [("10000000", taken()), ("20000000", Ok(()))]);

    assert_eq!(ports.publish(written).unwrap().summary.slug, slug("20000000"));
}

#[test]
fn a_store_that_is_away_is_not_asked_again() {
    let written = draft("Dragons");
    let mut ports = Ports::default();
    ports.insert(&written, [("dragons", store_away())]);

    assert_fails!(ports.publish(written), Error::Unavailable(_));
}
