//! JSON of requests and responses with defaults: a test states only the fields that it concerns.
//!
//! Request bodies have their envelope. Shapes of responses have none, so that they nest.

use serde_json::{Value, json};

/// Strings that count as blank.
pub const BLANKS: [&str; 4] = ["", " ", "\t\r\n", "\u{3000}\u{a0}"];

/// Body of amy's registration.
pub fn registration(fields: Value) -> Value {
    let user = json!({"username": "amy", "email": "amy@example.com", "password": "amy's password"});
    json!({"user": with(user, fields)})
}

/// Body that creates an article about dragons.
pub fn new_article(fields: Value) -> Value {
    let article = json!({"title": "Dragons", "description": "About Dragons", "body": "Body of Dragons"});
    json!({"article": with(article, fields)})
}

/// Optional fields of a user, as a new account has them.
fn about() -> Value {
    json!({"bio": null, "image": null})
}

/// Amy's account, without the token.
pub fn user(fields: Value) -> Value {
    with(with(about(), json!({"username": "amy", "email": "amy@example.com"})), fields)
}

/// Amy's profile, for a reader who does not follow her.
pub fn profile(fields: Value) -> Value {
    with(with(about(), json!({"username": "amy", "following": false})), fields)
}

/// Article that amy created with [`new_article`], at this time.
pub fn article(created_at: &str, fields: Value) -> Value {
    let article = json!({
        "slug": "dragons", "title": "Dragons", "description": "About Dragons", "body": "Body of Dragons",
        "tagList": [], "createdAt": created_at, "updatedAt": created_at, "favorited": false, "favoritesCount": 0,
        "author": profile(json!({})),
    });
    with(article, fields)
}

/// Comment that amy created at this time.
pub fn comment(id: &Value, created_at: &str, fields: Value) -> Value {
    let (dates, author) = (json!({"createdAt": created_at, "updatedAt": created_at}), profile(json!({})));
    with(with(dates, json!({"id": id, "body": "Mine", "author": author})), fields)
}

/// The object with these fields added or replaced.
pub fn with(mut object: Value, fields: Value) -> Value {
    let (Value::Object(own), Value::Object(fields)) = (&mut object, fields) else { panic!("fields stand in objects") };
    own.extend(fields);
    object
}

/// The object without a field.
pub fn without(mut object: Value, field: &str) -> Value {
    object.as_object_mut().and_then(|fields| fields.remove(field)).unwrap_or_else(|| panic!("no {field} to remove"));
    object
}
