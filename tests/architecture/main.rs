//! The import rules: layers import one way, no adapter imports another, no file imports in a
//! circle.
//!
//! Reads the tokens of every source file. Each rule also has a test that plants a violation.

mod graph;
mod paths;
mod rules;

use std::collections::BTreeMap;

use graph::{Sources, cycles};
use rules::violations;

#[test]
fn imports_follow_the_rules() {
    let sources = Sources::read("src");
    let violations: Vec<_> = sources.files.keys().flat_map(|file| violations(&sources, file)).collect();
    assert!(violations.is_empty(), "{}", violations.join("\n"));
}

#[test]
fn no_file_imports_in_a_circle() {
    let cycles = cycles(&Sources::read("src"));
    assert!(cycles.is_empty(), "{}", cycles.join("\n"));
}

/// Returns the project's sources with one file added or replaced.
fn with_file(path: &str, code: &str) -> Sources {
    let mut sources = Sources::read("src");
    sources.files.insert(path.to_owned(), code.to_owned());
    sources
}

/// Fails unless the rules reject this code in this file.
#[track_caller]
fn assert_rejected(path: &str, code: &str) {
    assert!(!violations(&with_file(path, code), path).is_empty(), "{path} may contain {code:?}");
}

#[test]
fn domain_model_imports_neither_ports_nor_services() {
    assert_rejected("domain/model/planted.rs", "use crate::ports::clock::Clock;");
    assert_rejected("domain/model/planted.rs", "use crate::domain::services::Users;");
    assert_rejected("domain/error.rs", "use crate::ports::repositories::RepositoryError;");
    assert_rejected("domain/model/planted.rs", "use super::super::super::adapters::http;");
}

#[test]
fn ports_import_neither_services_nor_adapters() {
    assert_rejected("ports/clock.rs", "use crate::domain::services::Users;");
    assert_rejected("ports/clock.rs", "use crate::adapters::system::SystemClock;");
    assert_rejected("ports/clock.rs", "fn f() -> crate::app::config::Config {}");
}

#[test]
fn services_import_no_adapter() {
    assert_rejected("domain/services/users.rs", "use crate::{domain::Error, adapters::http};");
    assert_rejected("domain/services/users.rs", "use crate::app::config::Config;");
}

#[test]
fn adapters_import_neither_services_nor_the_application() {
    for path in ["adapters/http/routes.rs", "adapters/persistence/sql/error.rs", "adapters/security/jwt.rs"] {
        assert_rejected(path, "use crate::domain::services::Users;");
        assert_rejected(path, "use crate::app::config::Config;");
    }
}

#[test]
fn adapters_import_no_other_adapter_except_telemetry() {
    assert_rejected("adapters/http/routes.rs", "use crate::adapters::persistence::sqlite::SqliteExecutor;");
    assert_rejected("adapters/persistence/sql/error.rs", "use crate::adapters::http::errors::HttpError;");
    assert_rejected("adapters/security/jwt.rs", "use crate::adapters::system::SystemClock;");
    assert_rejected("adapters/telemetry/mod.rs", "use crate::adapters::http::routes::Services;");
}

#[test]
fn persistence_imports_one_way() {
    let persistence = |path: &str| format!("adapters/persistence/{path}");
    assert_rejected(&persistence("sql/error.rs"), "use super::super::pool::lease::Lease;");
    assert_rejected(&persistence("pool/lease.rs"), "use crate::adapters::persistence::sqlite::SqliteExecutor;");
    assert_rejected(&persistence("sqlite/open.rs"), "use crate::adapters::persistence::postgres::PoolMode;");
    assert_rejected(&persistence("postgres/open.rs"), "use crate::adapters::persistence::sqlite::Settings;");
    assert_rejected(&persistence("sqlite/open.rs"), "use crate::adapters::persistence::repositories::users::Users;");
    assert_rejected(&persistence("repositories/users.rs"), "use crate::adapters::persistence::maintenance::doctor;");
}

#[test]
fn layers_name_only_their_crates() {
    assert_rejected("domain/error.rs", "use actix_web::HttpResponse;");
    assert_rejected("domain/error.rs", "fn f() { tracing::info!(\"x\"); }");
    assert_rejected("domain/services/users.rs", "fn f() { diesel::select(1) }");
    assert_rejected("ports/clock.rs", "use tokio::time;");
    assert_rejected("adapters/http/routes.rs", "use diesel::prelude::*;");
    assert_rejected("adapters/security/jwt.rs", "use actix_web::web;");
    assert_rejected("adapters/persistence/repositories/users.rs", "use utoipa::ToSchema;");
    assert_rejected("app/server/application.rs", "use shaku::module;");
    assert_rejected("main.rs", "use conduit::domain::Error; use diesel::prelude::*;");
}

#[test]
fn tests_inside_a_file_are_exempt() {
    let code = "#[cfg(test)] mod tests { use crate::app::config::Config; }";
    assert!(violations(&with_file("domain/model/planted.rs", code), "domain/model/planted.rs").is_empty());
}

#[test]
fn circle_of_two_files_is_found_however_they_import() {
    let mut sources = Sources { files: BTreeMap::new() };
    sources.files.insert("lib.rs".into(), "mod a; mod b;".into());
    sources.files.insert("a.rs".into(), "use crate::{c, b::{self, B}};".into());
    sources.files.insert("b.rs".into(), "fn f() { super::a::g() }".into());
    assert_eq!(cycles(&sources), ["a.rs <-> b.rs"]);
}

#[test]
fn circle_of_a_module_and_its_child_is_found() {
    let mut sources = Sources { files: BTreeMap::new() };
    sources.files.insert("lib.rs".into(), "mod a;".into());
    sources.files.insert("a/mod.rs".into(), "mod child; pub use child::Child; pub struct Parent;".into());
    sources.files.insert("a/child.rs".into(), "use super::Parent;".into());
    assert_eq!(cycles(&sources), ["a/child.rs <-> a/mod.rs"]);
}
