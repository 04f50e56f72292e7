//! JSON Web Tokens (RFC 7519), signed with HMAC-SHA-256 only. They carry no personal data.
//!
//! `jsonwebtoken` verifies signature, issuer and audience. Expiry is checked here, against the time
//! of the [`Clock`](crate::ports::clock::Clock).
//!
//! The current key signs. The current and the previous key verify, selected by the token's `kid`,
//! so that a key can be rotated without logging users out.

mod hmac;

use std::time::Duration;

use chrono::{DateTime, Utc};
use jsonwebtoken::crypto::sign;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, decode_header, encode};
use quick_cache::sync::Cache;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use crate::domain::model::user::{CredentialVersion, Identity};
use crate::domain::model::values::{SessionId, UserId};
use crate::ports::security::{SecurityError, Token, Tokens};

/// Both issuer and audience.
const ISSUER: &str = "conduit";

/// Tokens of this service are shorter; longer ones are rejected without decoding.
const MAX_LENGTH: usize = 1024;

/// A key's id is the beginning of its signature of this text. No token's signing input contains a
/// space, so the id is never part of a token's signature. Another text would invalidate all tokens.
const KEY_ID_INPUT: &[u8] = b"the name of this key";

/// 72 bits in Base64: enough to distinguish keys.
const KEY_ID_LENGTH: usize = 12;

#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: String,
    iat: i64,
    exp: i64,
    sid: String,
    #[serde(rename = "generation")]
    credential_version: i64,
}

/// Each entry takes about 300 bytes.
const CACHE_CAPACITY: usize = 10_000;

/// A token is renewed once this part of its lifetime has passed: 1.7 hours of seven days.
const RENEWAL_DIVISOR: i64 = 100;

pub struct JsonWebTokens {
    header: Header,
    encoding: EncodingKey,
    keys: Vec<Key>,
    validation: Validation,
    lifetime: Duration,
    /// Tokens whose signature was verified: verifying and signing took a tenth of the CPU time of
    /// `GET /api/user`.
    cache: Cache<String, VerifiedToken>,
}

/// Content of a token with a valid signature. Times are Unix timestamps in seconds.
#[derive(Clone, Copy, Debug)]
struct VerifiedToken {
    identity: Identity,
    expires_at: i64,
    renew_at: i64,
}

struct Key {
    id: String,
    decoding: DecodingKey,
}

impl JsonWebTokens {
    /// Tokens signed with the `previous` secret are accepted too.
    pub fn new(
        secret: &SecretString,
        previous: Option<&SecretString>,
        lifetime: Duration,
    ) -> Result<Self, SecurityError> {
        hmac::install();
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[ISSUER]);
        validation.set_required_spec_claims(&["iss", "aud", "sub", "exp"]);
        validation.validate_exp = false;
        let current = Key::new(secret)?;
        let header = Header { kid: Some(current.id.clone()), ..Header::new(Algorithm::HS256) };
        let previous = previous.map(Key::new).transpose()?;
        let encoding = EncodingKey::from_secret(secret.expose_secret().as_bytes());
        let keys = [current].into_iter().chain(previous).collect();
        Ok(Self { header, encoding, keys, validation, lifetime, cache: Cache::new(CACHE_CAPACITY) })
    }

    /// Verifies everything except expiry.
    fn read(&self, token: &str) -> Option<VerifiedToken> {
        if token.len() > MAX_LENGTH {
            return None;
        }
        if let Some(verified) = self.cache.get(token) {
            return Some(verified);
        }
        let verified = self.decode(token)?;
        self.cache.insert(token.to_owned(), verified);
        Some(verified)
    }

    fn decode(&self, token: &str) -> Option<VerifiedToken> {
        let key_id = decode_header(token).ok()?.kid?;
        let key = self.keys.iter().find(|key| key.id == key_id)?;
        let claims = decode::<Claims>(token, &key.decoding, &self.validation).ok()?.claims;
        let is_current_key = self.header.kid.as_ref() == Some(&key_id);
        let fresh_for = if is_current_key { (claims.exp - claims.iat) / RENEWAL_DIVISOR } else { 0 };
        Some(VerifiedToken {
            identity: Identity {
                user: UserId::new(claims.sub.parse().ok()?),
                session: SessionId::new(i64::from_str_radix(&claims.sid, 16).ok()?),
                credential_version: CredentialVersion::new(claims.credential_version),
            },
            expires_at: claims.exp,
            renew_at: claims.iat + fresh_for,
        })
    }
}

impl Key {
    fn new(secret: &SecretString) -> Result<Self, SecurityError> {
        let bytes = secret.expose_secret().as_bytes();
        let signature = sign(KEY_ID_INPUT, &EncodingKey::from_secret(bytes), Algorithm::HS256);
        let mut id = signature.map_err(SecurityError::internal)?;
        id.truncate(KEY_ID_LENGTH);
        Ok(Self { id, decoding: DecodingKey::from_secret(bytes) })
    }
}

impl Tokens for JsonWebTokens {
    fn issue(&self, identity: &Identity, now: DateTime<Utc>) -> Result<Token, SecurityError> {
        let iat = now.timestamp();
        let claims = Claims {
            iss: ISSUER.to_owned(),
            aud: ISSUER.to_owned(),
            sub: identity.user.get().to_string(),
            iat,
            exp: iat.saturating_add_unsigned(self.lifetime.as_secs()),
            sid: format!("{:016x}", identity.session.get()),
            credential_version: identity.credential_version.get(),
        };
        encode(&self.header, &claims, &self.encoding).map(Token::new).map_err(SecurityError::internal)
    }

    fn renew(&self, token: Token, identity: &Identity, now: DateTime<Utc>) -> Result<Token, SecurityError> {
        let is_fresh = self.read(token.expose()).is_some_and(|verified| now.timestamp() < verified.renew_at);
        if is_fresh { Ok(token) } else { self.issue(identity, now) }
    }

    fn verify(&self, token: &str, now: DateTime<Utc>) -> Option<Identity> {
        let verified = self.read(token)?;
        (verified.expires_at > now.timestamp()).then_some(verified.identity)
    }
}

#[cfg(test)]
mod tests;
