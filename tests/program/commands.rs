//! `--help`, `--version`, `openapi` and `healthcheck`.

use conduit::app::config::settings;
use serde_json::Value;

use crate::process::{ClosedPort, Program};
use crate::support::document::DOCUMENT;

#[actix_web::test]
async fn help_describes_every_setting() {
    let help = Program::new().run(&["--help"]).await.assert_success();
    for setting in settings::all() {
        assert!(help.contains(&format!("    {} ", setting.name)) && help.contains(setting.about), "{}", setting.name);
    }
}

#[actix_web::test]
async fn version_is_printed() {
    let version = concat!("conduit ", env!("CARGO_PKG_VERSION"), "\n");
    assert_eq!(Program::new().run(&["--version"]).await.assert_success(), version);
}

#[actix_web::test]
async fn document_is_printed_even_with_invalid_settings() {
    let printed = Program::new().with("PORT", "nonsense").run(&["openapi"]).await.assert_success();
    assert_eq!(serde_json::from_str::<Value>(&printed).expect("JSON"), *DOCUMENT);
    assert!(printed.lines().count() > 1000, "it is indented");
}

#[actix_web::test]
async fn ready_server_is_healthy() {
    let program = Program::new();
    let server = program.serve().await;
    let output = Program::new().with("PORT", server.port()).run(&["healthcheck"]).await.assert_success();
    assert_eq!(output, "");
}

#[actix_web::test]
async fn closed_port_is_unhealthy() {
    let port = ClosedPort::reserve();
    let line = Program::new().with("PORT", &port.number().to_string()).run(&["healthcheck"]).await.assert_failure();
    assert!(line.starts_with(&format!("http://127.0.0.1:{}/readyz: ", port.number())), "{line}");
}
