//! Tokens that are good, and everything that makes one good for nothing.

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

/// The claims of a token that was issued now.
fn claims() -> Value {
    let exp = now().timestamp() + 60;
    json!({"iss": ISSUER, "aud": ISSUER, "sub": "7", "iat": 0, "exp": exp, "sid": "7fffffffffffffff", "generation": 2})
}

/// Whom a token of this header and these claims speaks for, signed with [`SECRET`].
fn verified(header: &Header, claims: &Value) -> Option<Identity> {
    let token = encode(header, claims, &EncodingKey::from_secret(SECRET.as_bytes())).unwrap();
    tokens(SECRET).verify(&token, now())
}

#[test]
fn a_token_speaks_for_its_identity_until_it_expires() {
    let tokens = tokens(SECRET);
    let token = tokens.issue(&identity(), now()).unwrap();
    assert_eq!(tokens.verify(token.expose(), now()), Some(identity()));
    assert_eq!(tokens.verify(token.expose(), now() + TimeDelta::seconds(59)), Some(identity()));
    assert_eq!(tokens.verify(token.expose(), now() + TimeDelta::seconds(60)), None);
}

#[test]
fn a_token_is_renewed_when_a_hundredth_of_its_time_is_gone() {
    let tokens = JsonWebTokens::new(&SecretString::from(SECRET), None, Duration::from_secs(3000)).unwrap();
    let token = tokens.issue(&identity(), now()).unwrap();
    let renewed = |seconds| tokens.renew(token.clone(), &identity(), now() + TimeDelta::seconds(seconds)).unwrap();
    assert_eq!(renewed(29).expose(), token.expose());
    assert_ne!(renewed(30).expose(), token.expose());
    assert_eq!(tokens.verify(renewed(30).expose(), now() + TimeDelta::seconds(3029)), Some(identity()));
}

#[test]
fn a_token_of_the_key_before_is_renewed_at_once() {
    let (old, new) = (tokens("an old secret"), rotated(SECRET, Some("an old secret")));
    let renewed = new.renew(old.issue(&identity(), now()).unwrap(), &identity(), now()).unwrap();
    assert_eq!(tokens(SECRET).verify(renewed.expose(), now()), Some(identity()));
}

#[test]
fn a_token_that_was_seen_before_expires_all_the_same() {
    let tokens = tokens(SECRET);
    let token = tokens.issue(&identity(), now()).unwrap();
    for _ in 0..2 {
        assert_eq!(tokens.verify(token.expose(), now()), Some(identity()));
        assert_eq!(tokens.verify(token.expose(), now() + TimeDelta::seconds(60)), None);
    }
}

#[test]
fn another_secret_is_refused() {
    let token = tokens(SECRET).issue(&identity(), now()).unwrap();
    assert_eq!(tokens("another secret").verify(token.expose(), now()), None);
}

#[test]
fn the_key_before_verifies_and_does_not_sign() {
    let (old, new) = (tokens("an old secret"), rotated(SECRET, Some("an old secret")));
    let token = old.issue(&identity(), now()).unwrap();
    assert_eq!(new.verify(token.expose(), now()), Some(identity()));
    assert_eq!(tokens(SECRET).verify(token.expose(), now()), None);

    let token = new.issue(&identity(), now()).unwrap();
    assert_eq!(tokens(SECRET).verify(token.expose(), now()), Some(identity()));
    assert_eq!(old.verify(token.expose(), now()), None);
}

/// A name of one key on a signature of the other.
#[test]
fn a_key_verifies_only_what_bears_its_name() {
    let both = rotated(SECRET, Some("an old secret"));
    let names: Vec<&str> = both.keys.iter().map(|key| key.name.as_str()).collect();
    for (name, secret, is_good) in [
        (Some(names[0]), SECRET, true),
        (Some(names[1]), "an old secret", true),
        (Some(names[0]), "an old secret", false),
        (Some(names[1]), SECRET, false),
        (Some("another key"), SECRET, false),
        (Some(""), SECRET, false),
        (None, SECRET, false),
    ] {
        let header = Header { kid: name.map(str::to_owned), ..Header::new(Algorithm::HS256) };
        let token = encode(&header, &claims(), &EncodingKey::from_secret(secret.as_bytes())).unwrap();
        assert_eq!(both.verify(&token, now()).is_some(), is_good, "{name:?} {secret}");
    }
}

