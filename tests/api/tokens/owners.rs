//! Ownership: every route that writes, called by an anonymous client, by the owner and by another
//! user.

use std::collections::BTreeSet;

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::Engine::*;
use crate::support::fixtures::new_article;
use crate::support::{Engine, TestApp};

/// A route that writes, with the expected statuses: amy is the owner, bob another user.
struct Rule {
    route: &'static str,
    path: &'static str,
    body: fn() -> Value,
    anonymous: u16,
    other: u16,
    /// Path below another parent or of an unknown resource, which is not found for the owner.
    unknown_path: Option<&'static str>,
    owner: u16,
}

fn no_fields() -> Value {
    json!({})
}

const fn rule(
    route: &'static str,
    path: &'static str,
    body: fn() -> Value,
    [anonymous, other, owner]: [u16; 3],
) -> Rule {
    Rule { route, path, body, anonymous, other, unknown_path: None, owner }
}

impl Rule {
    const fn not_found_at(mut self, path: &'static str) -> Self {
        self.unknown_path = Some(path);
        self
    }
}

/// Rules in an order in which every resource exists until its own rule deletes it. Amy's comment on
/// `dragons` has the id 1.
fn rules() -> Vec<Rule> {
    let credentials = || json!({"user": {"email": "amy@example.com", "password": "amy's password"}});
    let invalid = || json!({"user": {"username": ""}});
    let bio = || json!({"user": {"bio": "I"}});
    let body = || json!({"article": {"body": "mine"}});
    let comment = || json!({"comment": {"body": "Mine"}});
    let unicorns = || new_article(json!({"title": "Unicorns"}));
    let delete_comment = "DELETE /api/articles/{slug}/comments/{id}";
    vec![
        rule("POST /api/users", "/api/users", invalid, [422, 422, 422]),
        rule("POST /api/users/login", "/api/users/login", credentials, [200, 200, 200]),
        rule("PUT /api/user", "/api/user", bio, [401, 200, 200]),
        rule("POST /api/articles", "/api/articles", unicorns, [401, 201, 201]),
        rule("POST /api/profiles/{username}/follow", "/api/profiles/cat/follow", no_fields, [401, 200, 200])
            .not_found_at("/api/profiles/unknown/follow"),
        rule("DELETE /api/profiles/{username}/follow", "/api/profiles/cat/follow", no_fields, [401, 200, 200])
            .not_found_at("/api/profiles/unknown/follow"),
        rule("POST /api/articles/{slug}/favorite", "/api/articles/dragons/favorite", no_fields, [401, 200, 200])
            .not_found_at("/api/articles/nothing/favorite"),
        rule("DELETE /api/articles/{slug}/favorite", "/api/articles/dragons/favorite", no_fields, [401, 200, 200])
            .not_found_at("/api/articles/nothing/favorite"),
        rule("POST /api/articles/{slug}/comments", "/api/articles/dragons/comments", comment, [401, 201, 201])
            .not_found_at("/api/articles/nothing/comments"),
        rule(delete_comment, "/api/articles/dragons/comments/1", no_fields, [401, 403, 204])
            .not_found_at("/api/articles/unicorns/comments/1"),
        rule("PUT /api/articles/{slug}", "/api/articles/dragons", body, [401, 403, 200])
            .not_found_at("/api/articles/nothing"),
        rule("DELETE /api/articles/{slug}", "/api/articles/dragons", no_fields, [401, 403, 204])
            .not_found_at("/api/articles/nothing"),
    ]
}

/// ASVS 5.0 V8.2.2: a user cannot change the resources of another. The owner comes last, so that a
/// change by another user would show.
#[rstest]
#[actix_web::test]
async fn only_the_owner_changes_a_resource(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (amy, bob, _cat) = (app.user("amy").await, app.user("bob").await, app.user("cat").await);
    amy.publish("Dragons").await;
    assert_eq!(amy.comment("dragons", "Mine").await, 1);

    for Rule { route, path, body, anonymous, other, unknown_path, owner } in rules() {
        let (method, _) = route.split_once(' ').expect("a method and a path");
        let (endpoint, body) = (format!("{method} {path}"), body().to_string());
        app.anonymous().call(&endpoint, body.as_str()).await.assert_status(anonymous);
        bob.call(&endpoint, body.as_str()).await.assert_status(other);
        if let Some(path) = unknown_path {
            amy.call(&format!("{method} {path}"), body.as_str()).await.assert_status(404);
        }
        amy.call(&endpoint, body.as_str()).await.assert_status(owner);
    }

    // Bob's changes reached only bob's account.
    amy.get("/api/user").await.assert_at("/user/bio", "I").assert_at("/user/email", "amy@example.com");
    bob.get("/api/user").await.assert_at("/user/bio", "I").assert_at("/user/email", "bob@example.com");
}

#[test]
fn table_lists_every_route_that_writes() {
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
