use chrono::TimeDelta;
use serde_json::{Value, json};

use super::*;

const SECRET: &str = "one secret";

fn tokens(secret: &str) -> JsonWebTokens {
    rotated(secret, None)
}

fn rotated(secret: &str, previous: Option<&str>) -> JsonWebTokens {
    let previous = previous.map(SecretString::from);
    JsonWebTokens::new(&SecretString::from(secret), previous.as_ref(), Duration::from_secs(60)).unwrap()
}

fn identity() -> Identity {
    Identity { user: UserId::new(7), session: SessionId::new(i64::MAX), credential_version: CredentialVersion::new(2) }
}

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_700_000_000, 0).unwrap()
}

fn claims() -> Value {
    let exp = now().timestamp() + 60;
    json!({"iss": ISSUER, "aud": ISSUER, "sub": "7", "iat": 0, "exp": exp, "sid": "7fffffffffffffff", "generation": 2})
}

/// Verifies a token with this header and these claims, signed with [`SECRET`].
fn verify(header: &Header, claims: &Value) -> Option<Identity> {
    let token = encode(header, claims, &EncodingKey::from_secret(SECRET.as_bytes())).unwrap();
    tokens(SECRET).verify(&token, now())
}

#[test]
fn token_is_valid_until_it_expires() {
    let tokens = tokens(SECRET);
    let token = tokens.issue(&identity(), now()).unwrap();
    assert_eq!(tokens.verify(token.expose(), now()), Some(identity()));
    assert_eq!(tokens.verify(token.expose(), now() + TimeDelta::seconds(59)), Some(identity()));
    assert_eq!(tokens.verify(token.expose(), now() + TimeDelta::seconds(60)), None);
}

#[test]
fn token_is_renewed_after_a_hundredth_of_its_lifetime() {
    let tokens = JsonWebTokens::new(&SecretString::from(SECRET), None, Duration::from_secs(3000)).unwrap();
    let token = tokens.issue(&identity(), now()).unwrap();
    let renewed = |seconds| tokens.renew(token.clone(), &identity(), now() + TimeDelta::seconds(seconds)).unwrap();
    assert_eq!(renewed(29).expose(), token.expose());
    assert_ne!(renewed(30).expose(), token.expose());
    assert_eq!(tokens.verify(renewed(30).expose(), now() + TimeDelta::seconds(3029)), Some(identity()));
}

#[test]
fn token_of_the_previous_key_is_renewed_at_once() {
    let (old, new) = (tokens("an old secret"), rotated(SECRET, Some("an old secret")));
    let renewed = new.renew(old.issue(&identity(), now()).unwrap(), &identity(), now()).unwrap();
    assert_eq!(tokens(SECRET).verify(renewed.expose(), now()), Some(identity()));
}

#[test]
fn cached_token_expires() {
    let tokens = tokens(SECRET);
    let token = tokens.issue(&identity(), now()).unwrap();
    for _ in 0..2 {
        assert_eq!(tokens.verify(token.expose(), now()), Some(identity()));
        assert_eq!(tokens.verify(token.expose(), now() + TimeDelta::seconds(60)), None);
    }
}

#[test]
fn token_of_another_secret_is_rejected() {
    let token = tokens(SECRET).issue(&identity(), now()).unwrap();
    assert_eq!(tokens("another secret").verify(token.expose(), now()), None);
}

#[test]
fn previous_key_verifies_and_does_not_sign() {
    let (old, new) = (tokens("an old secret"), rotated(SECRET, Some("an old secret")));
    let token = old.issue(&identity(), now()).unwrap();
    assert_eq!(new.verify(token.expose(), now()), Some(identity()));
    assert_eq!(tokens(SECRET).verify(token.expose(), now()), None);

    let token = new.issue(&identity(), now()).unwrap();
    assert_eq!(tokens(SECRET).verify(token.expose(), now()), Some(identity()));
    assert_eq!(old.verify(token.expose(), now()), None);
}

#[test]
fn key_verifies_only_tokens_with_its_id() {
    let both = rotated(SECRET, Some("an old secret"));
    let ids: Vec<&str> = both.keys.iter().map(|key| key.id.as_str()).collect();
    for (id, secret, is_valid) in [
        (Some(ids[0]), SECRET, true),
        (Some(ids[1]), "an old secret", true),
        (Some(ids[0]), "an old secret", false),
        (Some(ids[1]), SECRET, false),
        (Some("another key"), SECRET, false),
        (Some(""), SECRET, false),
        (None, SECRET, false),
    ] {
        let header = Header { kid: id.map(str::to_owned), ..Header::new(Algorithm::HS256) };
        let token = encode(&header, &claims(), &EncodingKey::from_secret(secret.as_bytes())).unwrap();
        assert_eq!(both.verify(&token, now()).is_some(), is_valid, "{id:?} {secret}");
    }
}

