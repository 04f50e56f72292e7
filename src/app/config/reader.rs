//! Reads settings from the environment, from YAML or from their defaults, and collects every
//! problem.

use std::collections::{BTreeSet, HashMap};

use ::config::{File, FileFormat, Source, Value, ValueKind};

use super::declaration::{Profile, Setting};
use super::error::{ConfigError, ConfigProblem, ParseError, ParseResult};

/// Given values, and the problems found so far.
pub struct Reader {
    pub profile: Profile,
    given: HashMap<&'static str, String>,
    problems: Vec<ConfigProblem>,
}

pub trait SettingsGroup: Sized {
    /// Reads all fields, then checks the rules between them. `None` means that `reader` has
    /// recorded a problem.
    fn read(reader: &mut Reader) -> Option<Self>;
}

impl Reader {
    /// Collects the values of `settings`; the environment takes precedence over YAML.
    ///
    /// An unknown variable belongs to another program and is ignored; an unknown YAML key is a
    /// problem.
    pub fn new(settings: &[&'static Setting], yaml: &str, env: &HashMap<String, String>) -> Result<Self, ConfigError> {
        let mut from_yaml = File::from_str(yaml, FileFormat::Yaml).collect().map_err(|error| not_yaml(&error))?;
        let mut reader = Self { profile: Profile::Dev, given: HashMap::new(), problems: Vec::new() };
        for setting in settings {
            let in_env = env.get(setting.name).filter(|text| !text.is_empty()).cloned();
            match (in_env, from_yaml.remove(&setting.key()).map(text_of)) {
                (Some(text), _) | (None, Some(Some(text))) => {
                    reader.given.insert(setting.name, text);
                }
                (None, Some(None)) => {
                    reader.reject(setting, ParseError::hidden("not plain text in YAML", "quotes around it"));
                }
                (None, None) => {}
            }
        }
        for key in from_yaml.into_keys().collect::<BTreeSet<_>>() {
            let nearest = nearest(&key.to_lowercase(), settings.iter().map(|setting| setting.key()));
            let hint = nearest.map_or_else(String::new, |nearest| format!(": did you mean {nearest}?"));
            let line = format!("{key:?} in the configuration file is no setting{hint}");
            reader.problems.push(ConfigProblem(line));
        }
        Ok(reader)
    }

    /// Parses the value of `setting`, or its default. `None` means that a problem was recorded.
    pub fn get<T>(&mut self, setting: &Setting, parse: impl Fn(&str) -> ParseResult<T>) -> Option<T> {
        parse(self.text(setting)).map_err(|error| self.reject(setting, error)).ok()
    }

    /// Records the outcome of a rule that blames `setting`.
    pub fn check(&mut self, setting: &Setting, rule: Option<ParseError>) {
        if let Some(error) = rule {
            self.reject(setting, error);
        }
    }

    pub fn finish<T>(self, config: Option<T>) -> Result<T, ConfigError> {
        match config {
            Some(config) if self.problems.is_empty() => Ok(config),
            _ => Err(ConfigError(self.problems)),
        }
    }

    fn text(&self, setting: &Setting) -> &str {
        let given = self.given.get(setting.name).filter(|text| !text.is_empty());
        given.map_or(setting.default_text(self.profile), String::as_str)
    }

    fn reject(&mut self, setting: &Setting, error: ParseError) {
        let problem = error.into_problem(setting.name, self.text(setting));
        self.problems.push(problem);
    }
}

/// Returns the parser's message only if it names a position: such a message quotes a key at most.
/// Others quote the file, and `jwt_secret=...`, which is not YAML, must not put the secret into the
/// logs.
fn not_yaml(error: &::config::ConfigError) -> ConfigProblem {
    let text = error.to_string();
    let names_position = text.contains(" at byte ") && text.ends_with(|last: char| last.is_ascii_digit());
    let detail = if names_position { format!(": {text}") } else { String::new() };
    ConfigProblem(format!("the configuration file is no list of `name: value` lines in YAML{detail}"))
}

/// Returns the value as the environment would contain it. A fraction is rejected because YAML keeps
/// only 53 bits of it, which would silently change a secret that consists of digits.
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

/// Returns the word with the smallest edit distance, which must not exceed 3 or half the length of
/// `word`.
fn nearest(word: &str, words: impl Iterator<Item = String>) -> Option<String> {
    let limit = 3.min(word.len() / 2);
    let distances = words.map(|other| (strsim::levenshtein(word, &other), other));
    distances.filter(|(distance, _)| *distance <= limit).min().map(|(_, nearest)| nearest)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn distant_word_is_not_suggested() {
        let suggested = |word| nearest(word, ["port", "host"].map(String::from).into_iter());
        for word in ["port", "prt", "potr", "poort"] {
            assert_eq!(suggested(word).as_deref(), Some("port"), "{word}");
        }
        assert_eq!(suggested("hosts").as_deref(), Some("host"));
        for word in ["", "p", "foo", "colour"] {
            assert_eq!(suggested(word), None, "{word}");
        }
    }
}
