//! Counters that triggers maintain, compared with the rows that they count.

use conduit::adapters::persistence::maintenance::doctor;
use conduit::adapters::persistence::maintenance::doctor::Finding;
use conduit::adapters::persistence::maintenance::migrate::Target;
use conduit::adapters::persistence::{postgres, sqlite};

use super::database::Database;

impl Database {
    /// Wrong counters, as `conduit doctor` finds them.
    pub async fn findings(&self) -> Vec<Finding> {
        let findings = match self.target() {
            Target::Sqlite(settings) => doctor::check(&sqlite::open(&settings).expect("SQLite opens")).await,
            Target::Postgres(settings) => doctor::check(&postgres::open(&settings).expect("PostgreSQL opens")).await,
        };
        findings.expect("a check of the counters").into_iter().filter(|finding| finding.wrong_rows != 0).collect()
    }

    pub async fn assert_counters_match_the_rows(&self) {
        assert_eq!(self.findings().await, []);
    }
}
