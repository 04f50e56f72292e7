//! Slugs: the names of articles in URLs.

use std::iter;

use ::slug::slugify;

use super::text::text_value;
use super::texts::Title;

text_value! {
    /// Words of `a-z` and `0-9` joined by single `-`, except `feed`: its path is an endpoint.
    Slug
}

impl Slug {
    /// A transliteration may be much longer than the title.
    const MAX_STEM: usize = 200;
    const MAX_SUFFIX: usize = 32;
    pub const MAX_CHARS: usize = Self::MAX_STEM + 1 + Self::MAX_SUFFIX;

    /// Returns `None` for text that cannot be a slug.
    pub fn parse(text: &str) -> Option<Self> {
        let is_slug = text.len() <= Self::MAX_CHARS && slugify(text) == text;
        is_slug.then(|| text.to_owned()).and_then(Self::unless_reserved)
    }

    /// Returns the slug to look for; text that cannot be a slug yields one that no article has.
    pub fn for_lookup(text: &str) -> Self {
        Self::parse(text).unwrap_or_else(|| Self(String::new()))
    }

    /// Returns slugs to try until one is free: the title in transliterated kebab case, then without
    /// end the same with a new `suffix`. If no character of the title is usable, a slug is the
    /// suffix alone.
    ///
    /// `suffix` MUST return ASCII letters and digits, different ones at each call; an unusable
    /// suffix is skipped.
    pub fn candidates<F>(title: &Title, mut suffix: F) -> impl Iterator<Item = Self> + use<F>
    where
        F: FnMut() -> String,
    {
        let stem = truncate(slugify(title.as_str()), Self::MAX_STEM);
        let plain = Self::unless_reserved(stem.clone());
        let suffixed = iter::repeat_with(move || {
            let joined = format!("{stem}-{}", truncate(slugify(suffix()), Self::MAX_SUFFIX));
            Self::unless_reserved(joined.trim_matches('-').to_owned())
        });
        plain.into_iter().chain(suffixed.flatten())
    }

    fn unless_reserved(text: String) -> Option<Self> {
        (!matches!(text.as_str(), "" | "feed")).then_some(Self(text))
    }
}

/// Cuts kebab case to `maximum` characters between words, or inside the first word if it is longer.
fn truncate(kebab: String, maximum: usize) -> String {
    // One character more than allowed: if it is `-`, the last word fits.
    let Some(head) = kebab.get(..=maximum) else {
        return kebab;
    };
    head.rsplit_once('-').map_or_else(|| head.chars().take(maximum).collect(), |(words, _)| words.to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{super::strategies::any_text, *};

    fn first(title: &str, count: usize) -> Vec<String> {
        let title = Title::parse(title).unwrap();
        let mut number = 0;
        let suffix = || {
            number += 1;
            format!("x{number}")
        };
        Slug::candidates(&title, suffix).take(count).map(|slug| slug.0).collect()
    }

    #[test]
    fn candidates_are_the_plain_slug_and_then_suffixed_ones() {
        let slugs = ["how-to-train-your-dragon", "how-to-train-your-dragon-x1", "how-to-train-your-dragon-x2"];
        assert_eq!(first("How to train your Dragon?", 3), slugs);
        assert_eq!(first("Ünïcode  in Ελλάδα", 1), ["unicode-in-ellada"]);
    }

    #[test]
    fn candidates_of_a_title_without_usable_characters_are_suffixes() {
        assert_eq!(first("!?!", 2), ["x1", "x2"]);
    }

    #[test]
    fn slug_is_never_feed() {
        assert_eq!(first(" Feed! ", 2), ["feed-x1", "feed-x2"]);
        assert_eq!(first(&format!("Feed {}", "a".repeat(250)), 1), ["feed-x1"]);
        assert_eq!(Slug::parse("feed"), None);
        let mut suffixes = ["feed", "", "ab12"].into_iter().cycle().map(str::to_owned);
        let title = Title::parse("!").unwrap();
        let slug = Slug::candidates(&title, || suffixes.next().unwrap()).next();
        assert_eq!(slug, Slug::parse("ab12"));
    }

    #[test]
    fn slug_of_a_long_title_is_cut_between_words() {
        let (a, b) = ("a".repeat(100), "b".repeat(99));
        assert_eq!(first(&format!("{a} {b} c"), 1), [format!("{a}-{b}")]);
        assert_eq!(first(&format!("{a} {b}b c"), 1), [a.as_str()]);
        assert_eq!(first(&"a".repeat(256), 1), ["a".repeat(200)]);
    }

    #[test]
    fn malformed_text_is_no_slug() {
        for text in ["", "-", "A", "a--b", "-a", "a-", "a b", "ä", "a\0"] {
            assert_eq!(Slug::parse(text), None, "{text:?}");
        }
        assert!(Slug::parse(&"a".repeat(233)).is_some());
        assert!(Slug::parse(&"a".repeat(234)).is_none());
    }

    proptest! {
        #[test]
        fn candidates_of_any_title_are_slugs(title in any_text(), suffix in any_text()) {
            let Ok(title) = Title::parse(&title) else { return Ok(()) };
            let mut odd = true;
            let suffix = || { odd = !odd; if odd { suffix.clone() } else { "k3".to_owned() } };
            for slug in Slug::candidates(&title, suffix).take(4) {
                let text = slug.as_str();
                prop_assert!(text.chars().all(|c| matches!(c, 'a'..='z' | '0'..='9' | '-')));
                prop_assert!(!text.starts_with('-') && !text.ends_with('-') && text != "feed");
                prop_assert!((1..=233).contains(&text.len()));
                prop_assert_eq!(Slug::parse(text), Some(slug.clone()));
            }
        }

        #[test]
        fn parsed_slug_is_kept_as_given(given in prop_oneof![any_text(), "[a-z0-9-]{0,12}"]) {
            let Some(slug) = Slug::parse(&given) else { return Ok(()) };
            prop_assert_eq!(slug.0, given);
        }
    }
}
