//! Which part of a list is asked for.

use super::{FieldErrors, Violation};

/// One page of a list.
///
/// 1 to 100 items, 20 unless said; a larger limit counts as 100 (the API contract, "Articles").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Page {
    limit: i64,
    offset: i64,
}

impl Page {
    const DEFAULT_LIMIT: i64 = 20;
    /// The most items of a page.
    pub const MAX_LIMIT: i64 = 100;

    /// Reads the parameters of a query.
    ///
    /// # Errors
    /// [`Violation::Invalid`] for a `limit` below 1, an `offset` below 0 or what is not an integer;
    /// both at once. An integer too large to hold is a very large one, not an error.
    pub fn parse(limit: Option<&str>, offset: Option<&str>) -> Result<Self, FieldErrors> {
        let mut errors = FieldErrors::default();
        let limit = errors.check("limit", at_least(1, limit, Self::DEFAULT_LIMIT));
        let offset = errors.check("offset", at_least(0, offset, 0));
        match (limit, offset) {
            (Some(limit), Some(offset)) => Ok(Self { limit: limit.min(Self::MAX_LIMIT), offset }),
            _ => Err(errors),
        }
    }

    /// The most items the page may have.
    #[must_use]
    pub const fn limit(self) -> i64 {
        self.limit
    }

    /// How many items come before the page.
    #[must_use]
    pub const fn offset(self) -> i64 {
        self.offset
    }

    /// How many items come before the end of the page.
    #[must_use]
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

/// An optional `-` and digits, however many; what an `i64` cannot hold is its nearest.
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
    fn twenty_from_the_start_unless_said() {
        assert_eq!(Page::parse(None, None), Ok(Page::default()));
        assert_eq!((Page::default().limit(), Page::default().offset()), (20, 0));
    }

    #[test]
    fn large_numbers_are_not_errors() {
        assert_eq!(page("100", "0"), Ok((100, 0)));
        assert_eq!(page("101", "-0"), Ok((100, 0)));
        let huge = "9".repeat(400);
        assert_eq!(page(&huge, "9223372036854775808"), Ok((100, i64::MAX)));
        assert_eq!(page("0007", "007"), Ok((7, 7)));
    }

    #[test]
    fn both_errors_at_once() {
        let errors = page("0", "-1").unwrap_err();
        assert_eq!(errors, "limit is invalid, offset is invalid");
    }

    #[test]
    fn what_is_no_integer_or_too_small_is_invalid() {
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
        fn integers_are_read_as_integers(limit in integer(), offset in integer()) {
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
        fn any_page_is_within_bounds(limit in any_text(), offset in any_text()) {
            let Ok((limit, offset)) = page(&limit, &offset) else { return Ok(()) };
            prop_assert!((1..=100).contains(&limit) && offset >= 0);
        }
    }
}
