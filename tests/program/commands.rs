//! `--help`, `--version`, `openapi` and `healthcheck`.

use conduit::app::config::settings;
use serde_json::Value;

use crate::{
    process::{ClosedPort, Program},
    support::document::DOCUMENT,
};

#[actix_web::test]
async fn the_help_names_every_setting() {
    let help = Program::new().run(&["--help"]).await.succeeds();
    for setting in settings::all() {
        assert!(help.contains(&format!("    {} ", setting.name)) && help.contains(setting.about), "{}", setting.name);
    }
}

#[actix_web::test]
async fn the_version_is_told() {
    let version = concat!("conduit ", env!("CARGO_PKG_VERSION"), "\n");
    assert_eq!(Program::new().run(&["--version"]).await.succeeds(), version);
}

#[actix_web::test]
async fn the_document_is_printed_whatever_the_settings() {
    let printed = Program::new().with("PORT", "nonsense").run(&["openapi"]).await.succeeds();
    assert_eq!(serde_json::from_str::<Value>(&printed).expect("JSON"), *DOCUMENT);
    assert!(printed.lines().count() > 1000, "for people");
}

#[actix_web::test]
async fn a_server_that_is_ready_is_healthy() {
    let program = Program::new();
    let server = program.serve().await;
    let said = Program::new().with("PORT", server.port()).run(&["healthcheck"]).await.succeeds();
    assert_eq!(said, "");
}

#[actix_web::test]
async fn a_port_where_nobody_listens_is_not_healthy() {
    let port = ClosedPort::take();
    let line = Program::new().with("PORT", &port.number().to_string()).run(&["healthcheck"]).await.fails();
    assert!(line.starts_with(&format!("http://127.0.0.1:{}/readyz: ", port.number())), "{line}");
}
