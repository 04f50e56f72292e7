//! Requests with an `Idempotency-Key`.

use super::user::Identity;
use super::values::IdempotencyKey;

/// Digest of everything that makes two requests equal, opaque to the domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fingerprint(String);

impl Fingerprint {
    pub fn new(digest: String) -> Self {
        Self(digest)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyedRequest {
    /// Keys of different users are independent.
    pub identity: Identity,
    pub key: IdempotencyKey,
    pub fingerprint: Fingerprint,
}

/// Response of a successful request, to be replayed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredResponse {
    pub status: u16,
    pub body: String,
}

/// How the work of a request ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Completion {
    /// Its writes must be undone.
    Failed,
    Succeeded(StoredResponse),
    /// The request is safe to repeat and its response too large to store.
    SucceededWithoutStoring,
}

/// What is stored under a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// Nothing: the request may run.
    Free,
    /// Another instance runs a request with this key.
    InFlight,
    /// A request with this key has succeeded.
    Completed { fingerprint: Fingerprint, response: StoredResponse },
}

/// What became of a request with a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It ran now, and its work has produced the response.
    Executed,
    /// It ran before, with this response.
    Replayed(StoredResponse),
    InFlight,
    /// The key belongs to a different request.
    KeyReused,
}
