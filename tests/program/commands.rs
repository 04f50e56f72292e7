//! `--help`, `--version`, `openapi`, `completions`, `manual` and `healthcheck`, and the standard
//! output of every command.

use std::fs::File;
use std::io;

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
async fn completions_know_commands_and_options() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = Program::new().run(&["completions", shell]).await.assert_success();
        for word in ["migrate", "healthcheck", "fault-rate", "demo"] {
            assert!(script.contains(word), "{shell}: {word}");
        }
    }
}

#[actix_web::test]
async fn manual_page_has_every_command_and_setting() {
    let page = Program::new().run(&["manual"]).await.assert_success();
    let has_line = |line: String| assert!(page.lines().any(|printed| printed == line), "{line}: {page}");
    for command in ["serve", "migrate", "doctor", "seed", "copy", "backup", "manual"] {
        has_line(format!(".SS {command}"));
    }
    has_line(String::from(r"\fB\-\-fault\-rate PERCENT\fR"));
    for setting in settings::all() {
        has_line(format!(r"\fB{}\fR", setting.name));
    }
}

/// Commands that print, in an order in which all of them succeed on a new database.
const PRINTING: [&[&str]; 11] = [
    &["migrate"],
    &["migrate", "--status"],
    &["seed", "--demo", "--users", "1", "--articles", "1"],
    &["doctor"],
    &["backup", "backup.db"],
    &["copy", "--to", "sqlite://copy.db"],
    &["reset"],
    &["migrate", "--revert", "1"],
    &["openapi"],
    &["completions", "bash"],
    &["manual"],
];

#[actix_web::test]
async fn closed_standard_output_is_no_error() {
    let program = Program::new();
    for arguments in PRINTING {
        let (reader, writer) = io::pipe().expect("a pipe");
        drop(reader);
        program.run_into(writer, arguments).await.assert_success();
    }
}

#[cfg(target_os = "linux")]
#[actix_web::test]
async fn full_standard_output_is_reported() {
    let program = Program::new();
    for arguments in PRINTING {
        let full = File::options().write(true).open("/dev/full").expect("a file that is always full");
        let line = program.run_into(full, arguments).await.assert_failure();
        assert_eq!(line, "standard output cannot be written: No space left on device (os error 28)", "{arguments:?}");
    }
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
