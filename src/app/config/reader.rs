//! The layers, environment over YAML over defaults, read setting by setting.
//! For the groups of settings beside it: each asks for its values, and all refusals end in one error.

use std::collections::{BTreeMap, HashMap};

use ::config::{Environment, File, FileFormat, Value, ValueKind};

use super::{
    Profile,
    error::{ConfigError, Problem, Wrong},
    nearest::nearest,
    settings::{self, CONDUIT_CONFIG, Setting},
};

/// The given values and what was found wrong with them so far.
pub struct Reader {
    /// Chooses the defaults.
    pub profile: Profile,
    given: HashMap<&'static str, String>,
    problems: Vec<Problem>,
}

impl Reader {
    /// Lays the environment over the YAML text. Unknown variables are someone else's, unknown YAML keys are mistakes.
    pub fn new(yaml: &str, env: &HashMap<String, String>) -> Result<Self, ConfigError> {
        let mut layers: BTreeMap<_, _> = merged(yaml, env)?.into_iter().collect();
        let mut reader = Self { profile: Profile::Dev, given: HashMap::new(), problems: Vec::new() };
        for setting in layered() {
            match layers.remove(&setting.key()).map(text_of) {
                Some(Some(text)) if !text.is_empty() => {
                    reader.given.insert(setting.name, text);
                }
                Some(None) => reader.refuse(setting, "not plain text in YAML", "quotes around it"),
                _ => {}
            }
        }
        reader.problems.extend(layers.into_keys().map(unknown));
        Ok(reader)
    }

    /// The setting's value, given or by default; none when it is wrong (which is then noted).
    pub fn get<T>(&mut self, setting: &Setting, parse: impl Fn(&str) -> Result<T, Wrong>) -> Option<T> {
        let default = setting.default_text(self.profile).unwrap_or_default();
        let text = self.given.get(setting.name).map_or(default, String::as_str);
        match parse(text) {
            Ok(value) => Some(value),
            Err(wrong) => {
                let found = wrong.instead.unwrap_or_else(|| format!("{text:?}"));
                self.refuse(setting, &found, &wrong.expected);
                None
            }
        }
    }

    /// Like [`Reader::get`] for a setting that may be absent: the inner `None`.
    pub fn optional<T>(&mut self, setting: &Setting, parse: impl Fn(&str) -> Result<T, Wrong>) -> Option<Option<T>> {
        if self.given.contains_key(setting.name) { self.get(setting, parse).map(Some) } else { Some(None) }
    }

    /// Notes that a setting will not do.
    pub fn refuse(&mut self, setting: &Setting, found: &str, expected: &str) {
        self.problems.push(Problem::Value {
            name: setting.name,
            found: found.to_owned(),
            expected: expected.to_owned(),
        });
    }

    /// The configuration, if nothing at all was wrong.
    pub fn finish<T>(self, config: Option<T>) -> Result<T, ConfigError> {
        match config {
            Some(config) if self.problems.is_empty() => Ok(config),
            _ => Err(ConfigError(self.problems)),
        }
    }
}

/// Every setting but the one that names the YAML file, which cannot stand in it.
fn layered() -> impl Iterator<Item = &'static Setting> {
    settings::all().filter(|setting| setting.name != CONDUIT_CONFIG.name)
}

