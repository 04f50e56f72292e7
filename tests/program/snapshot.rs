//! Snapshot of the GET responses of a server. Two servers with the same data return the same bytes.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::support::Client;

/// Bodies by path.
pub type Snapshot = BTreeMap<String, Vec<u8>>;

/// Fetches lists at these offsets, and the paths that their first articles lead to.
pub async fn fetch(client: &Client, offsets: &[usize]) -> Snapshot {
    let mut snapshot = Snapshot::new();
    let mut paths: Vec<String> = ["/api/tags", "/api/user", "/api/articles/feed?limit=5"].map(String::from).into();
    for offset in offsets {
        let path = format!("/api/articles?limit=10&offset={offset}");
        let list = client.get(&path).await.assert_status(200);
        for article in list.list_at("/articles").iter().take(3) {
            paths.extend(related_paths(article));
        }
        snapshot.insert(path, list.bytes);
    }
    for path in paths {
        snapshot.insert(path.clone(), client.get(&path).await.bytes);
    }
    snapshot
}

fn related_paths(article: &Value) -> Vec<String> {
    let (slug, author) =
        (article["slug"].as_str().expect("a slug"), article["author"]["username"].as_str().expect("a username"));
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

/// Asserts that two snapshots are equal, and names the first path that differs.
#[track_caller]
pub fn assert_equal(one: &Snapshot, other: &Snapshot) {
    assert!(one.keys().eq(other.keys()), "they have different paths: {:?} {:?}", one.keys(), other.keys());
    for (path, body) in one {
        let [one, other] = [body, &other[path]].map(|bytes| String::from_utf8_lossy(bytes));
        assert_eq!(one, other, "{path}");
    }
}
