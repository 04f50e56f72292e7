//! The migrations of each engine, embedded in the program.

use std::sync::LazyLock;

use diesel::backend::Backend;
use diesel::migration::MigrationSource;
use diesel::pg::Pg;
use diesel::sqlite::Sqlite;
use diesel_migrations::{EmbeddedMigrations, embed_migrations};

pub const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");
pub const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");

pub static MISSING_IN_POSTGRES: LazyLock<String> = LazyLock::new(|| missing::<Pg>(&POSTGRES));
pub static MISSING_IN_SQLITE: LazyLock<String> = LazyLock::new(|| missing::<Sqlite>(&SQLITE));

/// Returns the SQL that counts missing migrations. Those of a newer program do not count: while
/// instances are replaced, the old ones continue on the new schema.
fn missing<DB: Backend>(history: &EmbeddedMigrations) -> String
where
    EmbeddedMigrations: MigrationSource<DB>,
{
    let migrations = MigrationSource::<DB>::migrations(history).unwrap_or_default();
    let versions: Vec<String> = migrations.iter().map(|one| format!("'{}'", one.name().version())).collect();
    format!(
        "select cast({} - count(*) as bigint) from __diesel_schema_migrations where version in ({})",
        versions.len(),
        versions.join(", "),
    )
}
