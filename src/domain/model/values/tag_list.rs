//! The tags of one article.

use std::collections::BTreeSet;

use super::{Tag, Violation};

/// At most 32 different tags in lexicographic order (the API contract, "Articles").
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct TagList(Vec<Tag>);

impl TagList {
    /// The most tags of an article.
    pub const MAX_TAGS: usize = 32;

    /// Trims the tags, drops blank ones and duplicates, and sorts the rest.
    ///
    /// # Errors
    /// What is wrong with the first tag that is refused, or [`Violation::TooMany`] as soon as there
    /// are, so that a list without end costs no more than it has to.
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

    /// Tags that were parsed before they were stored, as they come back.
    pub(crate) fn from_trusted(tags: Vec<Tag>) -> Self {
        Self(tags)
    }

    /// The tags in order.
    pub fn iter(&self) -> impl Iterator<Item = &Tag> {
        self.0.iter()
    }

    /// The tags in order.
    #[must_use]
    pub fn as_slice(&self) -> &[Tag] {
        &self.0
    }

    /// How many tags there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are no tags.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
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
    fn trimmed_unique_and_sorted_by_code_point() {
        let tags = TagList::parse(["b", " a ", "", "é", "B", "a", " ", "z"]).unwrap();
        assert_eq!(texts(&tags), ["B", "a", "b", "z", "é"]);
        assert_eq!(TagList::parse([""; 3]), Ok(TagList::default()));
    }

    #[test]
    fn at_most_32_that_count() {
        let twice = numbers(32).chain(numbers(32)).chain([String::new()]);
        assert_eq!(TagList::parse(twice).map(|tags| tags.len()), Ok(32));
        assert_eq!(TagList::parse(numbers(33)), Err(Violation::TooMany { maximum: 32 }));
        assert_eq!(TagList::parse(numbers(usize::MAX)), Err(Violation::TooMany { maximum: 32 }));
    }

    #[test]
    fn one_bad_tag_spoils_the_list() {
        assert_eq!(TagList::parse(["a", "b\0"]), Err(Violation::Invalid));
        let long = "ü".repeat(65);
        assert_eq!(TagList::parse(["a", &long]), Err(Violation::TooLong { maximum: 64 }));
    }

    proptest! {
        #[test]
        fn a_list_keeps_the_contract(given in vec(any_text(), 0..40)) {
            let Ok(tags) = TagList::parse(&given) else { return Ok(()) };
            prop_assert!(tags.len() <= 32 && tags.as_slice().is_sorted_by(|a, b| a < b));
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
