//! What a server answers to every kind of GET: two that keep the same say the same, byte by byte.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{
    process::Program,
    support::{Client, Database},
};

/// The program on a database, signing with a key that others have too.
pub fn program(database: &Database) -> Program {
    Program::on(database).with("JWT_SECRET", &"0123456789abcdef".repeat(4))
}

/// The answers to every GET, by path: lists from these places on, and all that their first articles lead to.
pub async fn answers(client: &Client, offsets: &[usize]) -> BTreeMap<String, Vec<u8>> {
    let mut answers = BTreeMap::new();
    let mut paths: Vec<String> = ["/api/tags", "/api/user", "/api/articles/feed?limit=5"].map(String::from).into();
    for offset in offsets {
        let path = format!("/api/articles?limit=10&offset={offset}");
        let list = client.get(&path).await.assert_status(200);
        for article in list.at("/articles").as_array().expect("articles").iter().take(3) {
            paths.extend(around(article));
        }
        answers.insert(path, list.bytes);
    }
    for path in paths {
        answers.insert(path.clone(), client.get(&path).await.bytes);
    }
    answers
}

/// Everything that an article in a list leads to.
fn around(article: &Value) -> Vec<String> {
    let (slug, author) =
        (article["slug"].as_str().expect("a slug"), article["author"]["username"].as_str().expect("a name"));
    let tags = article["tagList"].as_array().expect("tags").iter().take(1).filter_map(Value::as_str);
    let mut paths = vec![
        format!("/api/articles/{slug}"),
        format!("/api/articles/{slug}/comments"),
        format!("/api/profiles/{author}"),
        format!("/api/articles?author={author}&limit=3"),
        format!("/api/articles?favorited={author}&limit=3&offset=1"),
    ];
    paths.extend(tags.map(|tag| format!("/api/articles?tag={tag}&limit=3")));
    paths
}

/// Asserts that two servers answer the same, and names the first path where they do not.
#[track_caller]
pub fn assert_same(one: &BTreeMap<String, Vec<u8>>, other: &BTreeMap<String, Vec<u8>>) {
    assert!(one.keys().eq(other.keys()), "they lead to other paths: {:?} {:?}", one.keys(), other.keys());
    for (path, answer) in one {
        let [one, other] = [answer, &other[path]].map(|bytes| String::from_utf8_lossy(bytes));
        assert_eq!(one, other, "{path}");
    }
}
