//! Tags of articles.

use super::field_error::Violation;
use super::text;
use super::text::text_value;

text_value! {
    /// 1 to 64 characters without surrounding white space, case-sensitive, ordered by code point.
    #[derive(PartialOrd, Ord)]
    Tag
}

impl Tag {
    pub const MAX_CHARS: usize = 64;

    /// Trims `given`, and returns `None` if nothing is left.
    pub fn parse(given: &str) -> Result<Option<Self>, Violation> {
        let trimmed = given.trim();
        text::at_most(trimmed, Self::MAX_CHARS)?;
        text::without_nul(trimmed)?;
        Ok((!trimmed.is_empty()).then(|| Self(trimmed.to_owned())))
    }

    /// Returns the tag to look for; text that cannot be a tag yields one that no article has.
    pub fn for_lookup(text: &str) -> Self {
        Self::parse(text).ok().flatten().unwrap_or_else(|| Self(String::new()))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{super::strategies::any_text, *};

    #[test]
    fn tag_is_trimmed_and_blank_text_is_none() {
        assert_eq!(Tag::parse("\u{3000}dragon fire \n"), Ok(Some(Tag("dragon fire".to_owned()))));
        assert_eq!(Tag::parse(""), Ok(None));
        assert_eq!(Tag::parse(" \u{a0}"), Ok(None));
    }

    #[test]
    fn tag_has_at_most_64_characters_and_no_nul() {
        assert!(Tag::parse(&format!("  {}  ", "ü".repeat(64))).is_ok());
        assert_eq!(Tag::parse(&"ü".repeat(65)), Err(Violation::TooLong { maximum: 64 }));
        assert_eq!(Tag::parse("a\0b"), Err(Violation::Invalid));
    }

    proptest! {
        #[test]
        fn parsed_tag_follows_the_rules(given in any_text()) {
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
