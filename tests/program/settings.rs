//! Settings from the environment and from `conduit.yaml`, and the message about an invalid one.

use std::net::TcpListener;

use conduit::app::config::settings;
use conduit::app::config::settings::CONDUIT_CONFIG;
use rstest::rstest;

use crate::process::Program;

const EXPECTED_SECRET: &str = "32 bytes or more that no one can guess; openssl rand -hex 32 makes some";

#[rstest]
#[case::port(&[("PORT", "80a")], "PORT is \"80a\": expected a number from 0 to 65535")]
#[case::profile(&[("CONDUIT_PROFILE", "staging")], "CONDUIT_PROFILE is \"staging\": expected dev or prod")]
#[case::ports(&[("PORT", "4000"), ("METRICS_PORT", "4000")], "METRICS_PORT is \"4000\": expected another port than PORT")]
#[case::certificate(&[("TLS_CERT_FILE", "/dev/null")], "TLS_KEY_FILE is not set: expected the key for TLS_CERT_FILE")]
#[case::key(&[("TLS_KEY_FILE", "/dev/null")], "TLS_CERT_FILE is not set: expected the chain for TLS_KEY_FILE")]
#[case::missing(
    &[("TLS_CERT_FILE", "cert.pem"), ("TLS_KEY_FILE", "/dev/null")],
    "TLS_CERT_FILE is \"cert.pem\": expected a readable file (No such file or directory (os error 2))",
)]
#[case::engine(
    &[("DATABASE_URL", "mysql://me:hunter2@db/conduit")],
    "DATABASE_URL is \"mysql://…\": expected sqlite://PATH or postgres://USER:PASSWORD@HOST/DATABASE",
)]
#[case::short_secret(&[("JWT_SECRET", "hunter2")], &format!("JWT_SECRET is 7 bytes long: expected {EXPECTED_SECRET}"))]
#[case::no_secret(&[("CONDUIT_PROFILE", "prod")], &format!("JWT_SECRET is not set: expected {EXPECTED_SECRET}"))]
#[case::known_secret(
    &[("CONDUIT_PROFILE", "prod"), ("JWT_SECRET", "changemechangemechangemechangeme")],
    &format!("JWT_SECRET is well known: expected {EXPECTED_SECRET}"),
)]
#[actix_web::test]
async fn invalid_value_stops_the_start(#[case] environment: &[(&str, &str)], #[case] line: &str) {
    let program = environment.iter().fold(Program::new(), |program, (name, value)| program.with(name, value));
    assert_eq!(program.run(&[]).await.assert_failure(), line);
}

#[actix_web::test]
async fn every_setting_is_read_from_the_environment_and_validated() {
    for setting in settings::all().filter(|setting| setting.name != CONDUIT_CONFIG.name) {
        let line = Program::new().with(setting.name, "a=b=c").run(&[]).await.assert_failure();
        assert!(line.starts_with(&format!("{} is ", setting.name)) && line.contains(": expected "), "{line}");
    }
}

#[rstest]
#[actix_web::test]
async fn taken_port_is_reported(#[values("PORT", "METRICS_PORT")] name: &str) {
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = other.local_addr().unwrap();
    let line = Program::new().with(name, &address.port().to_string()).run(&[]).await.assert_failure();
    assert!(line.starts_with(&format!("{name}: cannot listen on {address}: ")), "{line}");
}

#[actix_web::test]
async fn environment_takes_precedence_over_conduit_yaml() {
    let program = Program::new().with_file("conduit.yaml", "database_url: sqlite://from-yaml.db");
    program.run(&["migrate"]).await.assert_success();
    assert!(program.path("from-yaml.db").exists());

    let program = program.with("DATABASE_URL", "sqlite://from-environment.db");
    program.run(&["migrate"]).await.assert_success();
    assert!(program.path("from-environment.db").exists());
}

#[rstest]
#[case::by_argument("", &["migrate", "--config", "other.yaml"])]
#[case::by_environment("other.yaml", &["migrate"])]
#[actix_web::test]
async fn other_configuration_file_replaces_conduit_yaml(#[case] variable: &str, #[case] arguments: &[&str]) {
    let program = Program::new()
        .with_file("conduit.yaml", "database_url: sqlite://from-conduit.db")
        .with_file("other.yaml", "database_url: sqlite://from-other.db")
        .with("CONDUIT_CONFIG", variable);
    program.run(arguments).await.assert_success();
    assert!(program.path("from-other.db").exists() && !program.path("from-conduit.db").exists());
}

#[actix_web::test]
async fn missing_configuration_file_is_reported() {
    let line = Program::new().run(&["--config", "missing.yaml"]).await.assert_failure();
    assert!(line.starts_with("the configuration file \"missing.yaml\" cannot be read: "), "{line}");
}

#[actix_web::test]
async fn unknown_key_is_reported_with_the_most_similar_one() {
    let line = Program::new().with_file("conduit.yaml", "databse_url: x").run(&[]).await.assert_failure();
    assert_eq!(line, "\"databse_url\" in the configuration file is no setting: did you mean database_url?");
}
