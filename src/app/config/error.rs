//! What can be wrong with the configuration, one line for each thing.
//! For the person who starts the server: every line names the setting, what it is and what would be right.

use std::io;
use std::path::PathBuf;

/// Everything that is wrong with the configuration; its text has one line per [`Problem`].
#[derive(Debug, thiserror::Error)]
#[error("{}", lines(.0))]
pub struct ConfigError(pub Vec<Problem>);

impl From<Problem> for ConfigError {
    fn from(problem: Problem) -> Self {
        Self(vec![problem])
    }
}

/// One wrong thing. No text in here may hold a secret.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// A value that will not do.
    #[error("{name} is {found}: expected {expected}")]
    Value {
        /// The environment variable.
        name: &'static str,
        /// The value in quotes, or, for a secret, words about it.
        found: String,
        /// What would be right.
        expected: String,
    },
    /// A key in YAML that is none of ours.
    #[error("{key:?} in the configuration file is no setting{}", also(": did you mean ", .nearest.as_deref(), "?"))]
    UnknownKey {
        /// The key as written.
        key: String,
        /// The key that was probably meant.
        nearest: Option<String>,
    },
    /// A configuration file that cannot be read.
    #[error("the configuration file {path:?} cannot be read: {cause}")]
    Unreadable {
        /// Where it should be.
        path: PathBuf,
        /// Why not.
        cause: io::Error,
    },
    /// A configuration file that is not a YAML mapping.
    #[error("the configuration file is no list of `name: value` lines in YAML{}", also(": ", .detail.as_deref(), ""))]
    NotYaml {
        /// What the parser says and where, unless it quotes the file.
        detail: Option<String>,
    },
}

/// A parser's refusal of one value.
#[derive(Debug, PartialEq, Eq)]
pub struct Wrong {
    /// Words to show instead of the value, where the value is a secret.
    pub instead: Option<String>,
    /// What would be right.
    pub expected: String,
}

impl Wrong {
    /// Refuses a value that may be shown.
    pub fn expected(expected: impl Into<String>) -> Self {
        Self { instead: None, expected: expected.into() }
    }

    /// Refuses a value that must not be shown.
    pub fn hidden(instead: impl Into<String>, expected: impl Into<String>) -> Self {
        Self { instead: Some(instead.into()), expected: expected.into() }
    }
}

fn lines(problems: &[Problem]) -> String {
    let lines: Vec<_> = problems.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

fn also(before: &str, text: Option<&str>, after: &str) -> String {
    text.map_or_else(String::new, |text| format!("{before}{text}{after}"))
}
