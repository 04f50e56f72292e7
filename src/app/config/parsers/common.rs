//! Parsers for kinds of values that several settings share. Each derives its error message from the
//! bounds it checks.

use std::fmt::Display;
use std::fs::File;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::str::FromStr;
use std::thread;
use std::time::Duration;

use super::super::error::{ParseError, ParseResult};

/// Units of time in milliseconds, the largest first.
const TIMES: &[(&str, u64)] = &[("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)];

/// Units of size in bytes, the largest first.
const SIZES: &[(&str, u64)] = &[("MiB", 1024 * 1024), ("KiB", 1024), ("", 1)];

/// Parses an empty text as `None`.
pub fn optional<T>(parse: impl Fn(&str) -> ParseResult<T>) -> impl Fn(&str) -> ParseResult<Option<T>> {
    move |text| if text.is_empty() { Ok(None) } else { parse(text).map(Some) }
}

/// Computes the value of an empty text.
pub fn or_compute<T>(compute: fn() -> T, parse: impl Fn(&str) -> ParseResult<T>) -> impl Fn(&str) -> ParseResult<T> {
    move |text| if text.is_empty() { Ok(compute()) } else { parse(text) }
}

/// Returns the number of cores that this process may use.
pub fn cores() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

pub fn number<T: FromStr + PartialOrd + Display>(range: RangeInclusive<T>) -> impl Fn(&str) -> ParseResult<T> {
    move |text| {
        let number = text.parse().ok().filter(|number| range.contains(number));
        number.ok_or_else(|| ParseError::expected(format!("a number from {} to {}", range.start(), range.end())))
    }
}

pub fn choice<T: Copy>(options: &[(&str, T)], text: &str) -> ParseResult<T> {
    let chosen = options.iter().find(|(word, _)| *word == text);
    chosen.map(|(_, value)| *value).ok_or_else(|| {
        let words: Vec<_> = options.iter().map(|(word, _)| *word).collect();
        ParseError::expected(words.join(" or "))
    })
}

pub fn boolean(text: &str) -> ParseResult<bool> {
    choice(&[("true", true), ("false", false)], text)
}

/// Parses a list separated by commas; an empty text is an empty list.
pub fn list<T>(text: &str, parse: fn(&str) -> Option<T>, expected: &str) -> ParseResult<Vec<T>> {
    let parts = text.split(',').filter(|_| !text.is_empty());
    let values: Option<_> = parts.map(|part| parse(part.trim())).collect();
    values.ok_or_else(|| ParseError::expected(expected))
}

/// Parses a duration such as `3600` (seconds), `500ms`, `90s`, `15m`, `12h` or `7d`; `min` and
/// `max` are written alike.
pub fn duration(min: &'static str, max: &'static str) -> impl Fn(&str) -> ParseResult<Duration> {
    move |text| {
        let length = within(text, min, max, milliseconds);
        length.map(Duration::from_millis).ok_or_else(|| {
            ParseError::expected(format!("a duration from {min} to {max}, such as 500ms, 90s, 15m, 12h or 7d"))
        })
    }
}

/// Parses a number of bytes such as `1048576`, `512KiB` or `1MiB`; `min` and `max` are written
/// alike.
pub fn size(min: &'static str, max: &'static str) -> impl Fn(&str) -> ParseResult<usize> {
    move |text| {
        let size = within(text, min, max, |text| quantity(text, SIZES));
        size.and_then(|bytes| usize::try_from(bytes).ok())
            .ok_or_else(|| ParseError::expected(format!("a size from {min} to {max}, such as 1048576, 512KiB or 1MiB")))
    }
}

pub fn readable_file(text: &str) -> ParseResult<PathBuf> {
    if text.starts_with("-----BEGIN") {
        return Err(ParseError::hidden("a PEM text", "the path of a file with it"));
    }
    match File::open(text).and_then(|file| file.metadata()) {
        Ok(data) if data.is_dir() => Err(ParseError::expected("a file, and this is a directory")),
        Ok(_) => Ok(PathBuf::from(text)),
        Err(error) => Err(ParseError::expected(format!("a readable file ({error})"))),
    }
}

fn within(text: &str, min: &str, max: &str, parse: fn(&str) -> Option<u64>) -> Option<u64> {
    let value = parse(text)?;
    (parse(min)? <= value && value <= parse(max)?).then_some(value)
}

fn milliseconds(text: &str) -> Option<u64> {
    let seconds = || text.parse::<u64>().ok()?.checked_mul(1000);
    quantity(text, TIMES).or_else(seconds)
}

/// Parses digits and a unit, with nothing before, between or after them.
fn quantity(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let digits = text.trim_end_matches(|letter: char| !letter.is_ascii_digit());
    let unit = text.strip_prefix(digits)?;
    let (_, factor) = units.iter().find(|(name, _)| *name == unit)?;
    digits.parse::<u64>().ok()?.checked_mul(*factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stay_in_their_range() {
        let port = number::<u16>(0..=65535);
        assert_eq!((port("0"), port("65535")), (Ok(0), Ok(65535)));
        for wrong in ["80a", "65536", "-1", "", " 80", "8.0"] {
            assert_eq!(port(wrong), Err(ParseError::expected("a number from 0 to 65535")), "{wrong}");
        }
    }

    #[test]
    fn error_of_a_choice_lists_its_words() {
        assert_eq!((boolean("true"), boolean("false")), (Ok(true), Ok(false)));
        for wrong in ["yes", "TRUE", "1", ""] {
            assert_eq!(boolean(wrong), Err(ParseError::expected("true or false")));
        }
    }

    #[test]
    fn durations_have_units() {
        let time = duration("0s", "365d");
        for (text, millis) in [
            ("3600", 3_600_000),
            ("500ms", 500),
            ("90s", 90_000),
            ("15m", 900_000),
            ("12h", 43_200_000),
            ("7d", 604_800_000),
            ("0", 0),
            ("365d", 31_536_000_000),
        ] {
            assert_eq!(time(text), Ok(Duration::from_millis(millis)), "{text}");
        }
        for wrong in
            ["366d", "1w", "d", "", "-1s", "1.5h", "1 h", "1h30m", "99999999999999999999d", "1000000000000000d"]
        {
            let expected = "a duration from 0s to 365d, such as 500ms, 90s, 15m, 12h or 7d";
            assert_eq!(time(wrong), Err(ParseError::expected(expected)), "{wrong}");
        }
    }

    #[test]
    fn sizes_have_units() {
        let limit = size("1KiB", "64MiB");
        assert_eq!((limit("1048576"), limit("512KiB"), limit("64MiB")), (Ok(1_048_576), Ok(524_288), Ok(67_108_864)));
        for wrong in ["1023", "65MiB", "1MB", "MiB", "", "-1KiB", "1.5MiB", "99999999999999MiB"] {
            let expected = "a size from 1KiB to 64MiB, such as 1048576, 512KiB or 1MiB";
            assert_eq!(limit(wrong), Err(ParseError::expected(expected)), "{wrong}");
        }
    }

    #[test]
    fn files_must_be_readable() {
        assert_eq!(readable_file("/dev/null"), Ok(PathBuf::from("/dev/null")));
        assert_eq!(readable_file("/"), Err(ParseError::expected("a file, and this is a directory")));
        let missing = "a readable file (No such file or directory (os error 2))";
        assert_eq!(readable_file("/no/such/file"), Err(ParseError::expected(missing)));
    }

    #[test]
    fn key_in_place_of_its_path_is_not_shown() {
        let wrong = readable_file("-----BEGIN PRIVATE KEY-----\nMIIE").unwrap_err();
        assert_eq!(wrong, ParseError::hidden("a PEM text", "the path of a file with it"));
    }
}
