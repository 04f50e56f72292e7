//! The command line: what can be asked of the program, and a `--help` that leaves no question open.
//! For `main`, which runs what was asked; nothing happens here.

use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, value_parser};
use secrecy::{ExposeSecret, SecretString};

use crate::app::config::{self, settings};

/// The RealWorld backend: articles, comments, profiles and tags over HTTP.
#[derive(Debug, Parser)]
#[command(
    name = "conduit",
    version,
    after_help = "--help also lists every setting and some examples.",
    after_long_help = everything_else()
)]
pub struct Cli {
    /// Read settings from this YAML file, like CONDUIT_CONFIG
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// What to do; without it, serve.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What can be asked of the program.
#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub enum Command {
    /// Answer requests until SIGTERM or Ctrl-C; this is what happens without a command
    #[command(after_long_help = everything_else())]
    Serve(Serve),
    /// Apply the pending migrations and exit
    Migrate(Migrate),
    /// Check every counter against the rows that it counts; exit with 0 if all are right and 1 if not
    Doctor(Doctor),
    /// Fill an empty database with people, articles and comments that are made up
    #[command(after_help = "Examples:\n  \
        conduit seed --demo                               a small site, and users to log in as\n  \
        conduit seed --users 100000 --articles 1000000    a large one, for measurements")]
    Seed(Seed),
    /// Empty the database
    Reset(Reset),
    /// Copy everything from one database into another, which must be empty
    #[command(
        long_about = "Copy everything from one database into another, which must be empty, and compare the two.\n\n\
        Ids, slugs, dates and passwords stay what they are. It is all copied or nothing, and the original may be in use: the \
        copy shows it at one moment. A URL with a password belongs into DATABASE_URL: others can read command lines."
    )]
    Copy(Copy),
    /// Copy the SQLite database into a new file; a server may go on using it
    #[command(long_about = "Copy the SQLite database into a new file; a server may go on using it.\n\n\
        The copy is the database at one moment, and only its owner may read it. For PostgreSQL use pg_dump.")]
    Backup(Backup),
    /// Ask the server on HOST and PORT whether it is ready; exit with 0 if so and 1 if not
    #[command(long_about = "Ask the server on HOST and PORT whether it is ready; exit with 0 if so and 1 if not.\n\n\
        Made for container probes: it needs no shell and no curl. Where HOST is 0.0.0.0 or ::, it asks the loopback.")]
    Healthcheck,
    /// Print the API's document, OpenAPI 3.1 in JSON, as the server gives it at /api/openapi.json
    Openapi,
}

impl Default for Command {
    fn default() -> Self {
        Self::Serve(Serve::default())
    }
}

/// What is to go wrong, so that front ends show what they do then; nothing by default.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
pub struct Serve {
    /// Answer requests of the API so much later, as in 200ms; in development only
    #[arg(long, value_name = "TIME", value_parser = latency)]
    pub latency: Option<Duration>,

    /// Answer so many of the API's requests with 503, as in 5%; in development only
    #[arg(long, value_name = "PERCENT", value_parser = percent)]
    pub fault_rate: Option<u32>,
}

/// Which way to migrate; without a flag, forwards.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct Migrate {
    /// Revert the last N migrations instead
    #[arg(long, value_name = "N", conflicts_with = "status")]
    revert: Option<NonZeroU32>,

    /// List the applied and the pending migrations instead
    #[arg(long)]
    status: bool,
}

/// Whether to change anything.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct Doctor {
    /// Set right what is wrong; writers wait meanwhile
    #[arg(long)]
    pub repair: bool,
}

/// What to make up.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct Seed {
    /// How many users; nobody knows their passwords
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = value_parser!(u32).range(1..=10_000_000))]
    pub users: u32,

    /// How many articles; follows, favorites and comments are in proportion
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = value_parser!(u32).range(..=100_000_000))]
    pub articles: u32,

    /// Another number makes another site, the same number the same
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub seed: u64,

    /// Add johndoe, janedoe and samlee, who log in with NAME@example.com and password123, and their articles
    #[arg(long)]
    pub demo: bool,

    /// Do it even if CONDUIT_PROFILE is prod
    #[arg(long)]
    pub force: bool,
}

/// How sure one is.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct Reset {
    /// Do it even if CONDUIT_PROFILE is prod
    #[arg(long)]
    pub force: bool,
}

/// From where to where; one of the two may be left to `DATABASE_URL`.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
#[group(required = true, multiple = true)]
pub struct Copy {
    /// The database to copy; by default that of DATABASE_URL
    #[arg(long, value_name = "URL")]
    pub from: Option<Url>,

    /// The database to fill; by default that of DATABASE_URL
    #[arg(long, value_name = "URL")]
    pub to: Option<Url>,
}

/// A database's URL as given. It may hold a password, so it is judged where that is kept out of messages.
#[derive(Debug, Clone)]
pub struct Url(pub SecretString);

impl From<&str> for Url {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl PartialEq for Url {
    fn eq(&self, other: &Self) -> bool {
        self.0.expose_secret() == other.0.expose_secret()
    }
}

impl Eq for Url {}

/// Where to copy it.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct Backup {
    /// A file that is not there yet
    pub target: PathBuf,
}

/// What `migrate` was asked to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Migration {
    /// Apply what is pending.
    Apply,
    /// Revert this many, the last one first.
    Revert(NonZeroU32),
    /// List what is applied and what is pending.
    Status,
}

/// Reads the command line; prints and exits where it asks for help, for the version, or for nonsense.
#[must_use]
pub fn parse() -> Cli {
    Cli::parse()
}

