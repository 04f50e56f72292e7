//! Bodies of requests: valid, but for what a test changes.

use serde_json::{Value, json};

/// What counts as blank.
pub const BLANKS: [&str; 4] = ["", " ", "\t\r\n", "\u{3000}\u{a0}"];

/// Amy's registration with these fields in place of its own.
pub fn registration(fields: Value) -> Value {
    let user = json!({"username": "amy", "email": "amy@example.com", "password": "amy's password"});
    json!({"user": with(user, fields)})
}

/// An article about dragons with these fields in place of its own.
pub fn draft(fields: Value) -> Value {
    let article = json!({"title": "Dragons", "description": "About Dragons", "body": "Body of Dragons"});
    json!({"article": with(article, fields)})
}

/// A change of an article.
pub fn article(fields: Value) -> Value {
    json!({ "article": fields })
}

/// A change of one's account.
pub fn user(fields: Value) -> Value {
    json!({ "user": fields })
}

/// A comment.
pub fn comment(body: &str) -> Value {
    json!({"comment": {"body": body}})
}

/// The same JSON with these fields in place of its own.
pub fn with(mut object: Value, fields: Value) -> Value {
    let (Value::Object(own), Value::Object(fields)) = (&mut object, fields) else { panic!("fields stand in objects") };
    own.extend(fields);
    object
}

/// The same JSON without a field.
pub fn without(mut object: Value, field: &str) -> Value {
    object.as_object_mut().and_then(|fields| fields.remove(field)).unwrap_or_else(|| panic!("no {field} to remove"));
    object
}
