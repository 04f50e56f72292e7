//! The header `Authorization`, and which tokens are valid.

use jsonwebtoken::dangerous::insecure_decode_claims;
use jsonwebtoken::{Algorithm, EncodingKey, Header, decode_header, encode, get_current_timestamp};
use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

use crate::support::Engine::*;
use crate::support::fixtures::with;
use crate::support::{Client, Engine, Response, TestApp};

const SECRET: &str = "a secret of the test's own, 32 bytes or more";

/// Starts an instance that signs with [`SECRET`].
async fn start(engine: Engine) -> TestApp {
    TestApp::start_with(engine, &[("JWT_SECRET", SECRET)]).await
}

/// Sends a GET request with these bytes as `Authorization`.
async fn get_with(app: &TestApp, path: &str, authorization: impl AsRef<[u8]>) -> Response {
    Response::fetch(app.anonymous().request(Method::GET, path).header("Authorization", authorization.as_ref())).await
}

/// The user's token with these claims replaced, signed.
fn forged(user: &Client, claims: Value, algorithm: Algorithm, secret: &str) -> String {
    let header = Header { alg: algorithm, ..decode_header(user.token()).expect("a header") };
    forged_with_header(user, claims, &header, secret)
}

/// The user's token with another header and these claims replaced, signed.
fn forged_with_header(user: &Client, claims: Value, header: &Header, secret: &str) -> String {
    let own: Value = insecure_decode_claims(user.token()).expect("claims");
    encode(header, &with(own, claims), &EncodingKey::from_secret(secret.as_bytes())).expect("a token")
}

#[rstest]
#[actix_web::test]
async fn scheme_is_token_or_bearer_in_any_case(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = start(engine).await;
    let amy = app.user("amy").await;
    for scheme in ["Token", "Bearer", "token", "bearer", "TOKEN", "BEARER", "tOkEn", "bEaReR"] {
        let header = format!("{scheme} {}", amy.token());
        get_with(&app, "/api/user", header).await.assert_status(200).assert_at("/user/username", "amy");
    }
}

#[rstest]
#[actix_web::test]
async fn malformed_header_is_invalid(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = start(engine).await;
    let amy = app.user("amy").await;
    amy.publish("Dragons").await;
    let token = amy.token();
    let schemes = ["Basic", "JWT", "Tokens", "Token:", "Digest"].map(|scheme| format!("{scheme} {token}"));
    let no_scheme = [token.to_owned(), format!("Token{token}"), format!("Token={token}")];
    let no_token =
        ["", " ", "Token", "Bearer ", "Token null", "Token undefined", "Token \"\"", "Bearer [object Object]"];
    let headers = schemes.iter().chain(&no_scheme).map(String::as_str).chain(no_token).map(str::as_bytes);
    for header in headers.chain([&b"Token \xff\xfe"[..], "Token Ünï".as_bytes()]) {
        get_with(&app, "/api/user", header).await.assert_error(401, "token", "is invalid");
        get_with(&app, "/api/articles/dragons", header).await.assert_status(200);
    }
}

#[rstest]
#[actix_web::test]
async fn missing_header_is_a_missing_token(#[values(Sqlite, Postgres)] engine: Engine) {
    start(engine).await.anonymous().get("/api/user").await.assert_error(401, "token", "is missing");
}

#[rstest]
#[actix_web::test]
async fn token_lifetime_is_7_days_by_default(#[values(Sqlite, Postgres)] engine: Engine) {
    let days = 24 * 60 * 60;
    for (environment, lifetime) in [(&[][..], 7 * days), (&[("JWT_TTL", "90m")], 90 * 60)] {
        let app = TestApp::start_with(engine, environment).await;
        let amy = app.user("amy").await;
        let claims: Value = insecure_decode_claims(amy.token()).expect("claims");
        let time = |claim: &str| claims[claim].as_i64().expect("seconds since 1970");
        assert_eq!(time("exp") - time("iat"), lifetime);
    }
}

/// ASVS 5.0 V9.2.1: no token is accepted outside its validity time span.
#[rstest]
#[actix_web::test]
async fn token_is_valid_until_it_expires(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = start(engine).await;
    let amy = app.user("amy").await;
    let now = get_current_timestamp();
    let until = |time: u64| amy.with_token(&forged(&amy, json!({"exp": time}), Algorithm::HS256, SECRET));

    until(now + 60).get("/api/user").await.assert_status(200).assert_at("/user/username", "amy");

    for expired in [now - 1, now - 1_000_000, 0] {
        until(expired).get("/api/user").await.assert_error(401, "token", "is invalid");
        until(expired).get("/api/profiles/amy").await.assert_status(200);
    }
}

