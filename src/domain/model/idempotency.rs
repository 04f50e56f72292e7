//! Requests that may come twice and are carried out once.

use super::{user::Identity, values::IdempotencyKey};

/// A digest of all that makes a request the same request, opaque to the domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fingerprint(String);

impl Fingerprint {
    /// Takes a digest in text.
    pub fn new(digest: String) -> Self {
        Self(digest)
    }

    /// The digest, for the store.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A request with the key by which its repetitions are known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyedRequest {
    /// Who asks. Keys of different users never meet.
    pub identity: Identity,
    /// The key, chosen by the client.
    pub key: IdempotencyKey,
    /// What is asked.
    pub fingerprint: Fingerprint,
}

/// A success, as whoever asked for the work will tell it again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredResponse {
    /// Its status.
    pub status: u16,
    /// Its body.
    pub body: String,
}

/// What came of work that was to be done once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Completion {
    /// It failed: nothing that it did is to stand.
    Failed,
    /// It succeeded, with this answer to be told again.
    Succeeded(StoredResponse),
    /// It succeeded, may be done again without harm, and its answer would take too much room.
    SucceededAtLength,
}

/// What stands under a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// Nothing: the request may be carried out.
    Free,
    /// Another instance carries out a request with this key.
    InFlight,
    /// A request was carried out.
    Kept {
        /// Which it was.
        fingerprint: Fingerprint,
        /// What was answered.
        answer: StoredResponse,
    },
}

/// What became of a request with a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was carried out, or failed without a trace: the answer is the work's own.
    Answered,
    /// It was carried out before; this was the answer.
    Replayed(StoredResponse),
    /// It is being carried out.
    InFlight,
    /// Its key belongs to another request.
    Mismatched,
}
