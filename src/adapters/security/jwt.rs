//! Tokens as JSON Web Tokens (RFC 7519), signed by HMAC-SHA-256 and nothing else.
//!
//! A token names the user by number and carries nothing personal. Times are checked against the
//! [`Clock`](crate::ports::clock::Clock)'s now, not against the system's, so `jsonwebtoken` verifies the signature, the
//! issuer and the audience, and the expiry is checked here.

use std::time::Duration;

use chrono::{DateTime, Utc};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
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
    encoding: EncodingKey,
    decoding: DecodingKey,
    validation: Validation,
    header: Header,
    lifetime: Duration,
}

impl JsonWebTokens {
    /// Tokens signed with `secret`, good for `lifetime`.
    pub fn new(secret: &SecretString, lifetime: Duration) -> Self {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[ISSUER]);
        validation.set_required_spec_claims(&["iss", "aud", "sub", "exp"]);
        // Checked against our own clock below.
        validation.validate_exp = false;
        let secret = secret.expose_secret().as_bytes();
        Self {
            encoding: EncodingKey::from_secret(secret),
            decoding: DecodingKey::from_secret(secret),
            validation,
            header: Header::new(Algorithm::HS256),
            lifetime,
        }
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
            generation: identity.generation.get(),
        };
        let token = encode(&self.header, &claims, &self.encoding);
        token.map(Token::new).map_err(|error| SecurityError::Internal(error.into()))
    }

    fn verify(&self, token: &str, now: DateTime<Utc>) -> Option<Identity> {
        if token.len() > MAX_LENGTH {
            return None;
        }
        let claims = decode::<Claims>(token, &self.decoding, &self.validation).ok()?.claims;
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
mod tests {
    use chrono::TimeDelta;
    use jsonwebtoken::get_current_timestamp;

    use super::*;

    fn tokens(secret: &str) -> JsonWebTokens {
        JsonWebTokens::new(&SecretString::from(secret), Duration::from_secs(60))
    }

    fn identity() -> Identity {
        Identity { user: UserId::new(7), session: SessionId::new(i64::MAX), generation: Generation::new(2) }
    }

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_700_000_000, 0).unwrap()
    }

    #[test]
    fn a_token_speaks_for_its_identity_until_it_expires() {
        let tokens = tokens("one secret");
        let token = tokens.issue(&identity(), now()).unwrap();
        assert_eq!(tokens.verify(token.expose(), now()), Some(identity()));
        assert_eq!(tokens.verify(token.expose(), now() + TimeDelta::seconds(59)), Some(identity()));
        assert_eq!(tokens.verify(token.expose(), now() + TimeDelta::seconds(60)), None);
    }

    #[test]
    fn another_secret_is_refused() {
        let token = tokens("one secret").issue(&identity(), now()).unwrap();
        assert_eq!(tokens("another secret").verify(token.expose(), now()), None);
    }

    #[test]
    fn any_changed_character_is_refused() {
        let tokens = tokens("one secret");
        let token = tokens.issue(&identity(), now()).unwrap();
        for place in 0..token.expose().len() {
            let mut forged = token.expose().to_owned().into_bytes();
            forged[place] = if forged[place] == b'A' { b'B' } else { b'A' };
            let forged = String::from_utf8(forged).unwrap();
            // The last character carries bits that decoding drops.
            if place + 1 < forged.len() {
                assert_eq!(tokens.verify(&forged, now()), None, "character {place}");
            }
        }
    }

    #[test]
    fn other_algorithms_issuers_and_audiences_are_refused() {
        let tokens = tokens("one secret");
        let exp = i64::try_from(get_current_timestamp()).unwrap() + 1000;
        let claims = |iss: &str, aud: &str| {
            let sid = String::from("1");
            Claims { iss: iss.into(), aud: aud.into(), sub: "7".into(), iat: 0, exp, sid, generation: 2 }
        };
        let sign = |algorithm, claims: &Claims| {
            encode(&Header::new(algorithm), claims, &EncodingKey::from_secret(b"one secret")).unwrap()
        };
        assert!(tokens.verify(&sign(Algorithm::HS256, &claims(ISSUER, ISSUER)), now()).is_some());
        assert_eq!(tokens.verify(&sign(Algorithm::HS384, &claims(ISSUER, ISSUER)), now()), None);
        assert_eq!(tokens.verify(&sign(Algorithm::HS256, &claims("x", ISSUER)), now()), None);
        assert_eq!(tokens.verify(&sign(Algorithm::HS256, &claims(ISSUER, "x")), now()), None);
        // {"alg":"none"} with the claims of a good token and no signature.
        let good = sign(Algorithm::HS256, &claims(ISSUER, ISSUER));
        let payload = good.split('.').nth(1).unwrap();
        assert_eq!(tokens.verify(&format!("eyJhbGciOiJub25lIn0.{payload}."), now()), None);
    }

    #[test]
    fn what_is_no_token_is_refused() {
        let tokens = tokens("one secret");
        for text in ["", ".", "..", "a.b.c", "é", &"a".repeat(2000)] {
            assert_eq!(tokens.verify(text, now()), None);
        }
    }
}
