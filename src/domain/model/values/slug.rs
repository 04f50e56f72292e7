//! The name of an article in URLs.

use std::{fmt, iter};

use ::slug::slugify;

use super::{Title, text};

/// A slug: words of `a-z` and `0-9` joined by single `-`, and never `feed`, whose path in the API
/// is taken (the API contract, "Articles").
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Slug(String);

impl Slug {
    /// The most characters that come from the title; bounds the slug where a transliteration is
    /// much longer than the title.
    const MAX_STEM: usize = 200;
    const MAX_SUFFIX: usize = 32;

    /// The most characters of a slug.
    pub const MAX_CHARS: usize = Self::MAX_STEM + 1 + Self::MAX_SUFFIX;

    /// A slug in text; `None` for text that can be no article's slug.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let is_slug = text.len() <= Self::MAX_CHARS && slugify(text) == text;
        is_slug.then(|| text.to_owned()).and_then(Self::unless_reserved)
    }

    /// The slug that a URL names; text that can be no slug gives one that no article has.
    #[must_use]
    pub fn for_lookup(text: &str) -> Self {
        Self::parse(text).unwrap_or_else(|| Self(String::new()))
    }

    /// Slugs for an article with this title, to be tried until one is free: the title in
    /// transliterated kebab case, then forever that with another `suffix`. Where nothing is left of
    /// the title, the suffix alone.
    ///
    /// `suffix` MUST give letters or digits of ASCII, and others at each call; an unusable one is
    /// passed over.
    pub fn candidates<F>(title: &Title, mut suffix: F) -> impl Iterator<Item = Self> + use<F>
    where
        F: FnMut() -> String,
    {
        let stem = cut(slugify(title.as_str()), Self::MAX_STEM);
        let plain = Self::unless_reserved(stem.clone());
        let suffixed = iter::repeat_with(move || {
            let joined = format!("{stem}-{}", cut(slugify(suffix()), Self::MAX_SUFFIX));
            Self::unless_reserved(joined.trim_matches('-').to_owned())
        });
        plain.into_iter().chain(suffixed.flatten())
    }

    fn unless_reserved(text: String) -> Option<Self> {
        (!matches!(text.as_str(), "" | "feed")).then_some(Self(text))
    }
}

text::text_accessors!(Slug);
text::storable!(Slug);

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The first words of a kebab, at most `maximum` characters; a first word that is longer is cut.
fn cut(kebab: String, maximum: usize) -> String {
    // One character more than allowed: if it is a `-`, the last word fits.
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
        Slug::candidates(&title, suffix).take(count).map(Slug::into_string).collect()
    }

    #[test]
    fn the_plain_slug_then_suffixes() {
        let slugs = ["how-to-train-your-dragon", "how-to-train-your-dragon-x1", "how-to-train-your-dragon-x2"];
        assert_eq!(first("How to train your Dragon?", 3), slugs);
        assert_eq!(first("Ünïcode  in Ελλάδα", 1), ["unicode-in-ellada"]);
    }

    #[test]
    fn only_the_suffix_where_nothing_is_left() {
        assert_eq!(first("!?!", 2), ["x1", "x2"]);
    }

    #[test]
    fn feed_is_never_a_slug() {
        assert_eq!(first(" Feed! ", 2), ["feed-x1", "feed-x2"]);
        assert_eq!(first(&format!("Feed {}", "a".repeat(250)), 1), ["feed-x1"]);
        assert_eq!(Slug::parse("feed"), None);
        let mut suffixes = ["feed", "", "ab12"].into_iter().cycle().map(str::to_owned);
        let title = Title::parse("!").unwrap();
        let slug = Slug::candidates(&title, || suffixes.next().unwrap()).next();
        assert_eq!(slug, Slug::parse("ab12"));
    }

    #[test]
    fn long_titles_are_cut_between_words() {
        let (a, b) = ("a".repeat(100), "b".repeat(99));
        assert_eq!(first(&format!("{a} {b} c"), 1), [format!("{a}-{b}")]);
        assert_eq!(first(&format!("{a} {b}b c"), 1), [a.as_str()]);
        assert_eq!(first(&"a".repeat(256), 1), ["a".repeat(200)]);
    }

    #[test]
    fn what_no_title_could_make_is_no_slug() {
        for text in ["", "-", "A", "a--b", "-a", "a-", "a b", "ä", "a\0"] {
            assert_eq!(Slug::parse(text), None, "{text:?}");
        }
        assert!(Slug::parse(&"a".repeat(233)).is_some());
        assert!(Slug::parse(&"a".repeat(234)).is_none());
    }

    proptest! {
        #[test]
        fn any_title_gives_slugs(title in any_text(), suffix in any_text()) {
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
        fn a_parsed_slug_is_as_given(given in prop_oneof![any_text(), "[a-z0-9-]{0,12}"]) {
            let Some(slug) = Slug::parse(&given) else { return Ok(()) };
            prop_assert_eq!(slug.into_string(), given);
        }
    }
}
