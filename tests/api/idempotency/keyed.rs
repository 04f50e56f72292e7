//! Asking with an `Idempotency-Key`.

use crate::support::{Client, Reply};

impl Client {
    /// Asks what a line such as `POST /api/articles` says, with this header and body.
    pub async fn ask_with_key(&self, key: &str, line: &str, body: impl ToString) -> Reply {
        let (method, path) = line.split_once(' ').expect("a method and a path");
        let request = self.request(method.parse().expect("a method"), path).header("Idempotency-Key", key);
        let token = self.token.iter().map(|token| format!("Token {token}"));
        let request = token.fold(request, |request, token| request.header("Authorization", token));
        Reply::of(request.header("Content-Type", "application/json").body(body.to_string())).await
    }
}

impl Reply {
    /// Asserts that this is that answer told again.
    #[track_caller]
    pub fn repeats(&self, first: &Self) {
        assert_eq!((self.code, self.text()), (first.code, first.text()), "{}", self.asked);
        assert_eq!(self.header("Content-Type"), first.header("Content-Type"));
        assert_eq!((first.header("Idempotent-Replayed"), self.header("Idempotent-Replayed")), ("", "true"));
    }
}
