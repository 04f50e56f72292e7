//! What text values share. Lengths count characters (Unicode scalar values).

use super::field_error::Violation;

/// Declares a value that wraps text.
macro_rules! text_value {
    ($(#[$meta:meta])* $value:ident) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        pub struct $value(String);

        impl $value {
            /// Wraps text that was parsed before, such as stored text.
            pub(crate) fn from_trusted(text: String) -> Self {
                Self(text)
            }

            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
    };
}
pub(super) use text_value;

/// Rejects text that is empty or only Unicode `White_Space`.
pub(super) fn not_blank(given: &str) -> Result<(), Violation> {
    if given.trim().is_empty() { Err(Violation::Blank) } else { Ok(()) }
}

/// Rejects longer text, at a cost bounded by `maximum`.
pub(super) fn at_most(given: &str, maximum: usize) -> Result<(), Violation> {
    if given.chars().nth(maximum).is_some() { Err(Violation::TooLong { maximum }) } else { Ok(()) }
}

/// Rejects NUL, which PostgreSQL cannot store in text.
pub(super) fn without_nul(given: &str) -> Result<(), Violation> {
    if given.contains('\0') { Err(Violation::Invalid) } else { Ok(()) }
}

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
    fn length_counts_characters_not_bytes() {
        assert_eq!(at_most("äöü", 3), Ok(()));
        assert_eq!(at_most("äöü", 2), Err(Violation::TooLong { maximum: 2 }));
    }

    proptest! {
        #[test]
        fn rules_hold_for_any_text(text in any_text(), maximum in 0_usize..80) {
            prop_assert_eq!(not_blank(&text).is_ok(), text.chars().any(|c| !c.is_whitespace()));
            prop_assert_eq!(at_most(&text, maximum).is_ok(), text.chars().count() <= maximum);
            prop_assert_eq!(without_nul(&text).is_ok(), text.bytes().all(|byte| byte != 0));
        }
    }
}
