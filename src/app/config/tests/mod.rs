//! Settings as a whole, and helpers that load a configuration from a few variables.

mod database;
mod http;
mod layers;
mod security;
mod telemetry;

use std::collections::HashMap;
use std::path::Path;

use secrecy::ExposeSecret;

use super::settings::CONDUIT_CONFIG;
use super::{Config, Profile, read_file, settings};

/// Secret that prod accepts.
pub const SECRET: &str = "6f1ed002ab5595859014ebf0951522d9";

/// Returns an environment of these variables.
pub fn env(values: &[(&str, &str)]) -> HashMap<String, String> {
    values.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect()
}

/// Returns the dev configuration with these variables.
pub fn load(values: &[(&str, &str)]) -> Config {
    Config::load_from(None, &env(values)).unwrap()
}

/// Returns the problems of these variables in dev.
pub fn errors(values: &[(&str, &str)]) -> String {
    Config::load_from(None, &env(values)).unwrap_err().to_string()
}

/// Asserts that `name` rejects `value`, which is shown, and expects something else.
pub fn assert_rejected(name: &str, value: &str, expected: &str) {
    assert_eq!(errors(&[(name, value)]), format!("{name} is {value:?}: expected {expected}"));
}

/// Returns the variables in `text`, which are separated by whitespace.
pub fn vars(text: &str) -> Vec<(&str, &str)> {
    text.split_whitespace().filter_map(|variable| variable.split_once('=')).collect()
}

/// Returns the prod configuration with these variables.
pub fn load_prod(values: &[(&str, &str)]) -> Config {
    Config::load_from(None, &prod(values)).unwrap()
}

/// Returns the problems of these variables in prod.
pub fn prod_errors(values: &[(&str, &str)]) -> String {
    Config::load_from(None, &prod(values)).unwrap_err().to_string()
}

fn prod(values: &[(&str, &str)]) -> HashMap<String, String> {
    let mut all = env(&[("CONDUIT_PROFILE", "prod"), ("JWT_SECRET", SECRET)]);
    all.extend(env(values));
    all
}

#[test]
fn no_setting_is_required_in_dev() {
    let config = load(&[]);
    assert_eq!(config.profile, Profile::Dev);
    assert_eq!(load_prod(&[]).profile, Profile::Prod);
}

#[test]
fn given_secret_signs() {
    assert_eq!(load_prod(&[]).security.signing_secret().unwrap().expose_secret(), SECRET);
}

#[test]
fn probe_reaches_the_loopback_if_all_addresses_are_bound() {
    for (host, address) in [("0.0.0.0", "127.0.0.1:8080"), ("::", "[::1]:8080"), ("10.1.2.3", "10.1.2.3:8080")] {
        assert_eq!(load(&[("HOST", host)]).http.probe_address().to_string(), address);
    }
}

#[test]
fn unknown_profile_is_rejected() {
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

/// The value is invalid for every setting, and must not appear in the message of a secret one.
#[test]
fn every_setting_rejects_nonsense_in_one_line_with_its_name() {
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
fn named_file_must_exist() {
    let error = Config::load(Some(Path::new("/no/such.yaml"))).unwrap_err();
    let line = "the configuration file \"/no/such.yaml\" cannot be read: No such file or directory (os error 2)";
    assert_eq!(error.to_string(), line);
    assert!(matches!(read_file(Path::new("/no/such.yaml"), false), Ok(None)));
}
