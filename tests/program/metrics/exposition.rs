//! The whole page of metrics, compared with its documentation.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use rstest::rstest;

use crate::process::Program;
use crate::support::Engine::*;
use crate::support::{Database, Engine, Scrape};

type Metric = (String, BTreeSet<String>);

/// Parses the tables in `docs/metrics.md`: name, type, labels, meaning.
fn documented_metrics() -> BTreeMap<String, Metric> {
    let text = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/metrics.md")).expect("docs/metrics.md");
    let rows = text.lines().filter_map(|line| line.strip_prefix("| `"));
    let metric = |row: &str| {
        let mut cells = row.split(" | ");
        let (name, kind, labels) = (cells.next()?, cells.next()?, cells.next()?);
        let labels = labels.split('`').skip(1).step_by(2).map(str::to_owned);
        Some((name.trim_end_matches('`').to_owned(), (kind.to_owned(), labels.collect())))
    };
    rows.map(|row| metric(row).unwrap_or_else(|| panic!("a row with too few cells: {row}"))).collect()
}

fn exposed_metrics(scrape: &Scrape) -> BTreeMap<String, Metric> {
    let types = scrape.types().into_iter();
    let metric = |(name, kind): (&str, &str)| {
        let series = if kind == "histogram" { format!("{name}_count") } else { name.to_owned() };
        let labels = scrape.labels(&series).into_iter().flat_map(|labels| labels.keys().cloned()).collect();
        (name.to_owned(), (kind.to_owned(), labels))
    };
    types.map(metric).collect()
}

#[rstest]
#[actix_web::test]
async fn documentation_lists_every_metric_with_its_type_and_labels(#[values(Sqlite, Postgres)] engine: Engine) {
    let database = Database::create(engine).await;
    let program = Program::on(&database);
    let server = program.serve().await;
    let amy = server.anonymous().register("amy").await;
    amy.publish("Dragons").await;

    let mut documented = documented_metrics();
    documented.remove("db_replica_lag_seconds").expect("a row of what only replicas have");
    assert_eq!(exposed_metrics(&server.scrape().await), documented);
}

#[rstest]
#[actix_web::test]
async fn every_metric_has_a_help_text(#[values(Sqlite, Postgres)] engine: Engine) {
    let database = Database::create(engine).await;
    let program = Program::on(&database);
    let server = program.serve().await;
    server.anonymous().register("amy").await;

    let scrape = server.scrape().await;
    for name in scrape.types().keys() {
        assert!(scrape.text.contains(&format!("# HELP {name} ")), "{name}");
    }
}

#[rstest]
#[case::sqlite(Sqlite, "sqlite")]
#[case::postgres(Postgres, "postgres")]
#[actix_web::test]
async fn build_and_process_are_described(#[case] engine: Engine, #[case] name: &str) {
    let database = Database::create(engine).await;
    let program = Program::on(&database);
    let scrape = program.serve().await.scrape().await;

    let labels = [("version", env!("CARGO_PKG_VERSION")), ("engine", name)];
    assert_eq!(scrape.sum("conduit_build_info", &labels), 1.0);
    assert!(scrape.sum("process_start_time_seconds", &[]) > 1_600_000_000.0);
    assert!(scrape.sum("process_resident_memory_bytes", &[]) > 1_000_000.0);
    assert!(scrape.sum("process_open_fds", &[]) >= 3.0 && scrape.sum("process_threads", &[]) >= 2.0);
}
