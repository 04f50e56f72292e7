//! Arguments of the command line, and the text of `--help`.

use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, value_parser};
use clap_complete::Shell;
use secrecy::SecretString;

use crate::adapters::persistence::maintenance::migrate::Step;
use crate::app::config;
use crate::app::config::declaration::help;
use crate::app::config::settings::GROUPS;

/// The RealWorld backend: articles, comments, profiles and tags over HTTP.
#[derive(Debug, Parser)]
#[command(
    name = "conduit",
    version,
    after_help = "--help also lists every setting and some examples.",
    after_long_help = settings_and_examples()
)]
pub struct Cli {
    /// Read settings from this YAML file, like CONDUIT_CONFIG
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// Command, by default [`Command::Serve`].
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// Commands of the program.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve requests until SIGTERM or Ctrl-C; the default command
    #[command(after_long_help = settings_and_examples())]
    Serve(Serve),
    /// Apply the pending migrations and exit
    Migrate(Migrate),
    /// Check every counter against the rows that it counts; exit with 0 if all are correct and with
    /// 1 otherwise
    Doctor {
        /// Correct wrong counters; writers wait meanwhile
        #[arg(long)]
        repair: bool,
    },
    /// Fill an empty database with invented users, articles and comments
    #[command(after_help = "Examples:\n  \
        conduit seed --demo                               a small site with users that can log in\n  \
        conduit seed --users 100000 --articles 1000000    a large one, for measurements")]
    Seed(Seed),
    /// Empty the database
    Reset {
        /// Proceed even if CONDUIT_PROFILE is prod
        #[arg(long)]
        force: bool,
    },
    /// Copy everything from one database into another, which must be empty
    #[command(
        long_about = "Copy everything from one database into another, which must be empty, and compare the two.\n\n\
        Ids, slugs, dates and passwords stay the same. Either everything is copied or nothing. The original may be in use: \
        the copy is a consistent snapshot. Put a URL with a password into DATABASE_URL: other users can read command lines."
    )]
    Copy(Copy),
    /// Copy the SQLite database into a new file, even while a server uses it
    #[command(long_about = "Copy the SQLite database into a new file, even while a server uses it.\n\n\
        The copy is a consistent snapshot that only its owner may read. For PostgreSQL use pg_dump.")]
    Backup {
        /// File that does not exist yet
        target: PathBuf,
    },
    /// Check whether the server on HOST and PORT is ready; exit with 0 if it is and with 1
    /// otherwise
    #[command(
        long_about = "Check whether the server on HOST and PORT is ready; exit with 0 if it is and with 1 otherwise.\n\n\
        Intended for container probes: it needs no shell and no curl. If HOST is 0.0.0.0 or ::, it uses the loopback."
    )]
    Healthcheck,
    /// Print the OpenAPI 3.1 document in JSON, as served at /api/openapi.json
    Openapi,
    /// Print a script that completes commands and options in a shell
    Completions {
        /// Shell that runs the script
        shell: Shell,
    },
    /// Print the manual page, for man
    Manual,
}

impl Default for Command {
    fn default() -> Self {
        Self::Serve(Serve::default())
    }
}

/// Injected faults, for the development of front ends; none by default.
#[derive(Debug, Default, PartialEq, Eq, Args)]
pub struct Serve {
    /// Delay every response of the API by this time, as in 200ms; in development only
    #[arg(long, value_name = "TIME", value_parser = latency)]
    pub latency: Option<Duration>,

    /// Share of the API's requests that fail with 503, as in 5%; in development only
    #[arg(long, value_name = "PERCENT", value_parser = percent)]
    pub fault_rate: Option<u32>,
}

/// Direction of the migration, by default forward.
#[derive(Debug, Args)]
pub struct Migrate {
    /// Revert the last N migrations instead
    #[arg(long, value_name = "N", conflicts_with = "status")]
    revert: Option<NonZeroU32>,

    /// List the applied and the pending migrations instead
    #[arg(long)]
    status: bool,

    /// Revert even if CONDUIT_PROFILE is prod
    #[arg(long, requires = "revert")]
    pub force: bool,
}

/// Size and content of the invented site.
#[derive(Debug, Args)]
pub struct Seed {
    /// Number of users; their passwords are random
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = value_parser!(u32).range(1..=10_000_000))]
    pub users: u32,

    /// Number of articles; follows, favorites and comments are in proportion
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = value_parser!(u32).range(..=100_000_000))]
    pub articles: u32,

    /// Seed of the random generator; the same seed creates the same site
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub seed: u64,

    /// Add johndoe, janedoe and samlee, who log in with NAME@example.com and password123, and their
    /// articles
    #[arg(long)]
    pub demo: bool,

    /// Proceed even if CONDUIT_PROFILE is prod
    #[arg(long)]
    pub force: bool,
}

/// Source and target of a copy. URLs may contain a password, which clap's messages would show:
/// they are parsed later.
#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
pub struct Copy {
    /// Database to copy; by default that of DATABASE_URL
    #[arg(long, value_name = "URL")]
    pub from: Option<SecretString>,

