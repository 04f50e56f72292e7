//! Changing and deleting one's own article.

use super::*;

/// A slug to try, or none, and the store's answer.
type Try = (Option<&'static str>, Result<Option<Article>, RepositoryError>);

impl Ports {
    /// Amy's article is to change like this under these slugs, in this order; this is what becomes of it.
    fn update<const N: usize>(&mut self, changes: &ArticleChanges, tries: [Try; N]) {
        let mut order = Sequence::new();
        for (name, outcome) in tries {
            let (article, author) = (head().id, identity_of(&amy()));
            self.articles
                .expect_update()
                .once()
                .in_sequence(&mut order)
                .with(eq(article), eq(name.map(slug)), eq(changes.clone()), eq(now()), eq(author))
                .return_once(|_, _, _, _, _| outcome);
        }
    }

    fn updates(self, changes: ArticleChanges, who: &Account) -> Result<Article, Error> {
        self.service().update(&slug("dragons"), changes, &identity_of(who)).at_once()
    }

    fn deletes(self, who: &Account) -> Result<(), Error> {
        self.service().delete(&slug("dragons"), &identity_of(who)).at_once()
    }
}

/// Ports to which amy's article, or what there is instead, is known; nobody may write.
fn known(reader: &Account, head: Result<Option<ArticleHead>, RepositoryError>) -> Ports {
    let mut ports = Ports::default();
    ports.head(identity_of(reader), head);
    ports
}

fn own_article() -> Ports {
    known(&amy(), Ok(Some(head())))
}

fn retitled(text: &str) -> ArticleChanges {
    ArticleChanges { title: Some(title(text)), ..ArticleChanges::default() }
}

#[test]
fn without_a_title_the_slug_stays() {
    let Draft { description, body, .. } = draft("Dragons");
    let changes = ArticleChanges {
        title: None,
        description: Some(description),
        body: Some(body),
        tags: Some(TagList::default()),
    };
    let mut ports = own_article();
    ports.update(&changes, [(None, Ok(Some(article("Dragons"))))]);

    assert_eq!(ports.updates(changes, &amy()).unwrap(), article("Dragons"));
}

#[test]
fn with_the_title_that_it_has_the_slug_stays() {
    let mut ports = own_article();
    ports.update(&retitled("Dragons"), [(None, Ok(Some(article("Dragons"))))]);

    assert_eq!(ports.updates(retitled("Dragons"), &amy()).unwrap(), article("Dragons"));
}

#[test]
fn another_title_brings_another_slug() {
    let mut ports = own_article();
    ports.draw();
    ports.update(&retitled("Wyverns"), [(Some("wyverns"), Ok(Some(article("Wyverns"))))]);

    assert_eq!(ports.updates(retitled("Wyverns"), &amy()).unwrap(), article("Wyverns"));
}

#[test]
fn one_with_a_suffix_where_the_plain_one_is_taken() {
    let mut ports = own_article();
    ports.draw();
    let free = Ok(Some(article("Wyverns")));
    ports.update(&retitled("Wyverns"), [(Some("wyverns"), taken()), (Some("wyverns-10000000"), free)]);

    assert_eq!(ports.updates(retitled("Wyverns"), &amy()).unwrap(), article("Wyverns"));
}

#[test]
fn three_slugs_that_are_taken_are_enough_for_an_update_too() {
    let mut ports = own_article();
    ports.draw();
    let tries = [Some("wyverns"), Some("wyverns-10000000"), Some("wyverns-20000000")].map(|name| (name, taken()));
    ports.update(&retitled("Wyverns"), tries);

    assert_fails!(ports.updates(retitled("Wyverns"), &amy()), Error::Taken(_));
}

#[test]
fn a_store_that_goes_away_is_not_asked_again() {
    let mut ports = own_article();
    ports.draw();
    ports.update(&retitled("Wyverns"), [(Some("wyverns"), store_away())]);

    assert_fails!(ports.updates(retitled("Wyverns"), &amy()), Error::Unavailable(_));
}

#[test]
fn an_article_that_goes_away_meanwhile_is_not_found() {
    let mut ports = own_article();
    ports.update(&ArticleChanges::default(), [(None, Ok(None))]);

    assert_fails!(ports.updates(ArticleChanges::default(), &amy()), Error::NotFound(Resource::Article));
}

#[test]
fn the_author_deletes_an_article() {
    let mut ports = own_article();
    ports.articles.expect_delete().once().with(eq(head().id)).returning(|_| Ok(()));

    assert!(ports.deletes(&amy()).is_ok());
}

#[test]
fn a_deletion_that_the_store_cannot_do_is_not_acknowledged() {
    let mut ports = own_article();
    ports.articles.expect_delete().once().returning(|_| store_away());

    assert_fails!(ports.deletes(&amy()), Error::Unavailable(_));
}

#[test]
fn only_the_author_changes_or_deletes_an_article() {
    let foreign = || known(&bob(), Ok(Some(head())));

    assert_fails!(foreign().updates(retitled("Mine"), &bob()), Error::Forbidden(Resource::Article));
    assert_fails!(foreign().deletes(&bob()), Error::Forbidden(Resource::Article));
}

#[test]
fn an_unknown_article_is_not_found_rather_than_forbidden() {
    let unknown = || known(&bob(), Ok(None));

    assert_fails!(unknown().updates(retitled("Mine"), &bob()), Error::NotFound(Resource::Article));
    assert_fails!(unknown().deletes(&bob()), Error::NotFound(Resource::Article));
}

#[test]
fn after_the_session_ended_nothing_is_said_about_the_article() {
    let ended = || known(&amy(), session_ended());

    assert_fails!(ended().updates(retitled("Mine"), &amy()), Error::InvalidToken);
    assert_fails!(ended().deletes(&amy()), Error::InvalidToken);
}
