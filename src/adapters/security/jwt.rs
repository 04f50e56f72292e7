//! Tokens as JSON Web Tokens (RFC 7519), signed by HMAC-SHA-256 and nothing else.
//!
//! A token names the user by number and carries nothing personal. Times are checked against the
//! [`Clock`](crate::ports::clock::Clock)'s now, not against the system's, so `jsonwebtoken` verifies the signature, the
//! issuer and the audience, and the expiry is checked here.
//!
//! One key signs; it and the one before it verify, and the token's `kid` says which. So a key can be changed without
//! logging anybody out: the old one goes on verifying for as long as its last token is good.

use std::time::Duration;

use chrono::{DateTime, Utc};
use jsonwebtoken::{
    Algorithm, DecodingKey, EncodingKey, Header, Validation, crypto::sign, decode, decode_header, encode,
};
use quick_cache::sync::Cache;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use crate::{
    domain::model::{
        user::{CredentialVersion, Identity},
        values::{SessionId, UserId},
    },
    ports::security::{SecurityError, Token, Tokens},
};

/// Who issues the tokens, and for whom: this service in both roles.
const ISSUER: &str = "conduit";

/// No token of ours is longer; what is longer is not worth decoding.
const MAX_LENGTH: usize = 1024;

/// What a key signs to get its name. It holds spaces, which nothing does that is signed as a token.
const NAME_OF_A_KEY: &[u8] = b"the name of this key";

/// Of that signature, the characters that are the name: 72 bits, which tell keys apart and nothing about them.
const NAME_LENGTH: usize = 12;

/// What a token says (RFC 7519, section 4.1), with the session and the generation of the password of its own.
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

/// The most tokens that are remembered, each of some 300 bytes.
const REMEMBERED: usize = 10_000;

/// Issues and verifies JSON Web Tokens.
pub struct JsonWebTokens {
    header: Header,
    encoding: EncodingKey,
    keys: Vec<Key>,
    validation: Validation,
    lifetime: Duration,
    /// What was verified once: verifying and signing were a tenth of the processor time of `GET /api/user`.
    remembered: Cache<String, Verified>,
}

/// A token is as good as new for this part of its time: an hour and a half of seven days.
const YOUNG: i64 = 100;

/// What a token says whose signature is good. Times are in seconds of the Unix epoch.
#[derive(Clone, Copy, Debug)]
struct Verified {
    identity: Identity,
    expires: i64,
    /// From when on it is worth a new one.
    ages: i64,
}

/// A key that verifies, by its name.
struct Key {
    name: String,
    decoding: DecodingKey,
}

impl JsonWebTokens {
    /// Tokens signed with `secret` and good for `lifetime`; those that `previous` signed are good as well.
    ///
    /// # Errors
    /// [`SecurityError::Internal`] when a key cannot sign.
    pub fn new(
        secret: &SecretString,
        previous: Option<&SecretString>,
        lifetime: Duration,
    ) -> Result<Self, SecurityError> {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[ISSUER]);
        validation.set_required_spec_claims(&["iss", "aud", "sub", "exp"]);
        // Checked against our own clock below.
        validation.validate_exp = false;
        let current = Key::of(secret)?;
        let header = Header { kid: Some(current.name.clone()), ..Header::new(Algorithm::HS256) };
        let previous = previous.map(Key::of).transpose()?;
        let encoding = EncodingKey::from_secret(secret.expose_secret().as_bytes());
        let keys = [current].into_iter().chain(previous).collect();
        Ok(Self { header, encoding, keys, validation, lifetime, remembered: Cache::new(REMEMBERED) })
    }

    /// What a token of ours says, which may have expired.
    fn read(&self, token: &str) -> Option<Verified> {
        if token.len() > MAX_LENGTH {
            return None;
        }
        if let Some(known) = self.remembered.get(token) {
            return Some(known);
        }
        let verified = self.verified(token)?;
        self.remembered.insert(token.to_owned(), verified);
        Some(verified)
    }

    fn verified(&self, token: &str) -> Option<Verified> {
        let name = decode_header(token).ok()?.kid?;
        let key = self.keys.iter().find(|key| key.name == name)?;
        let claims = decode::<Claims>(token, &key.decoding, &self.validation).ok()?.claims;
        let is_by_current_key = self.header.kid.as_ref() == Some(&name);
        Some(Verified {
            identity: Identity {
                user: UserId::new(claims.sub.parse().ok()?),
                session: SessionId::new(i64::from_str_radix(&claims.sid, 16).ok()?),
                credential_version: CredentialVersion::new(claims.credential_version),
            },
            expires: claims.exp,
            ages: if is_by_current_key { claims.iat + (claims.exp - claims.iat) / YOUNG } else { claims.iat },
        })
    }
}

impl Key {
    fn of(secret: &SecretString) -> Result<Self, SecurityError> {
        let bytes = secret.expose_secret().as_bytes();
        let mut name = sign(NAME_OF_A_KEY, &EncodingKey::from_secret(bytes), Algorithm::HS256).map_err(internal)?;
        name.truncate(NAME_LENGTH);
        Ok(Self { name, decoding: DecodingKey::from_secret(bytes) })
    }
}

fn internal(error: jsonwebtoken::errors::Error) -> SecurityError {
    SecurityError::Internal(error.into())
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
        encode(&self.header, &claims, &self.encoding).map(Token::new).map_err(internal)
    }

    fn renew(&self, token: Token, identity: &Identity, now: DateTime<Utc>) -> Result<Token, SecurityError> {
        let is_young = self.read(token.expose()).is_some_and(|verified| now.timestamp() < verified.ages);
        if is_young { Ok(token) } else { self.issue(identity, now) }
    }

    fn verify(&self, token: &str, now: DateTime<Utc>) -> Option<Identity> {
        let verified = self.read(token)?;
        (verified.expires > now.timestamp()).then_some(verified.identity)
    }
}

#[cfg(test)]
mod tests;
