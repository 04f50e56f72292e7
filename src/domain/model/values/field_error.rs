//! What can be wrong with the fields of a request, and how it is told.

use std::{error::Error, fmt};

/// What is wrong with one field; the message is the contract's wording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Violation {
    /// Missing, empty or only white space where a value is required.
    Blank,
    /// `null` where only a value or nothing at all is allowed.
    Null,
    /// Of the wrong type or form.
    Invalid,
    /// Fewer characters than the minimum.
    TooShort {
        /// The fewest characters allowed.
        minimum: usize,
    },
    /// More characters than the maximum.
    TooLong {
        /// The most characters allowed.
        maximum: usize,
    },
    /// More items than the maximum.
    TooMany {
        /// The most items allowed.
        maximum: usize,
    },
    /// Unique, and somebody else's.
    Taken,
    /// One's own profile, which one cannot follow.
    OwnProfile,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Blank => f.write_str("can't be blank"),
            Self::Null => f.write_str("can't be null"),
            Self::Invalid => f.write_str("is invalid"),
            Self::Taken => f.write_str("has already been taken"),
            Self::OwnProfile => f.write_str("can't follow yourself"),
            Self::TooShort { minimum } => {
                write!(f, "is too short (minimum is {minimum} characters)")
            }
            Self::TooLong { maximum } => write!(f, "is too long (maximum is {maximum} characters)"),
            Self::TooMany { maximum } => write!(f, "has too many (maximum is {maximum})"),
        }
    }
}

/// A fault and the field that has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// The field, as the contract names it.
    pub field: &'static str,
    /// What is wrong with it.
    pub violation: Violation,
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.field, self.violation)
    }
}

/// All that is wrong with one request, in the order in which it was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldErrors(Vec<FieldError>);

impl FieldErrors {
    /// A request with one thing wrong.
    #[must_use]
    pub fn one(field: &'static str, violation: Violation) -> Self {
        Self(vec![FieldError { field, violation }])
    }

    /// Notes one more thing that is wrong.
    pub fn push(&mut self, field: &'static str, violation: Violation) {
        self.0.push(FieldError { field, violation });
    }

    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What is wrong, in the order in which it was found.
    pub fn iter(&self) -> impl Iterator<Item = &FieldError> {
        self.0.iter()
    }

    /// Unwraps a parsed value, or notes what is wrong and gives `None`.
    pub fn check<T>(&mut self, field: &'static str, parsed: Result<T, Violation>) -> Option<T> {
        parsed.map_err(|violation| self.push(field, violation)).ok()
    }
}

impl fmt::Display for FieldErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { ", " };
            write!(f, "{separator}{error}")?;
        }
        Ok(())
    }
}

impl Error for FieldErrors {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_the_contract_s() {
        let message = |violation: Violation| violation.to_string();
        assert_eq!(message(Violation::Blank), "can't be blank");
        assert_eq!(message(Violation::Null), "can't be null");
        assert_eq!(message(Violation::Invalid), "is invalid");
        let short = message(Violation::TooShort { minimum: 8 });
        assert_eq!(short, "is too short (minimum is 8 characters)");
        let long = message(Violation::TooLong { maximum: 64 });
        assert_eq!(long, "is too long (maximum is 64 characters)");
        let many = message(Violation::TooMany { maximum: 32 });
        assert_eq!(many, "has too many (maximum is 32)");
    }

    #[test]
    fn check_unwraps_what_is_right_and_notes_what_is_wrong() {
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
    fn one_is_one() {
        let mut pushed = FieldErrors::default();
        pushed.push("limit", Violation::Invalid);
        assert_eq!(FieldErrors::one("limit", Violation::Invalid), pushed);
    }
}
