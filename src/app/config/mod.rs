//! Configuration: defaults, then `conduit.yaml`, then the environment, checked as a whole before
//! anything starts.
#![deny(missing_docs)]

pub mod declaration;
pub mod settings;

mod database_url;
mod error;
mod parsers;
mod reader;
mod secret_file;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;
use std::time::Duration;
use std::{env, fs, io};

use secrecy::SecretString;

pub use self::database_url::{DatabaseUrl, Location};
pub use self::declaration::Profile;
pub use self::error::{ConfigError, ConfigProblem};
pub use self::secret_file::SecretFileError;
pub use self::settings::{DatabaseSettings, HttpSettings, SecuritySettings, ShutdownSettings};

use self::declaration::Setting;
use self::parsers::common;
use self::reader::{Reader, SettingsGroup};
use self::settings::{CONDUIT_CONFIG, CONDUIT_PROFILE};
use crate::adapters::http::middleware::inject_faults::FaultInjection;
use crate::adapters::security::argon2::Cost;
use crate::adapters::telemetry::logs::settings::LogSettings;
use crate::adapters::telemetry::traces::settings::TraceSettings;

/// All settings. `Debug` shows no secret.
#[derive(Debug, Clone)]
pub struct Config {
    /// Set of defaults and rules.
    pub profile: Profile,
    /// Graceful shutdown.
    pub shutdown: ShutdownSettings,
    /// HTTP server.
    pub http: HttpSettings,
    /// Database.
    pub database: DatabaseSettings,
    /// Rate limit and tokens.
    pub security: SecuritySettings,
    /// Password hashes.
    pub argon2: Cost,
    /// Logs.
    pub log: LogSettings,
    /// Traces.
    pub traces: TraceSettings,
    /// Injected faults, which only the command line sets, and only in development.
    pub faults: FaultInjection,
}

impl Config {
    /// Returns whether the profile is `dev`.
    pub fn is_dev(&self) -> bool {
        self.profile == Profile::Dev
    }

    /// Loads the configuration of this process. `file` is `--config` and takes precedence over
    /// `CONDUIT_CONFIG`.
    pub fn load(file: Option<&Path>) -> Result<Self, ConfigError> {
        let env = environment()?;
        let named = env.get(CONDUIT_CONFIG.name).filter(|name| !name.is_empty());
        let (path, is_required) = match file.or(named.map(Path::new)) {
            Some(path) => (path, true),
            None => (Path::new("conduit.yaml"), false),
        };
        Self::load_from(read_file(path, is_required)?.as_deref(), &env)
    }

    /// Loads the configuration from these texts, independently of the process and its working
    /// directory.
    pub fn load_from(yaml: Option<&str>, env: &HashMap<String, String>) -> Result<Self, ConfigError> {
        let layered: Vec<_> = settings::all().filter(|setting| setting.name != CONDUIT_CONFIG.name).collect();
        let mut reader = Reader::new(&layered, yaml.unwrap_or_default(), env)?;
        let config = Self::read(&mut reader);
        reader.finish(config)
    }

    /// Reads all groups before it returns, so that every problem is recorded.
    fn read(reader: &mut Reader) -> Option<Self> {
        let profiles = [("dev", Profile::Dev), ("prod", Profile::Prod)];
        let profile = reader.get(&CONDUIT_PROFILE, |text| common::choice(&profiles, text));
        reader.profile = profile.unwrap_or(Profile::Dev);
        let shutdown = ShutdownSettings::read(reader);
        let http = HttpSettings::read(reader);
        let database = DatabaseSettings::read(reader);
        let security = SecuritySettings::read(reader);
        let argon2 = Cost::read(reader);
        let log = LogSettings::read(reader);
        let traces = TraceSettings::read(reader);
        Some(Self {
            profile: profile?,
            shutdown: shutdown?,
            http: http?,
            database: database?,
            security: security?,
            argon2: argon2?,
            log: log?,
            traces: traces?,
            faults: FaultInjection::default(),
        })
    }
}

impl HttpSettings {
    /// Returns the paths of the certificate chain and of its key, or `None` for plain HTTP.
    pub fn tls_files(&self) -> Option<(&Path, &Path)> {
        self.tls_cert_file.as_deref().zip(self.tls_key_file.as_deref())
    }

    /// Returns an address that reaches the server from this machine: the loopback if it listens on
    /// all addresses.
    pub fn probe_address(&self) -> SocketAddr {
        let host = match self.host {
            IpAddr::V4(Ipv4Addr::UNSPECIFIED) => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(Ipv6Addr::UNSPECIFIED) => Ipv6Addr::LOCALHOST.into(),
            host => host,
        };
        SocketAddr::new(host, self.port)
    }
}

impl SecuritySettings {
    /// Returns the secret that signs tokens. Only the server needs it, so that no other command
    /// creates the file of development.
    pub fn signing_secret(&self) -> Result<SecretString, SecretFileError> {
        match &self.jwt_secret {
            Some(secret) => Ok(secret.clone()),
            None => secret_file::read_or_create(Path::new(".conduit-jwt-secret")),
        }
    }
}

/// Parses a duration of the command line, written like a setting. The error describes valid values.
pub fn duration(text: &str, min: &'static str, max: &'static str) -> Result<Duration, String> {
    common::duration(min, max)(text).map_err(|error| format!("expected {}", error.expected))
}

/// Returns the variables that are settings. Those of other programs need not be UTF-8.
#[expect(clippy::disallowed_methods, reason = "the environment is read here")]
fn environment() -> Result<HashMap<String, String>, ConfigProblem> {
    let read = |setting: &Setting| match env::var(setting.name) {
        Ok(value) => Some(Ok((setting.name.to_owned(), value))),
        Err(env::VarError::NotPresent) => None,
        Err(env::VarError::NotUnicode(_)) => {
            Some(Err(ConfigProblem(format!("{} is not UTF-8: expected plain text", setting.name))))
        }
    };
    settings::all().filter_map(read).collect()
}

fn read_file(path: &Path, is_required: bool) -> Result<Option<String>, ConfigProblem> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(cause) if cause.kind() == io::ErrorKind::NotFound && !is_required => Ok(None),
        Err(cause) => Err(ConfigProblem(format!("the configuration file {path:?} cannot be read: {cause}"))),
    }
}
