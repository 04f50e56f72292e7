//! The command line: what can be asked of the program, and a `--help` that leaves no question open.
//! For `main`, which runs what was asked; nothing happens here.

use std::num::NonZeroU32;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use super::config::settings;

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
#[derive(Debug, Clone, PartialEq, Eq, Default, Subcommand)]
pub enum Command {
    /// Answer requests until SIGTERM or Ctrl-C; this is what happens without a command
    #[default]
    #[command(after_long_help = everything_else())]
    Serve,
    /// Apply the pending migrations and exit
    Migrate(Migrate),
    /// Check every counter against the rows that it counts; exit with 0 if all are right and 1 if not
    Doctor(Doctor),
    /// Ask the server on HOST and PORT whether it is ready; exit with 0 if so and 1 if not
    #[command(long_about = "Ask the server on HOST and PORT whether it is ready; exit with 0 if so and 1 if not.\n\n\
        Made for container probes: it needs no shell and no curl. Where HOST is 0.0.0.0 or ::, it asks the loopback.")]
    Healthcheck,
    /// Print the API's document, OpenAPI 3.1 in JSON, as the server gives it at /api/openapi.json
    Openapi,
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
        assert_eq!(task("conduit"), Command::Serve);
        assert_eq!(task("conduit serve"), Command::Serve);
        assert_eq!(task("conduit healthcheck"), Command::Healthcheck);
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
        for command in ["serve", "migrate", "healthcheck", "--config <FILE>", "--version"] {
            assert!(help.contains(command), "{command}");
        }
    }

    #[test]
    fn the_short_help_fits_on_a_screen() {
        assert!(parsed("conduit -h").unwrap_err().to_string().lines().count() <= 24);
    }
}
