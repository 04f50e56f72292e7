//! Asking in one line, where the method matters as much as the path.

use crate::support::{Client, Reply};

impl Client {
    /// Asks what a line such as `PUT /api/user` says, with these bytes as body.
    pub async fn ask(&self, line: &str, body: impl Into<Vec<u8>>) -> Reply {
        let (method, path) = line.split_once(' ').expect("a method and a path");
        self.send(method.parse().expect("a method"), path, Some(body.into())).await
    }
}
