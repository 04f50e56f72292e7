//! The tags of one article.

use std::collections::BTreeSet;

use super::field_error::Violation;
use super::tag::Tag;

/// At most 32 distinct tags in order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct TagList(Vec<Tag>);

impl TagList {
    pub const MAX_TAGS: usize = 32;

    /// Trims and sorts the tags, and drops blank ones and duplicates. Stops at the first invalid
    /// tag, or as soon as there are too many, which bounds the cost.
    pub fn parse(given: impl IntoIterator<Item = impl AsRef<str>>) -> Result<Self, Violation> {
        let mut tags = BTreeSet::new();
        for text in given {
            tags.extend(Tag::parse(text.as_ref())?);
            if tags.len() > Self::MAX_TAGS {
                return Err(Violation::TooMany { maximum: Self::MAX_TAGS });
            }
        }
        Ok(Self(tags.into_iter().collect()))
    }

    /// Wraps tags that were parsed before, such as stored ones.
    pub(crate) fn from_trusted(tags: Vec<Tag>) -> Self {
        Self(tags)
    }

    pub fn iter(&self) -> impl Iterator<Item = &Tag> {
        self.0.iter()
    }

    pub fn as_slice(&self) -> &[Tag] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::{super::strategies::any_text, *};

    fn texts(tags: &TagList) -> Vec<&str> {
        tags.iter().map(Tag::as_str).collect()
    }

    fn numbers(count: usize) -> impl Iterator<Item = String> {
        (0..count).map(|number| number.to_string())
    }

    #[test]
    fn tags_are_trimmed_unique_and_sorted_by_code_point() {
        let tags = TagList::parse(["b", " a ", "", "é", "B", "a", " ", "z"]).unwrap();
        assert_eq!(texts(&tags), ["B", "a", "b", "z", "é"]);
        assert_eq!(TagList::parse([""; 3]), Ok(TagList::default()));
    }

    #[test]
    fn list_has_at_most_32_distinct_tags() {
        let twice = numbers(32).chain(numbers(32)).chain([String::new()]);
        assert_eq!(TagList::parse(twice).map(|tags| tags.0.len()), Ok(32));
        assert_eq!(TagList::parse(numbers(33)), Err(Violation::TooMany { maximum: 32 }));
        assert_eq!(TagList::parse(numbers(usize::MAX)), Err(Violation::TooMany { maximum: 32 }));
    }

    #[test]
    fn list_with_an_invalid_tag_is_rejected() {
        assert_eq!(TagList::parse(["a", "b\0"]), Err(Violation::Invalid));
        let long = "ü".repeat(65);
        assert_eq!(TagList::parse(["a", &long]), Err(Violation::TooLong { maximum: 64 }));
    }

    proptest! {
        #[test]
        fn parsed_list_follows_the_rules(given in vec(any_text(), 0..40)) {
            let Ok(tags) = TagList::parse(&given) else { return Ok(()) };
            prop_assert!(tags.0.len() <= 32 && tags.0.is_sorted_by(|a, b| a < b));
            for text in &given {
                let kept = texts(&tags).contains(&text.trim());
                prop_assert_eq!(kept, !text.trim().is_empty());
            }
            for tag in texts(&tags) {
                prop_assert!(given.iter().any(|text| text.trim() == tag));
            }
        }
    }
}
