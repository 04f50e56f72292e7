//! OpenAPI document, to which every response in any test must conform.

use std::collections::HashMap;
use std::sync::LazyLock;

use conduit::adapters::http::openapi;
use jsonschema::Validator;
use serde_json::{Value, json};

use super::Response;

pub static DOCUMENT: LazyLock<Value> = LazyLock::new(|| {
    let document = openapi::json().expect("the document can be written");
    serde_json::from_str(&document).expect("the document is JSON")
});

/// Validators of response bodies, by method, path in the document and status. `None` stands for an
/// empty body.
static VALIDATORS: LazyLock<HashMap<(String, String, u16), Option<Validator>>> = LazyLock::new(|| {
    let mut validators = HashMap::new();
    for Operation { method, path, spec } in operations() {
        for (status, response) in spec["responses"].as_object().expect("responses") {
            let schema = response.pointer("/content/application~1json/schema");
            let key = (method.clone(), path.clone(), status.parse().expect("a status"));
            validators.insert(key, schema.map(validator));
        }
    }
    validators
});

#[derive(Clone, Debug)]
pub struct Operation {
    pub method: String,
    /// Path below `/api`, with parameters in braces.
    pub path: String,
    /// The operation's object in the document.
    pub spec: &'static Value,
}

impl Operation {
    /// Whether it can be called without a token.
    pub fn is_public(&self) -> bool {
        self.spec.get("security").is_none_or(|choices| choices.as_array().is_some_and(|all| all.contains(&json!({}))))
    }

    /// Path with this value for every parameter.
    pub fn path_with(&self, value: &str) -> String {
        let parts = self.path.split('/').map(|part| if part.starts_with('{') { value } else { part });
        format!("/api{}", parts.collect::<Vec<_>>().join("/"))
    }

    pub fn statuses(&self) -> Vec<u16> {
        let responses = self.spec["responses"].as_object().expect("responses");
        responses.keys().map(|status| status.parse().expect("a status")).collect()
    }
}

pub fn operations() -> impl Iterator<Item = Operation> {
    let paths = DOCUMENT["paths"].as_object().expect("paths");
    paths.iter().flat_map(|(path, item)| {
        let operations = item.as_object().expect("operations").iter();
        operations.map(move |(method, spec)| Operation { method: method.to_uppercase(), path: path.clone(), spec })
    })
}

/// Validator for a schema in the document, which also rejects properties that the schema does not
/// name.
pub fn validator(schema: &Value) -> Validator {
    let mut whole = json!({"schema": schema, "components": DOCUMENT["components"], "$ref": "#/schema"});
    reject_other_properties(&mut whole);
    jsonschema::options().should_validate_formats(true).build(&whole).expect("a schema")
}

fn reject_other_properties(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            if object.get("properties").is_some_and(Value::is_object) {
                object.insert("additionalProperties".to_owned(), json!(false));
            }
            object.values_mut().for_each(reject_other_properties);
        }
        Value::Array(array) => array.iter_mut().for_each(reject_other_properties),
        _ => {}
    }
}

/// Asserts that a response conforms to the document. Accepts responses that no operation documents:
/// of unknown routes, to unknown methods, and those with status 500, which tests provoke.
#[track_caller]
pub fn assert_conforms(response: &Response) {
    let (method, path) = response.request.split_once(' ').expect("a method and a path");
    let status = response.status.as_u16();
    let Some(operation) = operation_of(method, path).filter(|_| status != 500) else { return };
    let Some(validator) = VALIDATORS.get(&(operation.method, operation.path, status)) else {
        panic!("{status} is not documented for {}: {}", response.request, response.text());
    };
    let Some(validator) = validator else {
        assert!(response.bytes.is_empty(), "no body is documented for {}: {}", response.request, response.text());
        return;
    };
    assert_eq!(response.header("Content-Type"), "application/json; charset=utf-8", "{}", response.request);
    if let Err(error) = validator.validate(&response.json()) {
        panic!("{status} of {} does not conform, {error}: {}", response.request, response.text());
    }
}

/// Operation of a request, if it is documented. A literal segment of a path takes precedence over a
/// parameter.
fn operation_of(method: &str, path: &str) -> Option<Operation> {
    let parts: Vec<&str> = path.strip_prefix("/api")?.split('/').collect();
    let matches = |operation: &Operation| {
        let pattern: Vec<&str> = operation.path.split('/').collect();
        let fits = |(pattern, part): (&&str, &&str)| pattern == part || (pattern.starts_with('{') && !part.is_empty());
        pattern.len() == parts.len() && pattern.iter().zip(&parts).all(fits)
    };
    let parameters = |operation: &Operation| operation.path.matches('{').count();
    let path = operations().filter(matches).min_by_key(parameters)?.path;
    operations().find(|operation| operation.path == path && operation.method == method)
}