fn merged(yaml: &str, env: &HashMap<String, String>) -> Result<HashMap<String, Value>, ConfigError> {
    let known = layered()
        .filter_map(|setting| env.get_key_value(setting.name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    ::config::Config::builder()
        .add_source(File::from_str(yaml, FileFormat::Yaml))
        .add_source(Environment::default().source(Some(known)).ignore_empty(true))
        .build()
        .and_then(|merged| merged.cache.into_table())
        .map_err(|error| not_yaml(&error).into())
}

/// The parser's word is passed on only where it names a place: such messages quote no more than a key, the others
/// quote the file, and someone who writes `jwt_secret=...` must not find the secret in the logs.
fn not_yaml(error: &::config::ConfigError) -> Problem {
    let text = error.to_string();
    let names_a_place = text.contains(" at byte ") && text.ends_with(|last: char| last.is_ascii_digit());
    Problem::NotYaml { detail: names_a_place.then_some(text) }
}

/// A value as the environment would have it. A fraction is refused because YAML keeps only 53 bits of it, which
/// would quietly change a secret made of digits.
fn text_of(value: Value) -> Option<String> {
    match value.kind {
        ValueKind::Nil => Some(String::new()),
        ValueKind::String(text) => Some(text),
        ValueKind::Boolean(truth) => Some(truth.to_string()),
        ValueKind::I64(number) => Some(number.to_string()),
        ValueKind::Array(values) => {
            let texts: Option<Vec<_>> = values.into_iter().map(text_of).collect();
            texts.map(|texts| texts.join(","))
        }
        _ => None,
    }
}

fn unknown(key: String) -> Problem {
    let nearest = nearest(&key.to_lowercase(), layered().map(Setting::key));
    Problem::UnknownKey { key, nearest }
}

#[cfg(test)]
mod tests {
    use super::super::Config;
    use super::super::testing::{env, errors};
    fn yaml_errors(yaml: &str) -> String {
        Config::load_from(Some(yaml), &env(&[])).unwrap_err().to_string()
    }

    #[test]
    fn the_environment_wins_over_yaml_and_yaml_over_the_default() {
        let yaml = "port: 1\nmetrics_port: 2";
        let config = Config::load_from(Some(yaml), &env(&[("PORT", "3"), ("METRICS_PORT", "")]));
        let http = config.unwrap().http;
        assert_eq!((http.port, http.metrics_port, http.body_limit), (3, 2, 1024 * 1024));
    }

    #[test]
    fn yaml_may_use_its_own_types_and_leave_values_out() {
        let yaml = "migrate_on_start: false\nworkers: 3\njwt_secret:\nhost: \"\"\n\
                    cors_allowed_origins: [https://a.example, https://b.example]";
        let config = Config::load_from(Some(yaml), &env(&[])).unwrap();
        assert!(!config.database.migrate_on_start);
        assert_eq!(config.http.workers, 3);
        assert_eq!(format!("{:?}", config.http.cors), r#"These(["https://a.example", "https://b.example"])"#);
    }

    #[test]
    fn unknown_keys_are_refused_by_name() {
        assert_eq!(
            yaml_errors("databse_url: x\nPORT: 1\ncolour_of_sky: blue"),
            "\"PORT\" in the configuration file is no setting: did you mean port?\n\
             \"colour_of_sky\" in the configuration file is no setting\n\
             \"databse_url\" in the configuration file is no setting: did you mean database_url?"
        );
        assert!(yaml_errors("conduit_config: other.yaml").contains("conduit_config"));
    }

    #[test]
    fn unknown_variables_are_none_of_our_business() {
        assert!(Config::load_from(None, &env(&[("POTR", "1"), ("a.b[0", "2")])).is_ok());
    }

    #[test]
    fn a_broken_file_is_named_without_its_content() {
        let list = "the configuration file is no list of `name: value` lines in YAML";
        assert_eq!(yaml_errors("jwt_secret=hunter2"), list);
        assert_eq!(yaml_errors("[hunter2]"), list);
        let error = yaml_errors("port: 1\nhost: : x");
        assert!(error.starts_with(list) && error.contains("line 2"), "{error}");
    }

    #[test]
    fn digits_that_yaml_would_round_need_quotes() {
        let digits = "1234567890".repeat(4);
        assert_eq!(
            yaml_errors(&format!("jwt_secret: {digits}")),
            "JWT_SECRET is not plain text in YAML: expected quotes around it"
        );
        assert!(Config::load_from(Some(&format!("jwt_secret: '{digits}'")), &env(&[])).is_ok());
    }

    #[test]
    fn every_wrong_setting_is_reported_at_once() {
        let text = errors(&[("PORT", "80a"), ("CONDUIT_PROFILE", "staging"), ("LOG_FORMAT", "xml")]);
        assert_eq!(text.lines().count(), 3, "{text}");
    }
}
