//! Every counter against the rows that it counts.

use conduit::adapters::persistence::{
    maintenance::{
        doctor::{self, Finding},
        migrate::Target,
    },
    postgres, sqlite,
};

use super::database::Database;

impl Database {
    /// What `conduit doctor` finds wrong.
    pub async fn findings(&self) -> Vec<Finding> {
        let findings = match self.target() {
            Target::Sqlite(settings) => doctor::check(&sqlite::open(&settings).expect("SQLite opens")).await,
            Target::Postgres(settings) => doctor::check(&postgres::open(&settings).expect("PostgreSQL opens")).await,
        };
        findings.expect("a look at the counters").into_iter().filter(|finding| finding.wrong_rows != 0).collect()
    }

    /// Fails with the names of the counters that are wrong.
    pub async fn assert_counters_match_the_rows(&self) {
        assert_eq!(self.findings().await, []);
    }
}