/// ASVS 5.0 V9.1.1 (the signature is checked before the claims are used) and V9.1.2 (one algorithm,
/// and never `none`).
#[rstest]
#[actix_web::test]
async fn token_with_wrong_signature_is_invalid(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = start(engine).await;
    let (amy, bob) = (app.user("amy").await, app.user("bob").await);
    let [_, claims, signature] = amy.token().split('.').collect::<Vec<_>>()[..] else { panic!("three parts") };
    let [header, claims_of_bob, _] = bob.token().split('.').collect::<Vec<_>>()[..] else { panic!("three parts") };
    // {"alg":"none","typ":"JWT"} in base64.
    let none = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0";
    for token in [
        forged(&amy, json!({}), Algorithm::HS256, "another secret of 32 bytes or more"),
        forged(&amy, json!({}), Algorithm::HS256, ""),
        forged(&amy, json!({}), Algorithm::HS384, SECRET),
        forged(&amy, json!({}), Algorithm::HS512, SECRET),
        format!("{none}.{claims}."),
        format!("{none}.{claims}"),
        format!("{none}.{claims}.{signature}"),
        format!("{header}.{claims}."),
        format!("{header}.{claims}"),
        format!("{header}.{claims_of_bob}.{signature}"),
        format!("{header}.{claims}.{}", signature.chars().rev().collect::<String>()),
        format!("{header}.{claims}.{signature}.{signature}"),
        format!("{header}.{claims}.{signature}="),
    ] {
        amy.with_token(&token).get("/api/user").await.assert_error(401, "token", "is invalid");
        amy.with_token(&token).get("/api/profiles/amy").await.assert_status(200);
    }
}

/// ASVS 5.0 V9.1.3: keys come from the configuration, not from a token's header.
#[rstest]
#[actix_web::test]
async fn token_cannot_choose_its_key(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = start(engine).await;
    let amy = app.user("amy").await;
    let own = decode_header(amy.token()).expect("a header");
    let url = || Some(format!("{}/api/tags", app.base_url()));
    let valid = forged_with_header(&amy, json!({}), &own, SECRET);
    amy.with_token(&valid).get("/api/user").await.assert_status(200);
    for header in [
        Header { kid: None, ..own.clone() },
        Header { kid: Some(String::new()), ..own.clone() },
        Header { kid: Some("/dev/null".into()), ..own.clone() },
        Header { kid: Some("' or 1=1--".into()), ..own.clone() },
        Header { kid: None, jku: url(), x5u: url(), ..own.clone() },
    ] {
        for secret in [SECRET, ""] {
            let token = forged_with_header(&amy, json!({}), &header, secret);
            amy.with_token(&token).get("/api/user").await.assert_error(401, "token", "is invalid");
            amy.with_token(&token).get("/api/articles").await.assert_status(200);
        }
    }
}

#[rstest]
#[actix_web::test]
async fn malformed_token_is_invalid(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = start(engine).await;
    let amy = app.user("amy").await;
    let long = "a".repeat(10_000);
    let longest = format!("{}.{long}", amy.token());
    for rubbish in ["x", ".", "..", "a.b", "a.b.c", "....", "null", "e30.e30.e30", &long, &longest] {
        amy.with_token(rubbish).get("/api/user").await.assert_error(401, "token", "is invalid");
        amy.with_token(rubbish).get("/api/articles").await.assert_status(200);
    }
}

/// ASVS 5.0 V9.2.3: only tokens for this audience are accepted. Every claim is required, with its
/// type.
#[rstest]
#[actix_web::test]
async fn signed_token_with_wrong_claims_is_invalid(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = start(engine).await;
    let amy = app.user("amy").await;
    for claims in [
        json!({"sub": "abc"}),
        json!({"sub": "99999"}),
        json!({"sub": "-1"}),
        json!({"sub": "99999999999999999999"}),
        json!({"sub": null}),
        json!({"exp": null}),
        json!({"exp": "never"}),
        json!({"iss": "somebody"}),
        json!({"aud": "somebody"}),
        json!({"iss": null}),
        json!({"aud": null}),
        json!({"iat": null}),
        json!({"sid": null}),
        json!({"sid": "x"}),
        json!({"generation": null}),
        json!({"generation": "1"}),
    ] {
        let token = forged(&amy, claims, Algorithm::HS256, SECRET);
        amy.with_token(&token).get("/api/user").await.assert_error(401, "token", "is invalid");
        amy.with_token(&token).get("/api/articles").await.assert_status(200);
    }
}
