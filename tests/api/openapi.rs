//! The API's document against the API. Beside these tests, every answer in any other test is held to it: see
//! `support/document.rs`.

use std::{collections::BTreeSet, fs};

use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{
    Engine,
    Engine::*,
    TestApp,
    document::{DOCUMENT, Operation, operations, validator},
};

#[actix_web::test]
async fn the_document_is_served() {
    let app = TestApp::start(Sqlite).await;
    let reply = app.anon().get("/api/openapi.json").await.is(200, DOCUMENT.clone());
    assert_eq!(reply.header("Content-Type"), "application/json; charset=utf-8");
    assert_eq!(DOCUMENT["info"]["version"], env!("CARGO_PKG_VERSION"));
}

#[test]
fn every_route_is_in_the_document_and_nothing_else() {
    let documented: BTreeSet<String> =
        operations().map(|Operation { method, path, .. }| format!("{method} {path}")).collect();
    assert_eq!(documented, routes());
}

/// The methods and paths below `/api` that the functions of `routes.rs` lay.
fn routes() -> BTreeSet<String> {
    let source = fs::read_to_string("src/adapters/http/routes.rs").unwrap().replace("at(API, \"", "at(\"");
    let mut routes = BTreeSet::new();
    for function in source.split("\nfn ").filter(|text| text.contains("(config: &mut ServiceConfig) {")) {
        let prefix = function.split_once("|path| at(\"/api").map_or("", |(_, rest)| text_before_quote(rest));
        for resource in function.split("at(\"").skip(1) {
            let path = text_before_quote(resource);
            for method in ["get", "post", "put", "delete", "patch", "head"] {
                if resource.contains(&format!("route({method}()")) {
                    routes.insert(format!("{} {prefix}{path}", method.to_uppercase()));
                }
            }
        }
    }
    routes
}

fn text_before_quote(text: &str) -> &str {
    text.split('"').next().expect("a text")
}

#[test]
fn what_the_document_refers_to_is_there() {
    let text = DOCUMENT.to_string();
    let references = text.split("\"$ref\":\"#").skip(1).map(|rest| rest.split('"').next().expect("the end"));
    let dangling: BTreeSet<&str> = references.filter(|reference| DOCUMENT.pointer(reference).is_none()).collect();
    assert_eq!(dangling, BTreeSet::new());
}

#[rstest]
#[actix_web::test]
async fn every_operation_of_the_document_is_answered(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    for operation in operations() {
        let reply = amy.send(method(&operation), &operation.path_with("1"), None).await;
        let error = reply.text();
        assert!(!error.contains("route") && reply.code.as_u16() != 405, "{}: {error}", reply.asked);
    }
}

#[rstest]
#[actix_web::test]
async fn a_token_is_wanted_where_the_document_says_so(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    for operation in operations() {
        let reply = app.anon().send(method(&operation), &operation.path_with("1"), None).await;
        assert_eq!(reply.text().contains("is missing"), !operation.is_public(), "{}: {}", reply.asked, reply.text());
        assert_eq!(operation.is_public(), operation.path == "/users/login" || !operation.statuses().contains(&401));
    }
}

#[rstest]
#[actix_web::test]
async fn what_the_document_requires_is_missed(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    amy.publishes("1").await;
    for operation in operations() {
        let Some(body) = operation.spec.pointer("/requestBody/content/application~1json/schema") else { continue };
        let envelope = resolve(body);
        let key = envelope["required"][0].as_str().expect("one key");
        let fields = resolve(&envelope["properties"][key]);
        let required: Vec<&str> =
            fields["required"].as_array().into_iter().flatten().map(|field| field.as_str().unwrap()).collect();

        let path = operation.path_with("1");
        let ask = |body: Value| amy.send(method(&operation), &path, Some(body.to_string().into_bytes()));
        ask(json!({})).await.is_error(422, key, "can't be blank");
        let reply = ask(json!({key: {}})).await;
        if required.is_empty() {
            reply.status(200);
        } else {
            let missed = reply.status(422).at("/errors").as_object().unwrap().clone();
            assert_eq!(missed.keys().collect::<BTreeSet<_>>().len(), required.len(), "{missed:?}");
            assert!(required.iter().all(|field| missed[*field] == json!(["can't be blank"])), "{missed:?}");
        }
    }
}

#[rstest]
#[actix_web::test]
async fn what_the_document_shows_as_example_is_accepted(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    for (request, method, path, status) in [
        ("NewUser", Method::POST, "/api/users", 201),
        ("LoginUser", Method::POST, "/api/users/login", 200),
        ("UpdateUser", Method::PUT, "/api/user", 200),
        ("NewArticle", Method::POST, "/api/articles", 201),
        ("UpdateArticle", Method::PUT, "/api/articles/how-to-train-your-dragon", 200),
        ("NewComment", Method::POST, "/api/articles/how-to-train-your-dragon/comments", 201),
    ] {
        let jake = match request {
            "NewUser" | "LoginUser" => app.anon(),
            _ => {
                let user = json!({"user": example("LoginUser")});
                let token = app.anon().post("/api/users/login", user).await.text_at("/user/token");
                app.anon().with_token(&token)
            }
        };
        let key = path.split('/').nth(2).unwrap();
        let key = if path.ends_with("comments") { "comment" } else { key.trim_end_matches('s') };
        jake.send(method, path, Some(json!({key: example(request)}).to_string().into_bytes())).await.status(status);
    }
}

/// What Swagger UI makes of the examples of the fields.
fn example(schema: &str) -> Value {
    let properties = DOCUMENT["components"]["schemas"][schema]["properties"].as_object().expect("properties");
    let of = |schema: &Value| match schema.get("items") {
        Some(items) => json!([items["examples"][0]]),
        None => schema["examples"][0].clone(),
    };
    properties.iter().map(|(name, schema)| (name.clone(), of(schema))).collect()
}

#[test]
fn what_the_document_shows_of_answers_fits_their_schemas() {
    let schemas = DOCUMENT["components"]["schemas"].as_object().expect("schemas");
    let mut examples = 0;
    for (name, schema) in schemas {
        for example in schema["examples"].as_array().into_iter().flatten() {
            let error = validator(schema).validate(example).err().map(|error| error.to_string());
            assert_eq!(error, None, "{name}");
            examples += 1;
        }
    }
    assert_eq!(examples, 5);
}

fn method(operation: &Operation) -> Method {
    operation.method.parse().expect("a method")
}

fn resolve(schema: &Value) -> &Value {
    let reference = schema["$ref"].as_str().expect("a reference");
    DOCUMENT.pointer(&reference[1..]).expect("what is referred to")
}
