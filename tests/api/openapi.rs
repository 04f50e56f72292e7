//! The OpenAPI document against the API. Besides, `support/document.rs` checks every response of
//! every test.

use std::collections::BTreeSet;
use std::fs;

use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

use crate::support::Engine::*;
use crate::support::document::{DOCUMENT, Operation, operations, validator};
use crate::support::{Engine, TestApp};

#[actix_web::test]
async fn document_is_served() {
    let app = TestApp::start(Sqlite).await;
    let response = app.anonymous().get("/api/openapi.json").await.assert(200, DOCUMENT.clone());
    assert_eq!(response.header("Content-Type"), "application/json; charset=utf-8");
    assert_eq!(DOCUMENT["info"]["version"], env!("CARGO_PKG_VERSION"));
}

#[test]
fn document_lists_exactly_the_routes() {
    let documented: BTreeSet<String> =
        operations().map(|Operation { method, path, .. }| format!("{method} {path}")).collect();
    assert_eq!(documented, routes());
}

/// Methods and paths below `/api` in `routes.rs`.
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
fn references_in_the_document_resolve() {
    let text = DOCUMENT.to_string();
    let references = text.split("\"$ref\":\"#").skip(1).map(|rest| rest.split('"').next().expect("the end"));
    let unresolved: BTreeSet<&str> = references.filter(|reference| DOCUMENT.pointer(reference).is_none()).collect();
    assert_eq!(unresolved, BTreeSet::new());
}

#[rstest]
#[actix_web::test]
async fn documented_operation_is_routed(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    for operation in operations() {
        let response = amy.send(method(&operation), &operation.path_with("1"), None).await;
        let error = response.text();
        assert!(!error.contains("route") && response.status.as_u16() != 405, "{}: {error}", response.request);
    }
}

#[rstest]
#[actix_web::test]
async fn token_is_required_where_documented(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    for operation in operations() {
        let response = app.anonymous().send(method(&operation), &operation.path_with("1"), None).await;
        assert_eq!(
            response.text().contains("is missing"),
            !operation.is_public(),
            "{}: {}",
            response.request,
            response.text()
        );
        assert_eq!(operation.is_public(), operation.path == "/users/login" || !operation.statuses().contains(&401));
    }
}

#[rstest]
#[actix_web::test]
async fn documented_required_fields_are_required(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    amy.publish("1").await;
    for operation in operations() {
        let Some(body) = operation.spec.pointer("/requestBody/content/application~1json/schema") else { continue };
        let envelope = resolve(body);
        let key = envelope["required"][0].as_str().expect("one key");
        let fields = resolve(&envelope["properties"][key]);
        let required: Vec<&str> =
            fields["required"].as_array().into_iter().flatten().map(|field| field.as_str().unwrap()).collect();

        let path = operation.path_with("1");
        let send = |body: Value| amy.send(method(&operation), &path, Some(body.to_string().into_bytes()));
        send(json!({})).await.assert_error(422, key, "can't be blank");
        let response = send(json!({key: {}})).await;
        if required.is_empty() {
            response.assert_status(200);
        } else {
            let errors = response.assert_status(422).at("/errors").as_object().unwrap().clone();
            assert_eq!(errors.keys().collect::<BTreeSet<_>>().len(), required.len(), "{errors:?}");
            assert!(required.iter().all(|field| errors[*field] == json!(["can't be blank"])), "{errors:?}");
        }
    }
}

#[rstest]
#[actix_web::test]
async fn example_requests_are_accepted(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let anonymous = app.anonymous();
    anonymous.post("/api/users", json!({"user": example("NewUser")})).await.assert_status(201);
    let log_in = async || {
        let response = anonymous.post("/api/users/login", json!({"user": example("LoginUser")})).await;
        anonymous.with_token(&response.assert_status(200).text_at("/user/token"))
    };
    log_in().await.put("/api/user", json!({"user": example("UpdateUser")})).await.assert_status(200);
    let jake = log_in().await;
    jake.post("/api/articles", json!({"article": example("NewArticle")})).await.assert_status(201);
    let path = "/api/articles/how-to-train-your-dragon";
    jake.put(path, json!({"article": example("UpdateArticle")})).await.assert_status(200);
    jake.post(&format!("{path}/comments"), json!({"comment": example("NewComment")})).await.assert_status(201);
}

/// Body that Swagger UI builds from the examples of the fields.
fn example(schema: &str) -> Value {
    let properties = DOCUMENT["components"]["schemas"][schema]["properties"].as_object().expect("properties");
    let of = |schema: &Value| match schema.get("items") {
        Some(items) => json!([items["examples"][0]]),
        None => schema["examples"][0].clone(),
    };
    properties.iter().map(|(name, schema)| (name.clone(), of(schema))).collect()
}

#[test]
fn examples_of_schemas_are_valid() {
    let schemas = DOCUMENT["components"]["schemas"].as_object().expect("schemas");
    let mut with_examples = BTreeSet::new();
    for (name, schema) in schemas {
        for example in schema["examples"].as_array().into_iter().flatten() {
            let error = validator(schema).validate(example).err().map(|error| error.to_string());
            assert_eq!(error, None, "{name}");
            with_examples.insert(name.as_str());
        }
    }
    assert_eq!(with_examples, BTreeSet::from(["Article", "Comment", "ListedArticle", "Profile", "User"]));
}

fn method(operation: &Operation) -> Method {
    operation.method.parse().expect("a method")
}

fn resolve(schema: &Value) -> &Value {
    let reference = schema["$ref"].as_str().expect("a reference");
    DOCUMENT.pointer(&reference[1..]).expect("what is referred to")
}
