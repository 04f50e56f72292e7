//! Violations of the rules for request fields. The messages are part of the API.

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Violation {
    /// Missing, empty or only white space.
    #[error("can't be blank")]
    Blank,
    #[error("can't be null")]
    Null,
    /// Of the wrong type or form.
    #[error("is invalid")]
    Invalid,
    #[error("is too short (minimum is {minimum} characters)")]
    TooShort { minimum: usize },
    #[error("is too long (maximum is {maximum} characters)")]
    TooLong { maximum: usize },
    #[error("has too many (maximum is {maximum})")]
    TooMany { maximum: usize },
    #[error("has already been taken")]
    Taken,
    #[error("can't follow yourself")]
    OwnProfile,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field} {violation}")]
pub struct FieldError {
    pub field: &'static str,
    pub violation: Violation,
}

/// All violations of a request, in the order in which they were found.
#[derive(Clone, Debug, Default, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))]
pub struct FieldErrors(Vec<FieldError>);

impl FieldErrors {
    pub fn one(field: &'static str, violation: Violation) -> Self {
        Self(vec![FieldError { field, violation }])
    }

    pub fn push(&mut self, field: &'static str, violation: Violation) {
        self.0.push(FieldError { field, violation });
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = &FieldError> {
        self.0.iter()
    }

    /// Returns the parsed value, or records the violation and returns `None`.
    pub fn check<T>(&mut self, field: &'static str, parsed: Result<T, Violation>) -> Option<T> {
        parsed.map_err(|violation| self.push(field, violation)).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_those_of_the_api() {
        for (violation, message) in [
            (Violation::Blank, "can't be blank"),
            (Violation::Null, "can't be null"),
            (Violation::Invalid, "is invalid"),
            (Violation::TooShort { minimum: 8 }, "is too short (minimum is 8 characters)"),
            (Violation::TooLong { maximum: 64 }, "is too long (maximum is 64 characters)"),
            (Violation::TooMany { maximum: 32 }, "has too many (maximum is 32)"),
            (Violation::Taken, "has already been taken"),
            (Violation::OwnProfile, "can't follow yourself"),
        ] {
            assert_eq!(violation.to_string(), message);
        }
    }

    #[test]
    fn check_returns_values_and_records_violations() {
        let mut errors = FieldErrors::default();
        assert_eq!(errors.check("bio", Ok(1)), Some(1));
        assert!(errors.is_empty());

        assert_eq!(errors.check::<i32>("email", Err(Violation::Blank)), None);
        assert_eq!(errors.check::<i32>("username", Err(Violation::Invalid)), None);
        assert_eq!(errors.to_string(), "email can't be blank, username is invalid");
        let fields: Vec<_> = errors.iter().map(|error| error.field).collect();
        assert_eq!(fields, ["email", "username"]);
    }

    #[test]
    fn one_equals_a_single_push() {
        let mut pushed = FieldErrors::default();
        pushed.push("limit", Violation::Invalid);
        assert_eq!(FieldErrors::one("limit", Violation::Invalid), pushed);
    }
}
