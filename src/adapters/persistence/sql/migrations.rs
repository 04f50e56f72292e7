//! The schema's history, embedded in the program: one per engine.

use std::sync::LazyLock;

use diesel::{backend::Backend, migration::MigrationSource, pg::Pg, sqlite::Sqlite};
use diesel_migrations::{EmbeddedMigrations, embed_migrations};

/// PostgreSQL's migrations.
pub const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");
/// SQLite's migrations.
pub const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");

/// How many of this program's migrations are missing in a PostgreSQL database.
pub static MISSING_IN_POSTGRES: LazyLock<String> = LazyLock::new(|| missing::<Pg>(&POSTGRES));
/// How many of this program's migrations are missing in a SQLite database.
pub static MISSING_IN_SQLITE: LazyLock<String> = LazyLock::new(|| missing::<Sqlite>(&SQLITE));

/// A text that asks for the number of missing migrations. Those of a newer program are none of this one's business:
/// while instances are replaced, the old ones go on with the new schema.
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
