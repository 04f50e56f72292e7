//! The API's document, to which every answer in any test is held.

use std::{collections::HashMap, sync::LazyLock};

use conduit::adapters::http::openapi;
use jsonschema::Validator;
use serde_json::{Value, json};

use super::Reply;

/// The document as it is served.
pub static DOCUMENT: LazyLock<Value> = LazyLock::new(|| {
    let document = openapi::json().expect("the document can be written");
    serde_json::from_str(&document).expect("the document is JSON")
});

/// What validates the body of an answer, by method, path of the document and status.
static VALIDATORS: LazyLock<HashMap<(String, String, u16), Option<Validator>>> = LazyLock::new(|| {
    let answers = operations().flat_map(|operation| {
        let responses = operation.spec["responses"].as_object().expect("responses");
        let validators = responses.iter().map(|(status, response)| {
            let schema = response.pointer("/content/application~1json/schema");
            (status.parse().expect("a status"), schema.map(validator))
        });
        let validators: Vec<_> = validators.collect();
        validators
            .into_iter()
            .map(move |(status, body)| ((operation.method.clone(), operation.path.clone(), status), body))
    });
    answers.collect()
});

/// An operation of the document.
#[derive(Clone, Debug)]
pub struct Operation {
    /// In capital letters.
    pub method: String,
    /// Its path below `/api`, with names in braces.
    pub path: String,
    /// What the document says of it.
    pub spec: &'static Value,
}

impl Operation {
    /// Whether it can be asked without a token.
    pub fn is_public(&self) -> bool {
        self.spec.get("security").is_none_or(|choices| choices.as_array().is_some_and(|all| all.contains(&json!({}))))
    }

    /// The path of a request with this in the place of every name.
    pub fn path_with(&self, value: &str) -> String {
        let parts = self.path.split('/').map(|part| if part.starts_with('{') { value } else { part });
        format!("/api{}", parts.collect::<Vec<_>>().join("/"))
    }

    /// The statuses that the document knows.
    pub fn statuses(&self) -> Vec<u16> {
        let responses = self.spec["responses"].as_object().expect("responses");
        responses.keys().map(|status| status.parse().expect("a status")).collect()
    }
}

/// All operations of the document.
pub fn operations() -> impl Iterator<Item = Operation> {
    let paths = DOCUMENT["paths"].as_object().expect("paths");
    paths.iter().flat_map(|(path, item)| {
        let operations = item.as_object().expect("operations").iter();
        operations.map(move |(method, spec)| Operation { method: method.to_uppercase(), path: path.clone(), spec })
    })
}

/// A validator for a schema in the document. Answers hold what the document names and nothing else.
pub fn validator(schema: &Value) -> Validator {
    let mut whole = json!({"schema": schema, "components": DOCUMENT["components"], "$ref": "#/schema"});
    close(&mut whole);
    jsonschema::options().should_validate_formats(true).build(&whole).expect("a schema")
}

fn close(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            if object.get("properties").is_some_and(Value::is_object) {
                object.insert("additionalProperties".to_owned(), json!(false));
            }
            object.values_mut().for_each(close);
        }
        Value::Array(array) => array.iter_mut().for_each(close),
        _ => {}
    }
}

/// Fails when an answer is not as the document says. What the document does not know are routes and methods that there
/// are not, and defects, which tests provoke.
#[track_caller]
pub fn hold_to_it(reply: &Reply) {
    let (method, path) = reply.asked.split_once(' ').expect("a method and a path");
    let status = reply.code.as_u16();
    let Some(operation) = operation_of(method, path).filter(|_| status != 500) else { return };
    let Some(validator) = VALIDATORS.get(&(operation.method, operation.path, status)) else {
        panic!("the document does not know that {} answers {status}: {}", reply.asked, reply.text());
    };
    let Some(validator) = validator else {
        assert!(reply.bytes.is_empty(), "the document knows no body of {}: {}", reply.asked, reply.text());
        return;
    };
    assert_eq!(reply.header("Content-Type"), "application/json; charset=utf-8", "{}", reply.asked);
    if let Err(error) = validator.validate(&reply.json()) {
        panic!("{} answers {status} other than the document says, {error}: {}", reply.asked, reply.text());
    }
}

/// The operation of a request, if the path knows the method: a word of a path goes before a name.
fn operation_of(method: &str, path: &str) -> Option<Operation> {
    let parts: Vec<&str> = path.strip_prefix("/api")?.split('/').collect();
    let fits = |operation: &Operation| {
        let pattern: Vec<&str> = operation.path.split('/').collect();
        let fit = |(pattern, part): (&&str, &&str)| pattern == part || (pattern.starts_with('{') && !part.is_empty());
        pattern.len() == parts.len() && pattern.iter().zip(&parts).all(fit)
    };
    let names = |operation: &Operation| operation.path.matches('{').count();
    let path = operations().filter(fits).min_by_key(names)?.path;
    operations().find(|operation| operation.path == path && operation.method == method)
}
