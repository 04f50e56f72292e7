//! The dependency rule: arrows point inwards. Reads the tokens of every source file, and fails on a path that leaves
//! its layer's allow-list.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    str::FromStr,
};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// Files below `folder` may name these layers of this crate, and of the dependencies those that `may_use` names.
struct Rule {
    folder: &'static str,
    layers: &'static [&'static str],
    may_use: fn(&str) -> bool,
}

const LAYERS: [&str; 4] = ["adapters", "app", "domain", "ports"];

/// The longest folder that matches a file rules it.
const RULES: &[Rule] = &[
    Rule {
        folder: "domain",
        layers: &["domain", "ports"],
        may_use: |name| {
            ["async_trait", "caseless", "chrono", "secrecy", "slug", "thiserror", "unicode_normalization"]
                .contains(&name)
        },
    },
    Rule {
        folder: "ports",
        layers: &["domain", "ports"],
        may_use: |name| ["async_trait", "chrono", "futures_util", "secrecy", "thiserror"].contains(&name),
    },
    Rule {
        folder: "adapters",
        layers: &["adapters", "domain", "ports"],
        may_use: |name| !is_wiring(name) && !is_http(name) && !is_sql(name),
    },
    Rule {
        folder: "adapters/http",
        layers: &["adapters", "domain", "ports"],
        may_use: |name| !is_wiring(name) && !is_sql(name),
    },
    Rule {
        folder: "adapters/persistence",
        layers: &["adapters", "domain", "ports"],
        may_use: |name| !is_wiring(name) && !is_http(name),
    },
    Rule {
        folder: "app",
        layers: &["adapters", "app", "domain", "ports"],
        may_use: |name| name != "shaku" && !is_sql(name),
    },
    Rule {
        folder: "app/server/container.rs",
        layers: &["adapters", "domain", "ports"],
        may_use: |name| name == "shaku",
    },
    Rule { folder: "main.rs", layers: &["app"], may_use: |name| ["conduit", "mimalloc"].contains(&name) },
    Rule { folder: "lib.rs", layers: &[], may_use: |_| false },
];

fn is_wiring(name: &str) -> bool {
    let wiring = [
        "clap",
        "config",
        "shaku",
        "tracing_log",
        "tracing_subscriber",
        "metrics_exporter_prometheus",
        "metrics_process",
        "ureq",
    ];
    wiring.contains(&name) || name.starts_with("opentelemetry")
}

fn is_http(name: &str) -> bool {
    name.starts_with("actix") || name.starts_with("utoipa")
}

fn is_sql(name: &str) -> bool {
    ["deadpool", "diesel", "diesel_async", "diesel_migrations", "libsqlite3_sys", "tokio_postgres"].contains(&name)
}

#[test]
fn arrows_point_inwards() {
    let dependencies = dependencies();
    let mut offences = Vec::new();
    for file in sources(Path::new("src")).into_iter().filter(|file| !is_for_tests(file)) {
        let rule = rule_of(&file);
        for path in paths(&fs::read_to_string(&file).unwrap()) {
            if !is_allowed(rule, &file, &path, &dependencies) {
                offences.push(format!("{} names {}", file.display(), path.join("::")));
            }
        }
    }
    assert!(offences.is_empty(), "{}", offences.join("\n"));
}

#[test]
fn the_rule_notices_offences() {
    let dependencies = dependencies();
    let offends = |file: &str, code: &str| {
        let file = PathBuf::from(file);
        paths(code).iter().any(|path| !is_allowed(rule_of(&file), &file, path, &dependencies))
    };
    assert!(offends("src/domain/error.rs", "use actix_web::HttpResponse;"));
    assert!(offends("src/domain/error.rs", "fn f() { tracing::info!(\"x\"); }"));
    assert!(offends("src/domain/error.rs", "use crate::{domain::Error, adapters::http};"));
    assert!(offends("src/domain/model/user.rs", "use super::super::super::adapters::http;"));
    assert!(offends("src/domain/services/users.rs", "fn f() { diesel::select(1) }"));
    assert!(offends("src/ports/clock.rs", "use tokio::time;"));
    assert!(offends("src/adapters/http/routes.rs", "use diesel::prelude::*;"));
    assert!(offends("src/adapters/http/routes.rs", "use crate::app::config;"));
    assert!(offends("src/adapters/security/jwt.rs", "use actix_web::web;"));
    assert!(offends("src/adapters/persistence/repositories/users.rs", "use utoipa::ToSchema;"));
    assert!(offends("src/app/server/application.rs", "use shaku::module;"));
    assert!(!offends("src/domain/error.rs", "use crate::{domain::Error, ports::clock};"));
    assert!(!offends("src/domain/services/users.rs", "use super::super::model; use std::sync::Arc;"));
    assert!(!offends("src/app/server/container.rs", "use shaku::module;"));
}

