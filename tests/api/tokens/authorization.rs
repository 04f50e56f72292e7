//! The header `Authorization`, and what a token has to be.

use jsonwebtoken::{
    Algorithm, EncodingKey, Header, dangerous::insecure_decode_claims, decode_header, encode, get_current_timestamp,
};
use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

use crate::{
    data::with,
    support::{Client, Engine, Engine::*, Reply, TestApp},
};

const SECRET: &str = "a secret of the test's own, 32 bytes or more";

/// An application that signs with [`SECRET`].
async fn start(engine: Engine) -> TestApp {
    TestApp::start_with(engine, &[("JWT_SECRET", SECRET)]).await
}

/// Asks with these bytes as `Authorization`.
async fn authorized(client: &Client, path: &str, authorization: impl AsRef<[u8]>) -> Reply {
    Reply::of(client.request(Method::GET, path).header("Authorization", authorization.as_ref())).await
}

fn token_of(user: &Client) -> &str {
    user.token.as_deref().expect("a token")
}

/// A user's token with other claims, signed.
fn forged(user: &Client, claims: Value, algorithm: Algorithm, secret: &str) -> String {
    let header = Header { alg: algorithm, ..decode_header(token_of(user)).expect("a header") };
    headed(user, claims, &header, secret)
}

/// A user's token with another header and other claims, signed.
fn headed(user: &Client, claims: Value, header: &Header, secret: &str) -> String {
    let own: Value = insecure_decode_claims(token_of(user)).expect("claims");
    encode(header, &with(own, claims), &EncodingKey::from_secret(secret.as_bytes())).expect("a token")
}

#[rstest]
#[actix_web::test]
async fn the_scheme_is_token_or_bearer_in_any_case(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = start(engine).await;
    let amy = app.user("amy").await;
    for scheme in ["Token", "Bearer", "token", "bearer", "TOKEN", "BEARER", "tOkEn", "bEaReR"] {
        let header = format!("{scheme} {}", token_of(&amy));
        authorized(&amy, "/api/user", header).await.status(200).has("/user/username", "amy");
    }
}

#[rstest]
#[actix_web::test]
async fn another_header_is_invalid(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = start(engine).await;
    let amy = app.user("amy").await;
    amy.publishes("Dragons").await;
    let token = token_of(&amy);
    let schemes = ["Basic", "JWT", "Tokens", "Token:", "Digest"].map(|scheme| format!("{scheme} {token}"));
    let no_scheme = [token.to_owned(), format!("Token{token}"), format!("Token={token}")];
    let no_token =
        ["", " ", "Token", "Bearer ", "Token null", "Token undefined", "Token \"\"", "Bearer [object Object]"];
    let headers = schemes.iter().chain(&no_scheme).map(String::as_str).chain(no_token).map(str::as_bytes);
    for header in headers.chain([&b"Token \xff\xfe"[..], "Token Ünï".as_bytes()]) {
        authorized(&amy, "/api/user", header).await.is_error(401, "token", "is invalid");
        authorized(&amy, "/api/articles/dragons", header).await.status(200);
    }
}

#[rstest]
#[actix_web::test]
async fn without_a_header_the_token_is_missing(#[values(Sqlite, Postgres)] engine: Engine) {
    start(engine).await.anon().get("/api/user").await.is_error(401, "token", "is missing");
}

#[rstest]
#[actix_web::test]
async fn a_token_is_good_for_7_days_unless_configured(#[values(Sqlite, Postgres)] engine: Engine) {
    let days = 24 * 60 * 60;
    for (environment, lifetime) in [(&[][..], 7 * days), (&[("JWT_TTL", "90m")], 90 * 60)] {
        let app = TestApp::start_with(engine, environment).await;
        let amy = app.user("amy").await;
        let claims: Value = insecure_decode_claims(token_of(&amy)).expect("claims");
        let time = |claim: &str| claims[claim].as_i64().expect("seconds since 1970");
        assert_eq!(time("exp") - time("iat"), lifetime);
    }
}

/// ASVS 5.0 V9.2.1: no token is accepted outside its validity time span.
#[rstest]
#[actix_web::test]
async fn a_token_speaks_for_its_user_until_it_expires(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = start(engine).await;
    let amy = app.user("amy").await;
    let now = get_current_timestamp();
    let until = |time: u64| amy.with_token(&forged(&amy, json!({"exp": time}), Algorithm::HS256, SECRET));

    until(now + 60).get("/api/user").await.status(200).has("/user/username", "amy");

    for expired in [now - 1, now - 1_000_000, 0] {
        until(expired).get("/api/user").await.is_error(401, "token", "is invalid");
        until(expired).get("/api/profiles/amy").await.status(200);
    }
}

/// ASVS 5.0 V9.1.1 (the signature is checked before the content is believed) and V9.1.2 (one algorithm, and never none).
#[rstest]
#[actix_web::test]
async fn a_token_that_we_did_not_sign_is_invalid(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = start(engine).await;
    let (amy, bob) = (app.user("amy").await, app.user("bob").await);
    let [_, claims, signature] = token_of(&amy).split('.').collect::<Vec<_>>()[..] else { panic!("three parts") };
    let [header, claims_of_bob, _] = token_of(&bob).split('.').collect::<Vec<_>>()[..] else { panic!("three parts") };
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
        amy.with_token(&token).get("/api/user").await.is_error(401, "token", "is invalid");
        amy.with_token(&token).get("/api/profiles/amy").await.status(200);
    }
}

/// ASVS 5.0 V9.1.3: keys come from the configuration, whatever the header of a token names or brings along.
#[rstest]
#[actix_web::test]
async fn a_token_does_not_choose_its_key(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = start(engine).await;
    let amy = app.user("amy").await;
    let own = decode_header(token_of(&amy)).expect("a header");
    let here = || Some(format!("{}/api/tags", app.base));
    let good = headed(&amy, json!({}), &own, SECRET);
    amy.with_token(&good).get("/api/user").await.status(200);
    for header in [
        Header { kid: None, ..own.clone() },
        Header { kid: Some(String::new()), ..own.clone() },
        Header { kid: Some("/dev/null".into()), ..own.clone() },
        Header { kid: Some("' or 1=1--".into()), ..own.clone() },
        Header { kid: None, jku: here(), x5u: here(), ..own.clone() },
    ] {
        for secret in [SECRET, ""] {
            let token = headed(&amy, json!({}), &header, secret);
            amy.with_token(&token).get("/api/user").await.is_error(401, "token", "is invalid");
            amy.with_token(&token).get("/api/articles").await.status(200);
        }
    }
}

#[rstest]
#[actix_web::test]
async fn what_is_no_token_is_invalid(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = start(engine).await;
    let amy = app.user("amy").await;
    let long = "a".repeat(10_000);
    let longest = format!("{}.{long}", token_of(&amy));
    for rubbish in ["x", ".", "..", "a.b", "a.b.c", "....", "null", "e30.e30.e30", &long, &longest] {
        amy.with_token(rubbish).get("/api/user").await.is_error(401, "token", "is invalid");
        amy.with_token(rubbish).get("/api/articles").await.status(200);
    }
}

/// ASVS 5.0 V9.2.3: only tokens for this audience are accepted; and none with a claim missing or of another kind.
#[rstest]
#[actix_web::test]
async fn a_signed_token_of_other_claims_is_invalid(#[values(Sqlite, Postgres)] engine: Engine) {
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
        amy.with_token(&token).get("/api/user").await.is_error(401, "token", "is invalid");
        amy.with_token(&token).get("/api/articles").await.status(200);
    }
}