impl Cli {
    /// What to do.
    #[must_use]
    pub fn task(&self) -> Command {
        self.command.clone().unwrap_or_default()
    }
}

impl Migrate {
    /// The flags as one answer, which they are: clap refuses both at once.
    #[must_use]
    pub fn task(&self) -> Migration {
        match (self.revert, self.status) {
            (Some(count), _) => Migration::Revert(count),
            (None, true) => Migration::Status,
            (None, false) => Migration::Apply,
        }
    }
}

fn latency(text: &str) -> Result<Duration, String> {
    config::duration(text, "1ms", "1m")
}

fn percent(text: &str) -> Result<u32, String> {
    let number = text.strip_suffix('%').unwrap_or(text).parse().ok().filter(|percent| (1..=100).contains(percent));
    number.ok_or_else(|| String::from("expected a percentage from 1% to 100%"))
}

fn everything_else() -> String {
    let settings = settings::help();
    format!(
        "\
Settings, from the environment or, in small letters, from conduit.yaml (the environment wins, empty is unset):
{settings}
Examples:
  conduit                                      serve on http://127.0.0.1:8080 with SQLite in ./conduit.db
  PORT=4000 LOG_FORMAT=json conduit serve      serve on another port and log JSON
  DATABASE_URL=postgres://me:pw@db/conduit conduit migrate
  conduit migrate --revert 1                   take the last migration back
  conduit seed --demo                          fill an empty database with a small site to look at
  conduit healthcheck --config /etc/conduit.yaml
  CONDUIT_PROFILE=prod JWT_SECRET=\"$(cat /run/secrets/jwt)\" conduit"
    )
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;
    use clap::error::ErrorKind;

    use super::*;

    fn parsed(line: &str) -> Result<Cli, clap::Error> {
        Cli::try_parse_from(line.split_whitespace())
    }

    fn task(line: &str) -> Command {
        parsed(line).unwrap().task()
    }

    fn migration(line: &str) -> Migration {
        match task(line) {
            Command::Migrate(migrate) => migrate.task(),
            other => panic!("{line} is {other:?}"),
        }
    }

    #[test]
    fn the_definitions_fit_together() {
        Cli::command().debug_assert();
    }

    #[test]
    fn serving_is_the_default() {
        let serve = Command::Serve(Serve::default());
        assert_eq!([task("conduit"), task("conduit serve")], [serve.clone(), serve]);
        assert_eq!(task("conduit healthcheck"), Command::Healthcheck);
        assert_eq!(task("conduit backup a.db"), Command::Backup(Backup { target: "a.db".into() }));
    }

    #[test]
    fn migrations_go_one_way_at_a_time() {
        assert_eq!(migration("conduit migrate"), Migration::Apply);
        assert_eq!(migration("conduit migrate --status"), Migration::Status);
        let three = NonZeroU32::new(3).unwrap();
        assert_eq!(migration("conduit migrate --revert 3"), Migration::Revert(three));
        let refused = |line| parsed(line).unwrap_err().kind();
        assert_eq!(refused("conduit migrate --revert 3 --status"), ErrorKind::ArgumentConflict);
        assert_eq!(refused("conduit migrate --revert 0"), ErrorKind::ValueValidation);
    }

    #[test]
    fn faults_are_written_like_settings() {
        let serve = Serve { latency: Some(Duration::from_millis(200)), fault_rate: Some(5) };
        assert_eq!(task("conduit serve --latency 200ms --fault-rate 5%"), Command::Serve(serve));
        for line in ["--latency soon", "--latency 2m", "--fault-rate 0%", "--fault-rate 101", "--fault-rate often"] {
            let error = parsed(&format!("conduit serve {line}")).unwrap_err();
            assert!(error.kind() == ErrorKind::ValueValidation && error.to_string().contains("expected a "), "{error}");
        }
    }

    #[test]
    fn a_copy_has_at_least_one_end_and_shows_neither() {
        let Command::Copy(copy) = task("conduit copy --from sqlite://a.db --to postgres://me:hunter2@db/conduit")
        else {
            panic!("no copy")
        };
        assert!(copy.from.is_some() && copy.to.is_some() && !format!("{copy:?}").contains("hunter2"));
        assert_eq!(parsed("conduit copy").unwrap_err().kind(), ErrorKind::MissingRequiredArgument);
    }

    #[test]
    fn the_configuration_file_is_named_before_or_after_the_command() {
        for line in ["conduit --config a.yaml serve", "conduit serve --config a.yaml", "conduit --config a.yaml"] {
            assert_eq!(parsed(line).unwrap().config, Some(PathBuf::from("a.yaml")), "{line}");
        }
    }

    #[test]
    fn the_help_lists_every_command_setting_and_default() {
        for line in ["conduit --help", "conduit serve --help"] {
            let help = parsed(line).unwrap_err().to_string();
            for setting in settings::all() {
                assert!(help.contains(&format!("    {} ", setting.name)), "{line}: {}", setting.name);
                assert!(help.contains(setting.about), "{line}: {}", setting.name);
            }
            assert!(help.contains("Examples:") && help.contains(&settings::help()), "{line}");
        }
        let help = parsed("conduit --help").unwrap_err().to_string();
        for command in
            ["serve", "migrate", "seed", "reset", "copy", "backup", "healthcheck", "--config <FILE>", "--version"]
        {
            assert!(help.contains(command), "{command}");
        }
    }

    #[test]
    fn the_short_help_fits_on_a_screen() {
        assert!(parsed("conduit -h").unwrap_err().to_string().lines().count() <= 24);
    }
}
