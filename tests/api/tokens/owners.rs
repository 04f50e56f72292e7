//! Whose things are whose: every route that writes, asked by everybody who might.

use std::collections::BTreeSet;

use rstest::rstest;
use serde_json::{Value, json};

use crate::{
    data::{article, comment, draft, user},
    support::{Engine, Engine::*, TestApp},
};

/// A route that writes, and how it answers the anonymous, the owner, another user, and the owner under another parent
/// (or for something that does not exist). Amy owns everything; of bob there is an account.
struct Rule {
    route: &'static str,
    path: &'static str,
    body: fn() -> Value,
    anonymous: u16,
    other: u16,
    wrong_parent: Option<(&'static str, u16)>,
    owner: u16,
}

fn nothing() -> Value {
    json!({})
}

const fn rule(route: &'static str, path: &'static str, body: fn() -> Value, statuses: [u16; 3]) -> Rule {
    let [anonymous, other, owner] = statuses;
    Rule { route, path, body, anonymous, other, wrong_parent: None, owner }
}

const fn under(mut rule: Rule, path: &'static str, status: u16) -> Rule {
    rule.wrong_parent = Some((path, status));
    rule
}

/// In this order: what is deleted last is needed before. Amy's comment on "dragons" is the first.
fn rules() -> Vec<Rule> {
    let credentials = || user(json!({"email": "amy@example.com", "password": "amy's password"}));
    let invalid = || user(json!({"username": ""}));
    let bio = || user(json!({"bio": "I"}));
    let body = || article(json!({"body": "mine"}));
    let remark = || comment("Mine");
    let unicorns = || draft(json!({"title": "Unicorns"}));
    let delete_comment = "DELETE /api/articles/{slug}/comments/{id}";
    vec![
        rule("POST /api/users", "/api/users", invalid, [422, 422, 422]),
        rule("POST /api/users/login", "/api/users/login", credentials, [200, 200, 200]),
        rule("PUT /api/user", "/api/user", bio, [401, 200, 200]),
        rule("POST /api/articles", "/api/articles", unicorns, [401, 201, 201]),
        under(
            rule("POST /api/profiles/{username}/follow", "/api/profiles/cat/follow", nothing, [401, 200, 200]),
            "/api/profiles/nobody/follow",
            404,
        ),
        under(
            rule("DELETE /api/profiles/{username}/follow", "/api/profiles/cat/follow", nothing, [401, 200, 200]),
            "/api/profiles/nobody/follow",
            404,
        ),
        under(
            rule("POST /api/articles/{slug}/favorite", "/api/articles/dragons/favorite", nothing, [401, 200, 200]),
            "/api/articles/nothing/favorite",
            404,
        ),
        under(
            rule("DELETE /api/articles/{slug}/favorite", "/api/articles/dragons/favorite", nothing, [401, 200, 200]),
            "/api/articles/nothing/favorite",
            404,
        ),
        under(
            rule("POST /api/articles/{slug}/comments", "/api/articles/dragons/comments", remark, [401, 201, 201]),
            "/api/articles/nothing/comments",
            404,
        ),
        under(
            rule(delete_comment, "/api/articles/dragons/comments/1", nothing, [401, 403, 204]),
            "/api/articles/unicorns/comments/1",
            404,
        ),
        under(
            rule("PUT /api/articles/{slug}", "/api/articles/dragons", body, [401, 403, 200]),
            "/api/articles/nothing",
            404,
        ),
        under(
            rule("DELETE /api/articles/{slug}", "/api/articles/dragons", nothing, [401, 403, 204]),
            "/api/articles/nothing",
            404,
        ),
    ]
}

/// ASVS 5.0 V8.2.2: nobody changes what belongs to somebody else. Those who may not go first, so that whatever they
/// changed all the same would be missing when the owner comes.
#[rstest]
#[actix_web::test]
async fn only_the_owner_changes_what_is_owned(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (amy, bob, _cat) = (app.user("amy").await, app.user("bob").await, app.user("cat").await);
    amy.publishes("Dragons").await;
    assert_eq!(amy.comments("dragons", "Mine").await, 1);

    for Rule { route, path, body, anonymous, other, wrong_parent, owner } in rules() {
        let (method, _) = route.split_once(' ').expect("a method and a path");
        let (line, body) = (format!("{method} {path}"), body().to_string());
        app.anon().ask(&line, body.as_str()).await.status(anonymous);
        bob.ask(&line, body.as_str()).await.status(other);
        if let Some((path, status)) = wrong_parent {
            amy.ask(&format!("{method} {path}"), body.as_str()).await.status(status);
        }
        amy.ask(&line, body.as_str()).await.status(owner);
    }

    // What bob did, bob did to what is bob's.
    amy.get("/api/user").await.has("/user/bio", "I").has("/user/email", "amy@example.com");
    bob.get("/api/user").await.has("/user/bio", "I").has("/user/email", "bob@example.com");
}

/// A route that is added to `routes.rs` is missed here.
#[test]
fn the_table_has_every_route_that_writes() {
    let source = include_str!("../../../src/adapters/http/routes.rs");
    let (mut prefix, mut declared) = ("", BTreeSet::new());
    for declaration in source.split("at(").skip(1) {
        let (above, text) = match (declaration.strip_prefix("API, \""), declaration.strip_prefix('"')) {
            (Some(text), _) => ("/api", text),
            (None, Some(text)) => (prefix, text),
            (None, None) => continue,
        };
        let (path, rest) = text.split_once('"').expect("the end of a path");
        if rest.starts_with(", path)") {
            prefix = path;
            continue;
        }
        for method in ["post", "put", "delete", "patch"] {
            if rest.contains(&format!("{method}()")) {
                declared.insert(format!("{} {above}{path}", method.to_uppercase()));
            }
        }
    }
    let ruled: BTreeSet<String> = rules().iter().map(|rule| rule.route.to_owned()).collect();
    assert_eq!(declared, ruled);
}
