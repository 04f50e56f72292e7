//! What operators do with a database as a whole: `conduit seed`, `conduit reset` and `conduit copy`.

use secrecy::ExposeSecret;

use super::{
    arguments::{Copy, Reset, Seed, Url},
    progress::Progress,
    seed::{DEMO_PASSWORD, Plan, demo_names},
    transfer,
};
use crate::{
    adapters::{persistence::maintenance::migrate::Step, system::SystemRandomness},
    app::{
        config::{Config, ConfigError, DatabaseSettings, DatabaseUrl, Location},
        database,
        server::application::hasher,
    },
    domain::{
        error::{Cause, WithCauses},
        model::{records::Count, user::PasswordHash, values::Password},
    },
    ports::{clock::Randomness, security::PasswordHasher},
};

/// Fills the database of the settings with a site that is made up.
pub async fn seed(config: &Config, order: &Seed) -> Result<(), Cause> {
    unless_prod(config, order.force, "seed", "fills the database with a site that is made up")?;
    if config.database.migrate_on_start {
        database::migrate(&config.database, Step::Apply).await?;
    }
    let store = database::transfer_store(&config.database)?;
    let plan = Plan {
        users: order.users,
        articles: order.articles,
        seed: order.seed,
        locked: hashed(config, &unguessable()).await?,
        demo: if order.demo { Some(hashed(config, DEMO_PASSWORD).await?) } else { None },
        after: store.bulk.sequences().await?,
    };
    let mut progress = Progress::start();
    transfer::seed(&store, plan, &mut progress).await.map_err(|error| with_url(&config.database, error))?;
    progress.end();
    if order.demo {
        let names: Vec<&str> = demo_names().collect();
        println!("log in as {}: the e-mail is NAME@example.com, the password {DEMO_PASSWORD}", names.join(", "));
    }
    Ok(())
}

/// Empties the database of the settings.
pub async fn reset(config: &Config, order: &Reset) -> Result<(), Cause> {
    unless_prod(config, order.force, "reset", "removes everything from the database")?;
    if config.database.migrate_on_start {
        database::migrate(&config.database, Step::Apply).await?;
    }
    let store = database::transfer_store(&config.database)?;
    let removed = transfer::clear(&store).await.map_err(|error| with_url(&config.database, error))?;
    println!("removed from {}: {}", config.database.url, told(&removed));
    Ok(())
}

/// Copies a database into an empty one.
pub async fn copy(config: &Config, order: &Copy) -> Result<(), Cause> {
    let end = |option, url: &Option<Url>| -> Result<DatabaseSettings, ConfigError> {
        let mut settings = config.database.clone();
        if let Some(Url(url)) = url {
            settings.url = DatabaseUrl::from_option(option, url.expose_secret())?;
        }
        Ok(settings)
    };
    let (from, to) = (end("--from", &order.from)?, end("--to", &order.to)?);
    if let Location::Sqlite(path) = &from.url.location
        && !path.exists()
    {
        return Err(format!("{} is {}: there is no such file", from.url.source, from.url).into());
    }
    let report = database::migrate(&from, Step::Inspect).await?;
    if !report.pending.is_empty() {
        let pending = report.pending.join(", ");
        return Err(
            format!("{} is {}: it needs conduit migrate first, for {pending}", from.url.source, from.url).into()
        );
    }
    database::migrate(&to, Step::Apply).await?;
    let (original, copy) = (database::transfer_store(&from)?, database::transfer_store(&to)?);
    let mut progress = Progress::start();
    let copied = transfer::copy(&original, &copy, &mut progress).await;
    let copied = copied.map_err(|error| format!("from {} to {}: {}", from.url, to.url, told_with_causes(&error)))?;
    progress.end();
    println!("copied from {} to {}: {}", from.url, to.url, told(&copied));
    Ok(())
}

fn unless_prod(config: &Config, force: bool, command: &str, does: &str) -> Result<(), Cause> {
    if config.is_dev() || force {
        return Ok(());
    }
    Err(format!("CONDUIT_PROFILE is prod: conduit {command} {does}, which --force makes it do here too").into())
}

async fn hashed(config: &Config, password: &str) -> Result<PasswordHash, Cause> {
    let password = Password::parse(password).map_err(|violation| violation.to_string())?;
    Ok(hasher(config, 1)?.hash(password).await?)
}

fn unguessable() -> String {
    format!("{:016x}{:016x}", SystemRandomness.bits(), SystemRandomness.bits())
}

fn with_url(settings: &DatabaseSettings, error: impl std::error::Error + 'static) -> Cause {
    format!("{} is {}: {}", settings.url.source, settings.url, told_with_causes(&error)).into()
}

fn told_with_causes(error: &(impl std::error::Error + 'static)) -> String {
    WithCauses(error).to_string()
}

fn told(counts: &[Count]) -> String {
    let counts: Vec<String> =
        counts.iter().map(|Count { kind, records }| format!("{records} {}", kind.name())).collect();
    counts.join(", ")
}
