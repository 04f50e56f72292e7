//! Free text, kept as given.

use super::field_error::Violation;
use super::text;
use super::text::text_value;

/// Declares a text value whose `parse` rejects NUL and longer text. For `required` text it also
/// rejects blank text; for `optional` text it returns `None` if the text is empty.
macro_rules! free_text {
    ($value:ident: required $(, at most $max:literal)?) => {
        text_value!($value);

        impl $value {
            $(pub const MAX_CHARS: usize = $max;)?

            pub fn parse(given: &str) -> Result<Self, Violation> {
                text::not_blank(given)?;
                $(text::at_most(given, $max)?;)?
                text::without_nul(given)?;
                Ok(Self(given.to_owned()))
            }
        }
    };
    ($value:ident: optional, at most $max:literal) => {
        text_value!($value);

        impl $value {
            pub const MAX_CHARS: usize = $max;

            pub fn parse(given: &str) -> Result<Option<Self>, Violation> {
                text::at_most(given, $max)?;
                text::without_nul(given)?;
                Ok((!given.is_empty()).then(|| Self(given.to_owned())))
            }
        }
    };
}

free_text!(Title: required, at most 256);
free_text!(Description: required, at most 1_024);
// Bodies are limited by the size of the request alone.
free_text!(ArticleBody: required);
free_text!(CommentBody: required);
free_text!(Bio: optional, at most 4_096);
// Not checked to be a URL: this service never fetches it.
free_text!(ImageUrl: optional, at most 2_048);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{super::strategies::any_text, *};

    type Parse = fn(&str) -> Result<Option<String>, Violation>;

    /// Name, parser, maximum length, and whether the text is required.
    const VALUES: [(&str, Parse, Option<usize>, bool); 6] = [
        ("title", |given| Title::parse(given).map(|value| Some(value.0)), Some(256), true),
        ("description", |given| Description::parse(given).map(|value| Some(value.0)), Some(1_024), true),
        ("article body", |given| ArticleBody::parse(given).map(|value| Some(value.0)), None, true),
        ("comment body", |given| CommentBody::parse(given).map(|value| Some(value.0)), None, true),
        ("bio", |given| Bio::parse(given).map(|value| value.map(|value| value.0)), Some(4_096), false),
        ("image", |given| ImageUrl::parse(given).map(|value| value.map(|value| value.0)), Some(2_048), false),
    ];

    #[test]
    fn text_is_accepted_up_to_its_maximum_length() {
        for (name, parse, maximum, _) in VALUES {
            let longest = "ü".repeat(maximum.unwrap_or(100_000));
            assert!(parse(&longest).is_ok(), "{name}");
            if let Some(maximum) = maximum {
                assert_eq!(parse(&format!("{longest}ü")), Err(Violation::TooLong { maximum }), "{name}");
            }
        }
    }

    #[test]
    fn blank_text_is_rejected_where_required_and_empty_text_clears_where_optional() {
        for (name, parse, _, is_required) in VALUES {
            for blank in ["", " ", " \n\u{3000}"] {
                let kept = (!blank.is_empty()).then(|| blank.to_owned());
                let expected = if is_required { Err(Violation::Blank) } else { Ok(kept) };
                assert_eq!(parse(blank), expected, "{name}: {blank:?}");
            }
        }
    }

    #[test]
    fn image_of_any_scheme_is_accepted() {
        assert!(ImageUrl::parse("javascript:alert(1)").is_ok());
    }

    proptest! {
        #[test]
        fn text_within_the_rules_is_kept_as_given(given in any_text()) {
            for (name, parse, maximum, is_required) in VALUES {
                let is_blank = is_required && given.chars().all(char::is_whitespace);
                let is_too_long = maximum.is_some_and(|maximum| given.chars().count() > maximum);
                let parsed = parse(&given);
                prop_assert_eq!(parsed.is_err(), is_blank || is_too_long || given.contains('\0'), "{}", name);
                prop_assert!(parsed.is_err() || parsed == Ok((!given.is_empty()).then(|| given.clone())), "{}", name);
            }
        }

        #[test]
        fn text_with_nul_is_rejected(given in "[a-z]{0,4}\0[a-z]{0,4}") {
            for (name, parse, ..) in VALUES {
                prop_assert_eq!(parse(&given), Err(Violation::Invalid), "{}", name);
            }
        }
    }
}
