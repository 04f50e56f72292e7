//! Problems of a configuration.

/// Every problem of a configuration, one per line.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.iter().map(|problem| problem.0.as_str()).collect::<Vec<_>>().join("\n"))]
pub struct ConfigError(pub Vec<ConfigProblem>);

/// One problem: a line that names the setting, its value and what is expected. It never contains a
/// secret.
#[derive(Debug)]
pub struct ConfigProblem(pub String);

/// Reason why a parser rejects a value.
#[derive(Debug, PartialEq, Eq)]
pub struct ParseError {
    /// Text to show in place of a value that may be secret.
    pub shown: Option<String>,
    pub expected: String,
}

pub type ParseResult<T> = Result<T, ParseError>;

impl From<ConfigProblem> for ConfigError {
    fn from(problem: ConfigProblem) -> Self {
        Self(vec![problem])
    }
}

impl ParseError {
    /// Rejects a value that may be shown.
    pub fn expected(expected: impl Into<String>) -> Self {
        Self { shown: None, expected: expected.into() }
    }

    /// Rejects a value that must not be shown, or that is absent.
    pub fn hidden(shown: impl Into<String>, expected: impl Into<String>) -> Self {
        Self { shown: Some(shown.into()), expected: expected.into() }
    }

    pub fn into_problem(self, name: &str, text: &str) -> ConfigProblem {
        let found = self.shown.unwrap_or_else(|| format!("{text:?}"));
        ConfigProblem(format!("{name} is {found}: expected {}", self.expected))
    }
}
