//! Pagination by `limit` and `offset`.

use super::field_error::{FieldErrors, Violation};

/// A page of 1 to 100 items, 20 by default; a larger limit counts as 100.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Page {
    limit: i64,
    offset: i64,
}

impl Page {
    const DEFAULT_LIMIT: i64 = 20;
    pub const MAX_LIMIT: i64 = 100;

    /// Parses query parameters, and reports the violations of both. Integers beyond `i64` saturate.
    pub fn parse(limit: Option<&str>, offset: Option<&str>) -> Result<Self, FieldErrors> {
        let mut errors = FieldErrors::default();
        let limit = errors.check("limit", at_least(1, limit, Self::DEFAULT_LIMIT));
        let offset = errors.check("offset", at_least(0, offset, 0));
        match (limit, offset) {
            (Some(limit), Some(offset)) => Ok(Self { limit: limit.min(Self::MAX_LIMIT), offset }),
            _ => Err(errors),
        }
    }

    pub const fn limit(self) -> i64 {
        self.limit
    }

    pub const fn offset(self) -> i64 {
        self.offset
    }

    pub const fn end(self) -> i64 {
        self.offset.saturating_add(self.limit)
    }
}

impl Default for Page {
    fn default() -> Self {
        Self { limit: Self::DEFAULT_LIMIT, offset: 0 }
    }
}

fn at_least(minimum: i64, given: Option<&str>, default: i64) -> Result<i64, Violation> {
    let Some(text) = given else {
        return Ok(default);
    };
    saturating_integer(text).filter(|&number| number >= minimum).ok_or(Violation::Invalid)
}

/// Parses an optional `-` and any number of digits.
fn saturating_integer(text: &str) -> Option<i64> {
    let (digits, nearest) = match text.strip_prefix('-') {
        Some(digits) => (digits, i64::MIN),
        None => (text, i64::MAX),
    };
    let is_integer = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_integer.then(|| text.parse().unwrap_or(nearest))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{super::strategies::any_text, *};

    fn page(limit: &str, offset: &str) -> Result<(i64, i64), String> {
        Page::parse(Some(limit), Some(offset))
            .map(|page| (page.limit(), page.offset()))
            .map_err(|errors| errors.to_string())
    }

    #[test]
    fn default_page_has_20_items_from_the_start() {
        assert_eq!(Page::parse(None, None), Ok(Page::default()));
        assert_eq!((Page::default().limit(), Page::default().offset()), (20, 0));
    }

    #[test]
    fn large_numbers_saturate() {
        assert_eq!(page("100", "0"), Ok((100, 0)));
        assert_eq!(page("101", "-0"), Ok((100, 0)));
        let huge = "9".repeat(400);
        assert_eq!(page(&huge, "9223372036854775808"), Ok((100, i64::MAX)));
        assert_eq!(page("0007", "007"), Ok((7, 7)));
    }

    #[test]
    fn violations_of_both_parameters_are_reported() {
        let errors = page("0", "-1").unwrap_err();
        assert_eq!(errors, "limit is invalid, offset is invalid");
    }

    #[test]
    fn parameter_that_is_no_integer_or_too_small_is_invalid() {
        let far_below = format!("-{}", "9".repeat(99));
        assert_eq!(page(&far_below, "0").unwrap_err(), "limit is invalid");
        assert_eq!(page("1", &far_below).unwrap_err(), "offset is invalid");
        for text in ["", "-", "--1", "+1", " 1", "1 ", "1.0", "1e3", "٣", "-0"] {
            assert_eq!(page(text, "0").unwrap_err(), "limit is invalid", "{text:?}");
        }
    }

    fn integer() -> impl Strategy<Value = i128> {
        prop_oneof![-5..200_i128, any::<i64>().prop_map(i128::from), any::<i128>()]
    }

    proptest! {
        #[test]
        fn any_integer_is_parsed(limit in integer(), offset in integer()) {
            let read = page(&limit.to_string(), &offset.to_string());
            if limit < 1 || offset < 0 {
                prop_assert!(read.is_err());
            } else {
                let (page_limit, page_offset) = read.unwrap();
                prop_assert_eq!(i128::from(page_limit), limit.min(100));
                prop_assert_eq!(i128::from(page_offset), offset.min(i128::from(i64::MAX)));
            }
        }

        #[test]
        fn parsed_page_is_within_bounds(limit in any_text(), offset in any_text()) {
            let Ok((limit, offset)) = page(&limit, &offset) else { return Ok(()) };
            prop_assert!((1..=100).contains(&limit) && offset >= 0);
        }
    }
}
