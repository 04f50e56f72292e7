//! The configuration: defaults, then `conduit.yaml`, then the environment, checked as a whole before anything starts.
//! For the composition root, which receives typed values, and for people, who receive one line for each mistake.
#![deny(missing_docs)]

pub mod settings;

mod clients;
mod database;
mod database_url;
mod error;
mod http;
mod jwt;
mod jwt_file;
mod log;
mod nearest;
mod origins;
mod passwords;
mod reader;
#[cfg(test)]
mod testing;
mod traces;
mod values;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{env, fs, io};

pub use clients::ClientSettings;
pub use database::DatabaseSettings;
pub use database_url::DatabaseUrl;
pub use error::{ConfigError, Problem};
pub use http::{HttpSettings, TlsFiles};
pub use jwt::{JwtSecret, JwtSettings};
pub use jwt_file::SecretFileError;
pub use log::{LogFormat, LogSettings};
pub use origins::AllowedOrigins;
pub use passwords::Argon2Settings;
pub use traces::TraceSettings;

use reader::Reader;
use settings::{CONDUIT_CONFIG, CONDUIT_PROFILE};

use crate::adapters::http::middleware::inject_faults::FaultInjection;

/// Everything that can be set. `Debug` shows no secret.
#[derive(Debug, Clone)]
pub struct Config {
    /// `CONDUIT_PROFILE`: by default dev.
    pub profile: Profile,
    /// The HTTP server.
    pub http: HttpSettings,
    /// Who asks, and how often.
    pub clients: ClientSettings,
    /// The database.
    pub database: DatabaseSettings,
    /// The tokens.
    pub jwt: JwtSettings,
    /// The password hasher.
    pub argon2: Argon2Settings,
    /// The logs.
    pub log: LogSettings,
    /// What goes wrong on purpose: only the command line can say, and only in dev.
    pub faults: FaultInjection,
    /// The traces.
    pub traces: TraceSettings,
}

/// Which set of defaults and rules holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// Lenient and readable, for laptops.
    Dev,
    /// Strict, for servers.
    Prod,
}

impl Config {
    /// Whether this is development.
    #[must_use]
    pub fn is_dev(&self) -> bool {
        self.profile == Profile::Dev
    }

    /// Loads the configuration of this process; `file` is `--config` and stands above `CONDUIT_CONFIG`.
    ///
    /// # Errors
    /// [`ConfigError`] with one line for each thing that is wrong.
    pub fn load(file: Option<&Path>) -> Result<Self, ConfigError> {
        let env = environment()?;
        let named = env.get(CONDUIT_CONFIG.name).filter(|name| !name.is_empty());
        let yaml = match file.or(named.map(Path::new)) {
            Some(path) => Some(fs::read_to_string(path).map_err(|cause| unreadable(path, cause))?),
            None => read_if_present(Path::new("conduit.yaml"))?,
        };
        Self::load_from(yaml.as_deref(), &env)
    }

    /// Loads the configuration from these texts, without a look at the process or its working directory.
    ///
    /// # Errors
    /// [`ConfigError`] with one line for each thing that is wrong.
    pub fn load_from(yaml: Option<&str>, env: &HashMap<String, String>) -> Result<Self, ConfigError> {
        let mut reader = Reader::new(yaml.unwrap_or_default(), env)?;
        let config = Self::read(&mut reader);
        reader.finish(config)
    }

    /// Reads every group before it gives up on any, so that all mistakes are found at once.
    fn read(from: &mut Reader) -> Option<Self> {
        let profiles = &[("dev", Profile::Dev), ("prod", Profile::Prod)];
        let profile = from.get(&CONDUIT_PROFILE, values::choice(profiles));
        from.profile = profile.unwrap_or(Profile::Dev);
        let http = HttpSettings::read(from);
        let clients = ClientSettings::read(from);
        let database = DatabaseSettings::read(from);
        let jwt = JwtSettings::read(from);
        let argon2 = Argon2Settings::read(from);
        let log = LogSettings::read(from);
        let traces = TraceSettings::read(from);
        Some(Self {
            profile: profile?,
            http: http?,
            clients: clients?,
            database: database?,
            jwt: jwt?,
            argon2: argon2?,
            log: log?,
            faults: FaultInjection::default(),
            traces: traces?,
        })
    }
}