/// Whether the whole file is behind `#[cfg(test)]` where it is declared.
fn is_for_tests(file: &Path) -> bool {
    ["testing.rs", "tests.rs", "strategies.rs"].iter().any(|name| file.ends_with(name))
}

fn rule_of(file: &Path) -> &'static Rule {
    let inside = file.strip_prefix("src").unwrap();
    let rules = RULES.iter().filter(|rule| inside.starts_with(rule.folder));
    rules.max_by_key(|rule| rule.folder.len()).unwrap_or_else(|| panic!("{} belongs to no layer", file.display()))
}

fn is_allowed(rule: &Rule, file: &Path, path: &[String], dependencies: &BTreeSet<String>) -> bool {
    match path.first().map(String::as_str) {
        Some("crate") => path.get(1).is_none_or(|layer| rule.layers.contains(&layer.as_str())),
        Some("super") => {
            // Far enough up, a path leaves the layer: then what follows is the name of another.
            let ups = path.iter().take_while(|part| *part == "super").count();
            let target = path.get(ups).map_or("", String::as_str);
            ups < depth(file) || !LAYERS.contains(&target) || rule.layers.contains(&target)
        }
        Some(name) if dependencies.contains(name) => (rule.may_use)(name),
        _ => true,
    }
}

/// How many `super` lead from the module of this file to the root of the crate.
fn depth(file: &Path) -> usize {
    let parts = file.strip_prefix("src").unwrap().components().count();
    if file.ends_with("mod.rs") { parts - 1 } else { parts }
}

/// The paths in some code: in `use` trees, expressions, types and macros alike.
fn paths(code: &str) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    collect(TokenStream::from_str(code).unwrap(), &[], &mut found);
    found
}

fn collect(tokens: TokenStream, prefix: &[String], found: &mut Vec<Vec<String>>) {
    let tokens = without_tests(tokens);
    let mut path: Vec<String> = prefix.to_vec();
    let mut place = 0;
    while let Some(token) = tokens.get(place) {
        let joined = is_colon(tokens.get(place + 1)) && is_colon(tokens.get(place + 2));
        match token {
            TokenTree::Ident(name) => {
                path.push(name.to_string());
                if joined {
                    place += 2;
                } else {
                    if path.len() > 1 {
                        found.push(path.clone());
                    }
                    path = prefix.to_vec();
                }
            }
            TokenTree::Group(group) => {
                // Braces after `a::` are a tree of paths that begin with it; any other group begins anew.
                let is_tree = group.delimiter() == Delimiter::Brace && path.len() > prefix.len();
                collect(group.stream(), if is_tree { &path } else { &[] }, found);
                path = prefix.to_vec();
            }
            TokenTree::Punct(_) | TokenTree::Literal(_) => {
                // `a::*` ends here.
                if path.len() > prefix.len() {
                    found.push(path);
                }
                path = prefix.to_vec();
            }
        }
        place += 1;
    }
}

/// Leaves out what stands behind `#[cfg(test)]`, and what `#[cfg_attr(test, ...)]` would add: tests have crates of
/// their own.
fn without_tests(tokens: TokenStream) -> Vec<TokenTree> {
    let mut kept = Vec::new();
    let mut tokens = tokens.into_iter();
    while let Some(token) = tokens.next() {
        let TokenTree::Group(group) = &token else {
            kept.push(token);
            continue;
        };
        let text = group.to_string().replace(' ', "");
        if text == "[cfg(test)]" {
            // The item ends with its braces or a semicolon.
            let ends = |token: &TokenTree| match token {
                TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
                token => token.to_string() == ";",
            };
            let _item = tokens.find(ends);
        } else if !text.starts_with("[cfg_attr(test,") {
            kept.push(token);
        }
    }
    kept
}

fn is_colon(token: Option<&TokenTree>) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == ':')
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let files = entries.flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] });
    files.filter(|file| file.extension().is_some_and(|extension| extension == "rs")).collect()
}

/// The crates that Cargo.toml names, by the names that code uses.
fn dependencies() -> BTreeSet<String> {
    let manifest = fs::read_to_string("Cargo.toml").unwrap();
    let sections = manifest
        .split("\n[")
        .filter(|section| section.starts_with("dependencies]") || section.starts_with("dev-dependencies]"));
    let lines = sections.flat_map(|section| section.lines().skip(1));
    let names = lines.filter_map(|line| line.split_once(" = ").map(|(name, _)| name.trim().replace('-', "_")));
    names.chain([String::from("conduit")]).collect()
}
