//! Commands on a whole database: `conduit seed`, `conduit reset` and `conduit copy`.

use std::error::Error;

use secrecy::{ExposeSecret, SecretString};

use super::arguments::{Copy, Seed};
use super::output::print_line;
use super::progress::Progress;
use super::seed::{DEMO_PASSWORD, Plan, demo_names};
use super::transfer;
use crate::adapters::persistence::maintenance::migrate::Step;
use crate::adapters::system::SystemRandomness;
use crate::app::config::{Config, ConfigError, DatabaseSettings, DatabaseUrl, Location};
use crate::app::database;
use crate::app::database::{BulkDatabase, DatabaseError};
use crate::app::server::application;
use crate::domain::error::{Cause, WithCauses};
use crate::domain::model::user::PasswordHash;
use crate::domain::model::values::Password;
use crate::ports::clock::Randomness;
use crate::ports::security::PasswordHasher;

pub async fn seed(config: &Config, arguments: &Seed) -> Result<(), Cause> {
    ensure_not_prod(config, arguments.force, "seed", "fills the database with a site that is made up")?;
    let database = open_migrated(&config.database).await?;
    let plan = Plan {
        users: arguments.users,
        articles: arguments.articles,
        seed: arguments.seed,
        locked: hash(config, &random_password()).await?,
        demo: if arguments.demo { Some(hash(config, DEMO_PASSWORD).await?) } else { None },
        after: database.store.sequences().await?,
    };
    let mut progress = Progress::start();
    transfer::seed(&database, plan, &mut progress).await.map_err(|error| with_url(&config.database, &error))?;
    progress.finish()?;
    if arguments.demo {
        let names = demo_names().collect::<Vec<_>>().join(", ");
        print_line(format_args!("log in as {names}: the e-mail is NAME@example.com, the password {DEMO_PASSWORD}"))?;
    }
    Ok(())
}

pub async fn reset(config: &Config, force: bool) -> Result<(), Cause> {
    ensure_not_prod(config, force, "reset", "removes everything from the database")?;
    let database = open_migrated(&config.database).await?;
    let removed = transfer::clear(&database).await.map_err(|error| with_url(&config.database, &error))?;
    print_line(format_args!("removed from {}: {}", config.database.url, transfer::describe(&removed)))
}

/// # Errors
/// If fewer than `count` migrations are applied, or in production without `force`.
pub async fn ensure_revertible(config: &Config, count: usize, force: bool) -> Result<(), Cause> {
    let applied = database::migrate(&config.database, Step::Inspect).await?.applied;
    let Some(kept) = applied.len().checked_sub(count) else {
        return Err(format!("--revert is {count}: only {} migrations are applied", applied.len()).into());
    };
    let reverted = applied.iter().skip(kept).map(String::as_str).collect::<Vec<_>>().join(", ");
    let effect = format!("drops the tables and columns of {reverted} with all that is in them");
    ensure_not_prod(config, force, "migrate --revert", &effect)
}

pub async fn copy(config: &Config, arguments: &Copy) -> Result<(), Cause> {
    let from = with_option(&config.database, "--from", arguments.from.as_ref())?;
    let to = with_option(&config.database, "--to", arguments.to.as_ref())?;
    ensure_migrated(&from).await?;
    database::migrate(&to, Step::Apply).await?;
    let (original, copy) = (database::open_bulk(&from)?, database::open_bulk(&to)?);
    let mut progress = Progress::start();
    let copied = transfer::copy(&original, &copy, &mut progress).await;
    let copied = copied.map_err(|error| format!("from {} to {}: {}", from.url, to.url, WithCauses(&error)))?;
    progress.finish()?;
    print_line(format_args!("copied from {} to {}: {}", from.url, to.url, transfer::describe(&copied)))
}

fn ensure_not_prod(config: &Config, force: bool, command: &str, effect: &str) -> Result<(), Cause> {
    if config.is_dev() || force {
        return Ok(());
    }
    Err(format!("CONDUIT_PROFILE is prod: conduit {command} {effect}; --force permits it").into())
}

async fn open_migrated(settings: &DatabaseSettings) -> Result<BulkDatabase, DatabaseError> {
    if settings.migrate_on_start {
        database::migrate(settings, Step::Apply).await?;
    }
    database::open_bulk(settings)
}

/// Returns the settings with the URL of an option, if there is one.
fn with_option(
    settings: &DatabaseSettings,
    option: &'static str,
    url: Option<&SecretString>,
) -> Result<DatabaseSettings, ConfigError> {
    let mut settings = settings.clone();
    if let Some(url) = url {
        settings.url = DatabaseUrl::from_option(option, url.expose_secret())?;
    }
    Ok(settings)
}

/// Leaves the original of a copy as it is: neither creates nor migrates it.
async fn ensure_migrated(original: &DatabaseSettings) -> Result<(), Cause> {
    let (url, source) = (&original.url, original.url.source);
    if let Location::Sqlite(path) = &url.location
        && !path.exists()
    {
        return Err(format!("{source} is {url}: there is no such file").into());
    }
    let pending = database::migrate(original, Step::Inspect).await?.pending;
    if !pending.is_empty() {
        let pending = pending.join(", ");
        return Err(format!("{source} is {url}: it needs conduit migrate first, for {pending}").into());
    }
    Ok(())
}

async fn hash(config: &Config, password: &str) -> Result<PasswordHash, Cause> {
    let password = Password::parse(password).map_err(|violation| violation.to_string())?;
    Ok(application::build_hasher(config, 1)?.hash(password).await?)
}

fn random_password() -> String {
    format!("{:016x}{:016x}", SystemRandomness.bits(), SystemRandomness.bits())
}

fn with_url(settings: &DatabaseSettings, error: &(dyn Error + 'static)) -> Cause {
    format!("{} is {}: {}", settings.url.source, settings.url, WithCauses(error)).into()
}