/// Issued tokens must survive an upgrade of this service and of the library that signs them.
#[test]
fn token_of_an_earlier_version_is_valid() {
    let token = concat!(
        "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiIsImtpZCI6InZBV1IwTDlnblJqUSJ9.",
        "eyJpc3MiOiJjb25kdWl0IiwiYXVkIjoiY29uZHVpdCIsInN1YiI6IjciLCJpYXQiOjE3MDAwMDAwMDAs",
        "ImV4cCI6MTcwMDAwMDA2MCwic2lkIjoiN2ZmZmZmZmZmZmZmZmZmZiIsImdlbmVyYXRpb24iOjJ9.",
        "w6JHNXMjgwJafcCNcgLqf17dq5UUiiioCrmLrX2Aano",
    );
    assert_eq!(tokens(SECRET).verify(token, now()), Some(identity()));
}

#[test]
fn key_id_is_stable_and_never_part_of_a_token_signature() {
    let id = Key::new(&SecretString::from(SECRET)).unwrap().id;
    assert_eq!(id.len(), KEY_ID_LENGTH);
    assert_eq!(id, Key::new(&SecretString::from(SECRET)).unwrap().id);
    assert_ne!(id, Key::new(&SecretString::from("one secreT")).unwrap().id);
    // The signing input of a token is Base64 and dots, never the text behind the id.
    assert!(KEY_ID_INPUT.contains(&b' '));
}

#[test]
fn token_with_a_changed_character_is_rejected() {
    let tokens = tokens(SECRET);
    let token = tokens.issue(&identity(), now()).unwrap();
    for index in 0..token.expose().len() {
        let mut forged = token.expose().to_owned().into_bytes();
        forged[index] = if forged[index] == b'A' { b'B' } else { b'A' };
        let forged = String::from_utf8(forged).unwrap();
        // Decoding ignores some bits of the last character.
        if index + 1 < forged.len() {
            assert_eq!(tokens.verify(&forged, now()), None, "character {index}");
        }
    }
}

#[test]
fn token_of_another_algorithm_is_rejected() {
    let header = tokens(SECRET).header;
    assert_eq!(verify(&header, &claims()), Some(identity()));
    for alg in [Algorithm::HS384, Algorithm::HS512] {
        assert_eq!(verify(&Header { alg, ..header.clone() }, &claims()), None, "{alg:?}");
    }
}

#[test]
fn token_with_a_missing_or_foreign_claim_is_rejected() {
    let header = tokens(SECRET).header;
    let with = |claim: &str, value: Value| {
        let mut claims = claims();
        claims[claim] = value;
        verify(&header, &claims)
    };
    for claim in ["iss", "aud", "sub", "iat", "exp", "sid", "generation"] {
        let mut without = claims();
        without.as_object_mut().unwrap().remove(claim);
        assert_eq!(verify(&header, &without), None, "without {claim}");
        assert_eq!(with(claim, Value::Null), None, "{claim}");
        assert_eq!(with(claim, json!({})), None, "{claim}");
    }
    for (claim, value) in [
        ("iss", json!("somebody")),
        ("aud", json!("somebody")),
        ("aud", json!([ISSUER, "somebody"])),
        ("sub", json!("x")),
        ("sub", json!(7)),
        ("sid", json!("x")),
        ("exp", json!(-1)),
        ("exp", json!("1e99")),
        ("generation", json!(1.5)),
    ] {
        assert_eq!(with(claim, value.clone()), None, "{claim}: {value}");
    }
}

#[test]
fn malformed_token_is_rejected() {
    let tokens = tokens(SECRET);
    for text in ["", ".", "..", "a.b.c", "é", &"a".repeat(2000)] {
        assert_eq!(tokens.verify(text, now()), None);
    }
}

#[test]
fn oversized_token_is_rejected_despite_its_signature() {
    let longest = Identity {
        user: UserId::new(i64::MAX),
        session: SessionId::new(i64::MAX),
        credential_version: CredentialVersion::new(i64::MAX),
    };
    let token = tokens(SECRET).issue(&longest, now()).unwrap();
    assert!(token.expose().len() < MAX_LENGTH / 2, "{}", token.expose().len());

    let mut claims = claims();
    claims["more"] = json!("x".repeat(MAX_LENGTH));
    assert_eq!(verify(&tokens(SECRET).header, &claims), None);
    claims["more"] = json!("x");
    assert_eq!(verify(&tokens(SECRET).header, &claims), Some(identity()));
}

#[test]
fn token_carries_no_personal_data() {
    let token = tokens(SECRET).issue(&identity(), now()).unwrap();
    let claims: Value = jsonwebtoken::dangerous::insecure_decode_claims(token.expose()).unwrap();
    let names: Vec<&str> = claims.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(names, ["aud", "exp", "generation", "iat", "iss", "sid", "sub"]);
}