    /// Database to fill; by default that of DATABASE_URL
    #[arg(long, value_name = "URL")]
    pub to: Option<SecretString>,
}

impl Migrate {
    /// Returns the flags as one value: clap rejects both at once.
    pub fn step(&self) -> Step {
        match (self.revert, self.status) {
            (Some(count), _) => Step::Revert(usize::try_from(count.get()).unwrap_or(usize::MAX)),
            (None, true) => Step::Inspect,
            (None, false) => Step::Apply,
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

fn settings_and_examples() -> String {
    let settings = help(GROUPS);
    format!(
        "\
Settings, from the environment or, in lower case, from conduit.yaml (the environment takes precedence, empty means unset):
{settings}
Examples:
  conduit                                      serve on http://127.0.0.1:8080 with SQLite in ./conduit.db
  PORT=4000 LOG_FORMAT=json conduit serve      serve on another port and log JSON
  DATABASE_URL=postgres://me:pw@db/conduit conduit migrate
  conduit migrate --revert 1                   revert the last migration
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
    use crate::app::config::{declaration, settings};

    fn parsed(line: &str) -> Result<Cli, clap::Error> {
        Cli::try_parse_from(line.split_whitespace())
    }

    fn task(line: &str) -> Command {
        parsed(line).unwrap().command.unwrap_or_default()
    }

    fn migration(line: &str) -> Step {
        match task(line) {
            Command::Migrate(migrate) => migrate.step(),
            other => panic!("{line} is {other:?}"),
        }
    }

    #[test]
    fn definitions_are_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn serve_is_the_default_command() {
        for line in ["conduit", "conduit serve"] {
            assert!(matches!(task(line), Command::Serve(serve) if serve == Serve::default()), "{line}");
        }
        assert!(matches!(task("conduit healthcheck"), Command::Healthcheck));
        assert!(matches!(task("conduit backup a.db"), Command::Backup { target } if target.as_os_str() == "a.db"));
    }

    #[test]
    fn migrate_has_one_direction_at_a_time() {
        assert_eq!(migration("conduit migrate"), Step::Apply);
        assert_eq!(migration("conduit migrate --status"), Step::Inspect);
        assert_eq!(migration("conduit migrate --revert 3"), Step::Revert(3));
        let rejected = |line| parsed(line).unwrap_err().kind();
        assert_eq!(rejected("conduit migrate --revert 3 --status"), ErrorKind::ArgumentConflict);
        assert_eq!(rejected("conduit migrate --revert 0"), ErrorKind::ValueValidation);
        assert_eq!(rejected("conduit migrate --force"), ErrorKind::MissingRequiredArgument);
    }

    #[test]
    fn fault_options_are_written_like_settings() {
        let serve = Serve { latency: Some(Duration::from_millis(200)), fault_rate: Some(5) };
        let line = "conduit serve --latency 200ms --fault-rate 5%";
        assert!(matches!(task(line), Command::Serve(parsed) if parsed == serve));
        for line in ["--latency soon", "--latency 2m", "--fault-rate 0%", "--fault-rate 101", "--fault-rate often"] {
            let error = parsed(&format!("conduit serve {line}")).unwrap_err();
            assert!(error.kind() == ErrorKind::ValueValidation && error.to_string().contains("expected a "), "{error}");
        }
    }

    #[test]
    fn copy_requires_an_end_and_shows_neither() {
        let Command::Copy(copy) = task("conduit copy --from sqlite://a.db --to postgres://me:hunter2@db/conduit")
        else {
            panic!("no copy")
        };
        assert!(copy.from.is_some() && copy.to.is_some() && !format!("{copy:?}").contains("hunter2"));
        assert_eq!(parsed("conduit copy").unwrap_err().kind(), ErrorKind::MissingRequiredArgument);
    }

    #[test]
    fn config_option_may_precede_or_follow_the_command() {
        for line in ["conduit --config a.yaml serve", "conduit serve --config a.yaml", "conduit --config a.yaml"] {
            assert_eq!(parsed(line).unwrap().config, Some(PathBuf::from("a.yaml")), "{line}");
        }
    }

    #[test]
    fn help_lists_every_command_setting_and_default() {
        for line in ["conduit --help", "conduit serve --help"] {
            let help = parsed(line).unwrap_err().to_string();
            for setting in settings::all() {
                assert!(help.contains(&format!("    {} ", setting.name)), "{line}: {}", setting.name);
                assert!(help.contains(setting.about), "{line}: {}", setting.name);
            }
            assert!(help.contains("Examples:") && help.contains(&declaration::help(GROUPS)), "{line}");
        }
        let help = parsed("conduit --help").unwrap_err().to_string();
        for command in
            ["serve", "migrate", "seed", "reset", "copy", "backup", "healthcheck", "--config <FILE>", "--version"]
        {
            assert!(help.contains(command), "{command}");
        }
    }

    #[test]
    fn short_help_fits_on_a_screen() {
        assert!(parsed("conduit -h").unwrap_err().to_string().lines().count() <= 24);
    }
}
