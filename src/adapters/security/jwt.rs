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
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use crate::{
    domain::model::{
        user::{Generation, Identity},
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
    generation: i64,
}

/// Issues and verifies JSON Web Tokens.
pub struct JsonWebTokens {
    header: Header,
    encoding: EncodingKey,
    keys: Vec<Key>,
    validation: Validation,
    lifetime: Duration,
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
        Ok(Self { header, encoding, keys: [current].into_iter().chain(previous).collect(), validation, lifetime })
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
            generation: identity.generation.get(),
        };
        encode(&self.header, &claims, &self.encoding).map(Token::new).map_err(internal)
    }

    fn verify(&self, token: &str, now: DateTime<Utc>) -> Option<Identity> {
        if token.len() > MAX_LENGTH {
            return None;
        }
        let name = decode_header(token).ok()?.kid?;
        let key = self.keys.iter().find(|key| key.name == name)?;
        let claims = decode::<Claims>(token, &key.decoding, &self.validation).ok()?.claims;
        let is_current = claims.exp > now.timestamp();
        let identity = Identity {
            user: UserId::new(claims.sub.parse().ok()?),
            session: SessionId::new(i64::from_str_radix(&claims.sid, 16).ok()?),
            generation: Generation::new(claims.generation),
        };
        is_current.then_some(identity)
    }
}

#[cfg(test)]
mod tests;
