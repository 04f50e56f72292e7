//! A word under which readers find articles.

use std::fmt;

use super::{Violation, text};

/// A tag: trimmed, not blank, at most 64 characters (the API contract, "Articles"). Tags are
/// ordered by code point, case matters.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Tag(String);

impl Tag {
    /// The most characters of a tag, white space around it not counted.
    pub const MAX_CHARS: usize = 64;

    /// Trims `given`; `None` where nothing is left.
    ///
    /// # Errors
    /// [`Violation::TooLong`], or [`Violation::Invalid`] for NUL.
    pub fn parse(given: &str) -> Result<Option<Self>, Violation> {
        let trimmed = given.trim();
        text::at_most(trimmed, Self::MAX_CHARS)?;
        text::without_nul(trimmed)?;
        Ok((!trimmed.is_empty()).then(|| Self(trimmed.to_owned())))
    }

    /// The tag that a reader looks for; text that can be no tag gives one that no article carries.
    #[must_use]
    pub fn for_lookup(text: &str) -> Self {
        Self::parse(text).ok().flatten().unwrap_or_else(|| Self(String::new()))
    }
}

text::text_accessors!(Tag);
text::storable!(Tag);

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{super::strategies::any_text, *};

    #[test]
    fn tags_are_trimmed_and_blank_ones_dropped() {
        assert_eq!(Tag::parse("\u{3000}dragon fire \n"), Ok(Some(Tag("dragon fire".to_owned()))));
        assert_eq!(Tag::parse(""), Ok(None));
        assert_eq!(Tag::parse(" \u{a0}"), Ok(None));
    }

    #[test]
    fn at_most_64_characters_and_no_nul() {
        assert!(Tag::parse(&format!("  {}  ", "ü".repeat(64))).is_ok());
        assert_eq!(Tag::parse(&"ü".repeat(65)), Err(Violation::TooLong { maximum: 64 }));
        assert_eq!(Tag::parse("a\0b"), Err(Violation::Invalid));
    }

    proptest! {
        #[test]
        fn a_tag_keeps_the_contract(given in any_text()) {
            match Tag::parse(&given) {
                Ok(None) => prop_assert!(given.chars().all(char::is_whitespace)),
                Ok(Some(tag)) => {
                    prop_assert_eq!(tag.as_str(), given.trim());
                    prop_assert!((1..=64).contains(&tag.as_str().chars().count()));
                    prop_assert!(!given.contains('\0'));
                }
                Err(Violation::Invalid) => prop_assert!(given.contains('\0')),
                Err(_) => prop_assert!(given.trim().chars().count() > 64),
            }
        }
    }
}