/// Tokens in the field must outlive a new version of this service, and of the library that signs them.
#[test]
fn a_token_of_the_past_is_still_good() {
    let token = concat!(
        "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiIsImtpZCI6InZBV1IwTDlnblJqUSJ9.",
        "eyJpc3MiOiJjb25kdWl0IiwiYXVkIjoiY29uZHVpdCIsInN1YiI6IjciLCJpYXQiOjE3MDAwMDAwMDAs",
        "ImV4cCI6MTcwMDAwMDA2MCwic2lkIjoiN2ZmZmZmZmZmZmZmZmZmZiIsImdlbmVyYXRpb24iOjJ9.",
        "w6JHNXMjgwJafcCNcgLqf17dq5UUiiioCrmLrX2Aano",
    );
    assert_eq!(tokens(SECRET).verify(token, now()), Some(identity()));
}

#[test]
fn a_key_s_name_is_a_part_of_no_signature_and_of_no_key() {
    let name = Key::of(&SecretString::from(SECRET)).unwrap().name;
    assert_eq!(name.len(), NAME_LENGTH);
    assert_eq!(name, Key::of(&SecretString::from(SECRET)).unwrap().name);
    assert_ne!(name, Key::of(&SecretString::from("one secreT")).unwrap().name);
    // What is signed as a token is base64 and dots: nobody can be made to sign the text behind the name.
    assert!(NAME_OF_A_KEY.contains(&b' '));
}

#[test]
fn any_changed_character_is_refused() {
    let tokens = tokens(SECRET);
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
fn other_algorithms_are_refused() {
    let header = tokens(SECRET).header;
    assert_eq!(verified(&header, &claims()), Some(identity()));
    for alg in [Algorithm::HS384, Algorithm::HS512] {
        assert_eq!(verified(&Header { alg, ..header.clone() }, &claims()), None, "{alg:?}");
    }
}

#[test]
fn every_claim_is_needed_and_only_ours_will_do() {
    let header = tokens(SECRET).header;
    let with = |claim: &str, value: Value| {
        let mut claims = claims();
        claims[claim] = value;
        verified(&header, &claims)
    };
    for claim in ["iss", "aud", "sub", "iat", "exp", "sid", "generation"] {
        let mut without = claims();
        without.as_object_mut().unwrap().remove(claim);
        assert_eq!(verified(&header, &without), None, "without {claim}");
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
fn what_is_no_token_is_refused() {
    let tokens = tokens(SECRET);
    for text in ["", ".", "..", "a.b.c", "é", &"a".repeat(2000)] {
        assert_eq!(tokens.verify(text, now()), None);
    }
}

/// The longest token of ours is far below the limit, and a longer one is not even decoded.
#[test]
fn an_oversized_token_is_refused_though_it_is_signed() {
    let longest = Identity {
        user: UserId::new(i64::MAX),
        session: SessionId::new(i64::MAX),
        credential_version: CredentialVersion::new(i64::MAX),
    };
    let token = tokens(SECRET).issue(&longest, now()).unwrap();
    assert!(token.expose().len() < MAX_LENGTH / 2, "{}", token.expose().len());

    let mut claims = claims();
    claims["more"] = json!("x".repeat(MAX_LENGTH));
    assert_eq!(verified(&tokens(SECRET).header, &claims), None);
    claims["more"] = json!("x");
    assert_eq!(verified(&tokens(SECRET).header, &claims), Some(identity()));
}

#[test]
fn a_token_tells_nothing_personal() {
    let token = tokens(SECRET).issue(&identity(), now()).unwrap();
    let claims: Value = jsonwebtoken::dangerous::insecure_decode_claims(token.expose()).unwrap();
    let names: Vec<&str> = claims.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(names, ["aud", "exp", "generation", "iat", "iss", "sid", "sub"]);
}