/// Reads a duration of the command line, written like those of settings and between two of them.
///
/// # Errors
/// What would be right.
pub fn duration(text: &str, least: &'static str, most: &'static str) -> Result<Duration, String> {
    values::duration(least, most)(text).map_err(|wrong| format!("expected {}", wrong.expected))
}

/// Our variables only: the process may have others, and those need not be UTF-8.
#[expect(clippy::disallowed_methods, reason = "this is where the environment is read")]
fn environment() -> Result<HashMap<String, String>, ConfigError> {
    let mut given = HashMap::new();
    for setting in settings::all() {
        match env::var(setting.name) {
            Ok(value) => {
                given.insert(setting.name.to_owned(), value);
            }
            Err(env::VarError::NotPresent) => {}
            Err(env::VarError::NotUnicode(_)) => {
                let (found, expected) = ("not UTF-8".to_owned(), "plain text".to_owned());
                return Err(Problem::Value { name: setting.name, found, expected }.into());
            }
        }
    }
    Ok(given)
}

fn read_if_present(path: &Path) -> Result<Option<String>, ConfigError> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(cause) => Err(unreadable(path, cause).into()),
    }
}

fn unreadable(path: &Path, cause: io::Error) -> Problem {
    let path = PathBuf::from(path);
    Problem::Unreadable { path, cause }
}

#[cfg(test)]
mod tests {
    use super::testing::{env, errors, load, load_prod};
    use super::*;

    #[test]
    fn no_setting_at_all_is_a_good_start() {
        let config = load(&[]);
        assert_eq!(config.profile, Profile::Dev);
        assert_eq!(load_prod(&[]).profile, Profile::Prod);
    }

    #[test]
    fn wrong_profiles_are_named() {
        let line = "CONDUIT_PROFILE is \"staging\": expected dev or prod";
        assert_eq!(errors(&[("CONDUIT_PROFILE", "staging")]), line);
    }

    #[test]
    fn debug_shows_no_secret() {
        let secrets = env(&[
            ("JWT_SECRET", "hunter2-hunter2-hunter2-hunter2-hunter2"),
            ("JWT_SECRET_PREVIOUS", "hunter2-hunter2-hunter2-hunter2-hunter3"),
            ("DATABASE_URL", "postgres://me:hunter2@db/conduit?password=hunter2"),
        ]);
        let config = Config::load_from(None, &secrets).unwrap();
        let shown = format!("{config:?} {config:#?}");
        assert!(shown.contains("postgres://me:***@db/conduit") && !shown.contains("hunter2"));
    }

    /// A value that no setting accepts and no message may repeat where it could be a secret.
    #[test]
    fn every_setting_refuses_nonsense_in_one_line_with_its_name() {
        for setting in settings::all().filter(|setting| setting.name != CONDUIT_CONFIG.name) {
            let text = errors(&[(setting.name, "a=b=c\nhunter2")]);
            assert_eq!(text.lines().count(), 1, "{text}");
            assert!(text.starts_with(&format!("{} is ", setting.name)), "{text}");
            let is_secret =
                ["JWT_SECRET", "JWT_SECRET_PREVIOUS", "DATABASE_URL", "DATABASE_REPLICA_URL"].contains(&setting.name);
            assert_eq!(text.contains("hunter2"), !is_secret, "{text}");
        }
    }

    #[test]
    fn a_named_file_must_exist() {
        let error = Config::load(Some(Path::new("/no/such.yaml"))).unwrap_err();
        let line = "the configuration file \"/no/such.yaml\" cannot be read: No such file or directory (os error 2)";
        assert_eq!(error.to_string(), line);
        assert!(matches!(read_if_present(Path::new("/no/such.yaml")), Ok(None)));
    }
}
