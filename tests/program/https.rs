//! HTTPS by `TLS_CERT_FILE` and `TLS_KEY_FILE`.

use rcgen::CertifiedKey;
use ureq::tls::{Certificate, RootCerts, TlsConfig};

use crate::process::Program;

/// A certificate for the loopback and its key, in PEM.
fn certify() -> (String, String) {
    let CertifiedKey { cert, signing_key } = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    (cert.pem(), signing_key.serialize_pem())
}

fn https(certificate: &str, key: &str) -> Program {
    let program = Program::new().with("TLS_CERT_FILE", "cert.pem").with("TLS_KEY_FILE", "key.pem");
    program.with_file("cert.pem", certificate).with_file("key.pem", key)
}

#[actix_web::test]
async fn a_client_that_trusts_the_certificate_is_answered() {
    let (certificate, key) = certify();
    let program = https(&certificate, &key);
    let server = program.serve().await;
    assert!(server.base.starts_with("https://127.0.0.1:"));

    let authority = Certificate::from_pem(certificate.as_bytes()).unwrap();
    let tls = TlsConfig::builder().root_certs(RootCerts::from(vec![authority])).build();
    let agent = ureq::Agent::config_builder().tls_config(tls).build().new_agent();
    let tags = agent.get(format!("{}/api/tags", server.base)).call().unwrap();
    // ASVS 5.0 V3.4.1: for a year and more, and for all that is below this host.
    let promise = tags.headers().get("Strict-Transport-Security").unwrap();
    assert_eq!(promise, "max-age=31536000; includeSubDomains");
    assert_eq!(tags.into_body().read_to_string().unwrap(), r#"{"tags":[]}"#);
}

#[actix_web::test]
async fn the_health_check_speaks_https_where_the_server_does() {
    let (certificate, key) = certify();
    let program = https(&certificate, &key);
    let server = program.serve().await;
    let probe = |program: Program| program.with("PORT", server.port());
    probe(https(&certificate, &key)).run(&["healthcheck"]).await.succeeds();
    probe(Program::new()).run(&["healthcheck"]).await.fails();
}

#[actix_web::test]
async fn plain_http_gets_no_answer() {
    let (certificate, key) = certify();
    let program = https(&certificate, &key);
    let server = program.serve().await;
    let plain = format!("http://127.0.0.1:{}/readyz", server.port());
    assert!(reqwest::get(plain).await.is_err());
}

#[actix_web::test]
async fn a_key_of_another_certificate_is_refused() {
    let ((certificate, _), (_, key)) = (certify(), certify());
    let line = https(&certificate, &key).run(&[]).await.fails();
    assert!(line.starts_with("TLS_CERT_FILE, TLS_KEY_FILE: "), "{line}");
}

#[actix_web::test]
async fn files_that_hold_something_else_are_refused() {
    let (certificate, key) = certify();
    for (certificate, key) in [(&certificate, &certificate), (&key, &key), (&String::new(), &key)] {
        let line = https(certificate, key).run(&[]).await.fails();
        assert!(line.starts_with("TLS_CERT_FILE, TLS_KEY_FILE: "), "{line}");
    }
}
