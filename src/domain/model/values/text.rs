//! The rules that several text values share, one function each, and their common accessors.
//!
//! A length is counted in characters, that is in Unicode scalar values.

use super::Violation;

/// Refuses text that is empty or only white space (Unicode's `White_Space`).
pub(super) fn not_blank(given: &str) -> Result<(), Violation> {
    if given.trim().is_empty() { Err(Violation::Blank) } else { Ok(()) }
}

/// Refuses text of more than `maximum` characters, at a cost bounded by `maximum`.
pub(super) fn at_most(given: &str, maximum: usize) -> Result<(), Violation> {
    if given.chars().nth(maximum).is_some() { Err(Violation::TooLong { maximum }) } else { Ok(()) }
}

/// Refuses NUL, which not every database can store in text.
pub(super) fn without_nul(given: &str) -> Result<(), Violation> {
    if given.contains('\0') { Err(Violation::Invalid) } else { Ok(()) }
}

/// Lends and gives back the text of a value `struct Value(String)`.
macro_rules! text_accessors {
    ($value:ident) => {
        impl $value {
            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// The text, handed over.
            #[must_use]
            pub fn into_string(self) -> String {
                self.0
            }
        }
    };
}
pub(super) use text_accessors;

/// Lets a value `struct Value(String)` come back from a store without being parsed again.
macro_rules! storable {
    ($value:ident) => {
        impl $value {
            /// A value that was parsed before it was stored, as it comes back.
            pub(crate) fn from_trusted(text: String) -> Self {
                Self(text)
            }
        }
    };
}
pub(super) use storable;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{super::strategies::any_text, *};

    #[test]
    fn white_space_of_any_script_is_blank() {
        for blank in ["", " ", "\t\r\n", "\u{a0}", "\u{2003}", "\u{2028}", "\u{3000}", " \u{85} "] {
            assert_eq!(not_blank(blank), Err(Violation::Blank), "{blank:?}");
        }
        assert_eq!(not_blank("\u{3000}a"), Ok(()));
    }

    #[test]
    fn characters_count_not_bytes() {
        assert_eq!(at_most("äöü", 3), Ok(()));
        assert_eq!(at_most("äöü", 2), Err(Violation::TooLong { maximum: 2 }));
    }

    proptest! {
        #[test]
        fn the_rules_mean_what_they_say(text in any_text(), maximum in 0_usize..80) {
            prop_assert_eq!(not_blank(&text).is_ok(), text.chars().any(|c| !c.is_whitespace()));
            prop_assert_eq!(at_most(&text, maximum).is_ok(), text.chars().count() <= maximum);
            prop_assert_eq!(without_nul(&text).is_ok(), text.bytes().all(|byte| byte != 0));
        }
    }
}
