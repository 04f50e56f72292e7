//! Updates and deletions.

use super::*;

/// The slug of an update, and the store's result.
type Try = (Option<&'static str>, Result<Option<Article>, RepositoryError>);

impl Ports {
    /// Expects the same changes to amy's article with each of these slugs in turn.
    fn expect_updates<const N: usize>(&mut self, changes: &ArticleChanges, tries: [Try; N]) {
        let mut order = Sequence::new();
        for (name, outcome) in tries {
            let (article, author) = (amys_article().id, identity_of(&amy()));
            self.articles
                .expect_update()
                .once()
                .in_sequence(&mut order)
                .with(eq(article), eq(name.map(slug)), eq(changes.clone()), eq(now()), eq(author))
                .return_once(|_, _, _, _, _| outcome);
        }
    }

    fn update(self, changes: ArticleChanges, author: &Account) -> Result<Article, Error> {
        self.service().update(&slug("dragons"), changes, &identity_of(author)).now_or_panic()
    }

    fn delete(self, author: &Account) -> Result<(), Error> {
        self.service().delete(&slug("dragons"), &identity_of(author)).now_or_panic()
    }
}

/// Expects a look-up of the article, but no write.
fn lookup(reader: &Account, found: Result<Option<ArticleAuthorship>, RepositoryError>) -> Ports {
    let mut ports = Ports::default();
    ports.expect_authorship(identity_of(reader), found);
    ports
}

fn own_article() -> Ports {
    lookup(&amy(), Ok(Some(amys_article())))
}

fn retitled(text: &str) -> ArticleChanges {
    ArticleChanges { title: Some(title(text)), ..ArticleChanges::default() }
}

#[test]
fn update_without_a_title_keeps_the_slug() {
    let ArticleDraft { description, body, .. } = draft("Dragons");
    let changes = ArticleChanges {
        title: None,
        description: Some(description),
        body: Some(body),
        tags: Some(TagList::default()),
    };
    let mut ports = own_article();
    ports.expect_updates(&changes, [(None, Ok(Some(article("Dragons"))))]);

    assert_eq!(ports.update(changes, &amy()).unwrap(), article("Dragons"));
}

#[test]
fn update_with_the_same_title_keeps_the_slug() {
    let mut ports = own_article();
    ports.expect_updates(&retitled("Dragons"), [(None, Ok(Some(article("Dragons"))))]);

    assert_eq!(ports.update(retitled("Dragons"), &amy()).unwrap(), article("Dragons"));
}

#[test]
fn update_with_a_new_title_changes_the_slug() {
    let mut ports = own_article();
    ports.expect_suffixes();
    ports.expect_updates(&retitled("Wyverns"), [(Some("wyverns"), Ok(Some(article("Wyverns"))))]);

    assert_eq!(ports.update(retitled("Wyverns"), &amy()).unwrap(), article("Wyverns"));
}

#[test]
fn update_adds_a_suffix_if_the_slug_is_taken() {
    let mut ports = own_article();
    ports.expect_suffixes();
    let free = Ok(Some(article("Wyverns")));
    ports.expect_updates(&retitled("Wyverns"), [(Some("wyverns"), taken()), (Some("wyverns-10000000"), free)]);

    assert_eq!(ports.update(retitled("Wyverns"), &amy()).unwrap(), article("Wyverns"));
}

#[test]
fn update_fails_after_three_taken_slugs() {
    let mut ports = own_article();
    ports.expect_suffixes();
    let tries = [Some("wyverns"), Some("wyverns-10000000"), Some("wyverns-20000000")].map(|name| (name, taken()));
    ports.expect_updates(&retitled("Wyverns"), tries);

    assert_fails!(ports.update(retitled("Wyverns"), &amy()), Error::Taken(_));
}

#[test]
fn update_is_not_retried_if_the_store_is_unavailable() {
    let mut ports = own_article();
    ports.expect_suffixes();
    ports.expect_updates(&retitled("Wyverns"), [(Some("wyverns"), store_unavailable())]);

    assert_fails!(ports.update(retitled("Wyverns"), &amy()), Error::Unavailable(_));
}

#[test]
fn update_of_an_article_deleted_meanwhile_is_not_found() {
    let mut ports = own_article();
    ports.expect_updates(&ArticleChanges::default(), [(None, Ok(None))]);

    assert_fails!(ports.update(ArticleChanges::default(), &amy()), Error::NotFound(Resource::Article));
}

#[test]
fn author_deletes_an_article() {
    let mut ports = own_article();
    ports.articles.expect_delete().once().with(eq(amys_article().id)).returning(|_| Ok(()));

    assert!(ports.delete(&amy()).is_ok());
}

#[test]
fn deletion_fails_if_the_store_is_unavailable() {
    let mut ports = own_article();
    ports.articles.expect_delete().once().returning(|_| store_unavailable());

    assert_fails!(ports.delete(&amy()), Error::Unavailable(_));
}

#[test]
fn only_the_author_updates_or_deletes_an_article() {
    let foreign = || lookup(&bob(), Ok(Some(amys_article())));

    assert_fails!(foreign().update(retitled("Mine"), &bob()), Error::Forbidden(Resource::Article));
    assert_fails!(foreign().delete(&bob()), Error::Forbidden(Resource::Article));
}

#[test]
fn unknown_article_is_not_found_rather_than_forbidden() {
    let unknown = || lookup(&bob(), Ok(None));

    assert_fails!(unknown().update(retitled("Mine"), &bob()), Error::NotFound(Resource::Article));
    assert_fails!(unknown().delete(&bob()), Error::NotFound(Resource::Article));
}

#[test]
fn changes_in_an_ended_session_are_rejected() {
    let ended = || lookup(&amy(), session_ended());

    assert_fails!(ended().update(retitled("Mine"), &amy()), Error::InvalidToken);
    assert_fails!(ended().delete(&amy()), Error::InvalidToken);
}
