//! HTTPS with `TLS_CERT_FILE` and `TLS_KEY_FILE`.

use conduit::app::config::Profile;
use rcgen::CertifiedKey;
use rstest::rstest;
use ureq::Agent;
use ureq::tls::{Certificate, RootCerts, TlsConfig};

use crate::process::Program;

/// Returns a certificate for the loopback and its key, in PEM.
fn generate_certificate() -> (String, String) {
    let CertifiedKey { cert, signing_key } = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    (cert.pem(), signing_key.serialize_pem())
}

fn https(certificate: &str, key: &str) -> Program {
    let program = Program::new().with("TLS_CERT_FILE", "cert.pem").with("TLS_KEY_FILE", "key.pem");
    program.with_file("cert.pem", certificate).with_file("key.pem", key)
}

fn agent(tls: TlsConfig) -> Agent {
    Agent::config_builder().tls_config(tls).build().new_agent()
}

#[actix_web::test]
async fn client_that_trusts_the_certificate_gets_a_response() {
    let (certificate, key) = generate_certificate();
    let program = https(&certificate, &key);
    let server = program.serve().await;
    assert!(server.base_url.starts_with("https://127.0.0.1:"));

    let authority = Certificate::from_pem(certificate.as_bytes()).unwrap();
    let tls = TlsConfig::builder().root_certs(RootCerts::from(vec![authority])).build();
    let tags = agent(tls).get(format!("{}/api/tags", server.base_url)).call().unwrap();
    assert_eq!(tags.into_body().read_to_string().unwrap(), r#"{"tags":[]}"#);
}

/// ASVS 5.0 V3.4.1: at least one year, with subdomains. In development the header would break the
/// other servers of `localhost`.
#[rstest]
#[case(Profile::Prod, Some("max-age=31536000; includeSubDomains"))]
#[case(Profile::Dev, None)]
#[actix_web::test]
async fn only_production_requires_https_of_browsers(#[case] profile: Profile, #[case] expected: Option<&str>) {
    let (certificate, key) = generate_certificate();
    let program = https(&certificate, &key);
    let program = if profile == Profile::Prod { program.with_prod_profile() } else { program };
    let server = program.serve().await;
    let tls = TlsConfig::builder().disable_verification(true).build();
    let alive = agent(tls).get(format!("{}/livez", server.base_url)).call().unwrap();
    let header = alive.headers().get("Strict-Transport-Security").map(|value| value.to_str().unwrap());
    assert_eq!(header, expected);
}

#[actix_web::test]
async fn healthcheck_uses_https_if_the_server_does() {
    let (certificate, key) = generate_certificate();
    let program = https(&certificate, &key);
    let server = program.serve().await;
    let probe = |program: Program| program.with("PORT", server.port());
    probe(https(&certificate, &key)).run(&["healthcheck"]).await.assert_success();
    probe(Program::new()).run(&["healthcheck"]).await.assert_failure();
}

#[actix_web::test]
async fn plain_http_gets_no_response() {
    let (certificate, key) = generate_certificate();
    let program = https(&certificate, &key);
    let server = program.serve().await;
    let plain = format!("http://127.0.0.1:{}/readyz", server.port());
    assert!(reqwest::get(plain).await.is_err());
}

#[actix_web::test]
async fn key_of_another_certificate_is_rejected() {
    let ((certificate, _), (_, key)) = (generate_certificate(), generate_certificate());
    let line = https(&certificate, &key).run(&[]).await.assert_failure();
    assert!(line.starts_with("TLS_CERT_FILE, TLS_KEY_FILE: "), "{line}");
}

#[actix_web::test]
async fn invalid_certificate_or_key_is_rejected() {
    let (certificate, key) = generate_certificate();
    for (certificate, key) in [(&certificate, &certificate), (&key, &key), (&String::new(), &key)] {
        let line = https(certificate, key).run(&[]).await.assert_failure();
        assert!(line.starts_with("TLS_CERT_FILE, TLS_KEY_FILE: "), "{line}");
    }
}
