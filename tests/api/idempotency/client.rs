//! Requests with an `Idempotency-Key`.

use crate::support::{Client, Response};

impl Client {
    /// Sends a request to an endpoint such as `POST /api/articles`, with this key and this body.
    pub async fn call_with_key(&self, key: &str, endpoint: &str, body: impl ToString) -> Response {
        let (method, path) = endpoint.split_once(' ').expect("a method and a path");
        let request = self.request(method.parse().expect("a method"), path).header("Idempotency-Key", key);
        Response::fetch(request.header("Content-Type", "application/json").body(body.to_string())).await
    }
}

impl Response {
    /// Asserts that this response is a replay of that one.
    #[track_caller]
    pub fn assert_replays(&self, first: &Self) {
        assert_eq!((self.status, self.text()), (first.status, first.text()), "{}", self.request);
        assert_eq!(self.header("Content-Type"), first.header("Content-Type"));
        assert_eq!((first.header("Idempotent-Replayed"), self.header("Idempotent-Replayed")), ("", "true"));
    }
}
