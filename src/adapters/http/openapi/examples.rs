//! What answers look like, for readers of the document.

use serde_json::{Value, json};

/// One's own account.
pub fn user() -> Value {
    json!({
        "email": "jake@example.com",
        "token": "jwt.token.here",
        "username": "jake",
        "bio": "I work at statefarm",
        "image": null,
    })
}

/// A user as others see one.
pub fn profile() -> Value {
    json!({"username": "jake", "bio": "I work at statefarm", "image": "https://example.com/jake.jpg", "following": true})
}

/// An article.
pub fn article() -> Value {
    json!({
        "slug": "how-to-train-your-dragon",
        "title": "How to train your dragon",
        "description": "Ever wonder how?",
        "body": "Very carefully.",
        "tagList": ["dragons", "training"],
        "createdAt": "2026-02-18T03:22:56.637Z",
        "updatedAt": "2026-02-18T03:48:35.824Z",
        "favorited": false,
        "favoritesCount": 1,
        "author": profile(),
    })
}

/// An article without its body.
pub fn listed_article() -> Value {
    let mut article = article();
    if let Value::Object(fields) = &mut article {
        fields.remove("body");
    }
    article
}

/// A comment.
pub fn comment() -> Value {
    json!({
        "id": 1,
        "createdAt": "2026-02-18T03:22:56.637Z",
        "updatedAt": "2026-02-18T03:22:56.637Z",
        "body": "With two hands!",
        "author": profile(),
    })
}

/// The tags in use.
pub fn tags() -> Value {
    json!(["dragons", "training"])
}
