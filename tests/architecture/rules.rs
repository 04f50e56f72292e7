//! What each folder may import.

use std::collections::BTreeSet;
use std::fs;

use crate::graph::Sources;
use crate::paths::paths;

/// Files below `folder` import their own folder, those in `may_import`, and the crates that
/// `may_use` accepts.
struct Rule {
    folder: &'static str,
    may_import: &'static [&'static str],
    may_use: fn(&str) -> bool,
}

/// The part of the domain that everything may import. `domain/mod.rs` re-exports the error.
const CORE: [&str; 3] = ["domain/model", "domain/error.rs", "domain/mod.rs"];

/// Every adapter may import these besides its own files.
const BELOW_ADAPTERS: [&str; 2] = ["ports", "adapters/telemetry"];

/// A file is subject to the rule with the longest matching folder.
const RULES: &[Rule] = &[
    Rule { folder: "domain", may_import: &[], may_use: is_domain_crate },
    Rule { folder: "domain/services", may_import: &["ports"], may_use: is_domain_crate },
    Rule {
        folder: "ports",
        may_import: &[],
        may_use: |name| ["async_trait", "chrono", "futures_util", "secrecy", "thiserror"].contains(&name),
    },
    adapter("adapters", |name| !is_wiring(name) && !is_http(name) && !is_sql(name)),
    adapter("adapters/http", |name| !is_wiring(name) && !is_sql(name)),
    adapter("adapters/security", |name| !is_wiring(name) && !is_http(name) && !is_sql(name)),
    adapter("adapters/system.rs", |name| !is_wiring(name) && !is_http(name) && !is_sql(name)),
    adapter("adapters/telemetry", |name| !is_sql(name) && !["clap", "config", "shaku"].contains(&name)),
    adapter("adapters/persistence/sql", is_persistence_crate),
    Rule {
        folder: "adapters/persistence/pool",
        may_import: &["ports", "adapters/telemetry", "adapters/persistence/sql"],
        may_use: is_persistence_crate,
    },
    Rule {
        folder: "adapters/persistence/postgres",
        may_import: &["ports", "adapters/telemetry", "adapters/persistence/sql", "adapters/persistence/pool"],
        may_use: is_persistence_crate,
    },
    Rule {
        folder: "adapters/persistence/sqlite",
        may_import: &["ports", "adapters/telemetry", "adapters/persistence/sql", "adapters/persistence/pool"],
        may_use: is_persistence_crate,
    },
    Rule {
        folder: "adapters/persistence/repositories",
        may_import: &["ports", "adapters/telemetry", "adapters/persistence/sql"],
        may_use: is_persistence_crate,
    },
    Rule {
        folder: "adapters/persistence/maintenance",
        may_import: &[
            "ports",
            "adapters/telemetry",
            "adapters/persistence/sql",
            "adapters/persistence/postgres",
            "adapters/persistence/sqlite",
        ],
        may_use: is_persistence_crate,
    },
    Rule {
        folder: "app",
        may_import: &["app", "adapters", "domain", "ports"],
        may_use: |name| name != "shaku" && !is_sql(name),
    },
    Rule {
        folder: "app/server/container.rs",
        may_import: &["adapters", "domain", "ports"],
        may_use: |name| name == "shaku",
    },
    Rule { folder: "main.rs", may_import: &[], may_use: |name| ["conduit", "mimalloc"].contains(&name) },
    Rule { folder: "lib.rs", may_import: &[], may_use: |_| false },
];

const fn adapter(folder: &'static str, may_use: fn(&str) -> bool) -> Rule {
    Rule { folder, may_import: &BELOW_ADAPTERS, may_use }
}

fn is_domain_crate(name: &str) -> bool {
    ["async_trait", "caseless", "chrono", "secrecy", "slug", "thiserror", "unicode_normalization"].contains(&name)
}

fn is_persistence_crate(name: &str) -> bool {
    !is_wiring(name) && !is_http(name)
}

fn is_wiring(name: &str) -> bool {
    let wiring = [
        "clap",
        "config",
        "metrics_exporter_prometheus",
        "metrics_process",
        "shaku",
        "tracing_log",
        "tracing_subscriber",
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

/// Returns one line for each path in a file that its rule forbids.
pub fn violations(sources: &Sources, file: &str) -> Vec<String> {
    let crates = dependencies();
    let rule = rule_of(file);
    let is_allowed = |path: &Vec<String>| match (sources.target(file, path), path.first()) {
        // A visibility such as `pub(in crate::adapters)` names an ancestor and imports nothing.
        (Some(target), _) => may_import(rule, &target) || is_ancestor(&target, file),
        (None, Some(name)) if crates.contains(name) => (rule.may_use)(name),
        _ => true,
    };
    let forbidden = paths(&sources.files[file]).into_iter().filter(|path| !is_allowed(path));
    forbidden.map(|path| format!("{file} imports {}", path.join("::"))).collect()
}

fn rule_of(file: &str) -> &'static Rule {
    let rules = RULES.iter().filter(|rule| is_below(file, rule.folder));
    rules.max_by_key(|rule| rule.folder.len()).unwrap_or_else(|| panic!("{file} is subject to no rule"))
}

fn may_import(rule: &Rule, target: &str) -> bool {
    let own = rule_of(target).folder == rule.folder;
    let core = CORE.iter().any(|folder| is_below(target, folder));
    own || core || rule.may_import.iter().any(|folder| is_below(target, folder))
}

fn is_ancestor(target: &str, file: &str) -> bool {
    target.strip_suffix("/mod.rs").is_some_and(|folder| is_below(file, folder))
}

fn is_below(file: &str, folder: &str) -> bool {
    file == folder || file.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

/// Returns the crates that Cargo.toml names, by the names that code uses.
fn dependencies() -> BTreeSet<String> {
    let manifest = fs::read_to_string("Cargo.toml").unwrap();
    let sections = manifest
        .split("\n[")
        .filter(|section| section.starts_with("dependencies]") || section.starts_with("dev-dependencies]"));
    let lines = sections.flat_map(|section| section.lines().skip(1));
    let names = lines.filter_map(|line| line.split_once(" = ").map(|(name, _)| name.trim().replace('-', "_")));
    names.chain([String::from("conduit")]).collect()
}
