//! Parsers for the kinds of values that several settings share: numbers, durations, sizes, words and files.
//! For the groups of settings; each parser makes its own "expected ..." from the same bounds that it checks.

use std::fmt::Display;
use std::fs::File;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use super::error::Wrong;

/// A whole number in a range.
pub fn number<T>(range: RangeInclusive<T>) -> impl Fn(&str) -> Result<T, Wrong>
where
    T: FromStr + PartialOrd + Display,
{
    move |text| {
        let number = text.parse().ok().filter(|number| range.contains(number));
        number.ok_or_else(|| Wrong::expected(format!("a number from {} to {}", range.start(), range.end())))
    }
}

/// One of a few words.
pub fn choice<T: Copy>(options: &'static [(&'static str, T)]) -> impl Fn(&str) -> Result<T, Wrong> {
    move |text| {
        let chosen = options.iter().find(|(word, _)| *word == text);
        chosen.map(|(_, value)| *value).ok_or_else(|| {
            let words: Vec<_> = options.iter().map(|(word, _)| *word).collect();
            Wrong::expected(words.join(" or "))
        })
    }
}

/// The words for yes and no.
pub const TRUE_OR_FALSE: &[(&str, bool)] = &[("true", true), ("false", false)];

/// Units of time in milliseconds, the largest first.
const TIMES: &[(&str, u64)] = &[("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)];

/// Units of size in bytes, the largest first.
const SIZES: &[(&str, u64)] = &[("MiB", 1024 * 1024), ("KiB", 1024), ("", 1)];

/// A duration between two others, both written like the value: `3600` (seconds), `500ms`, `90s`, `15m`, `12h`, `7d`.
pub fn duration(least: &'static str, most: &'static str) -> impl Fn(&str) -> Result<Duration, Wrong> {
    move |text| {
        let length = within(text, least, most, milliseconds);
        length.map(Duration::from_millis).ok_or_else(|| {
            Wrong::expected(format!("a duration from {least} to {most}, such as 500ms, 90s, 15m, 12h or 7d"))
        })
    }
}

/// A number of bytes between two others, both written like the value: `1048576`, `512KiB`, `1MiB`.
pub fn size(least: &'static str, most: &'static str) -> impl Fn(&str) -> Result<usize, Wrong> {
    move |text| {
        let size = within(text, least, most, |text| quantity(text, SIZES));
        size.and_then(|bytes| usize::try_from(bytes).ok())
            .ok_or_else(|| Wrong::expected(format!("a size from {least} to {most}, such as 1048576, 512KiB or 1MiB")))
    }
}

/// A file that can be read.
pub fn readable_file(text: &str) -> Result<PathBuf, Wrong> {
    if text.starts_with("-----BEGIN") {
        return Err(Wrong::hidden("a PEM text", "the path of a file with it"));
    }
    match File::open(text).and_then(|file| file.metadata()) {
        Ok(data) if data.is_dir() => Err(Wrong::expected("a file, and this is a directory")),
        Ok(_) => Ok(PathBuf::from(text)),
        Err(error) => Err(Wrong::expected(format!("a readable file ({error})"))),
    }
}

fn within(text: &str, least: &str, most: &str, read: fn(&str) -> Option<u64>) -> Option<u64> {
    let value = read(text)?;
    (read(least)? <= value && value <= read(most)?).then_some(value)
}

fn milliseconds(text: &str) -> Option<u64> {
    let seconds = || text.parse::<u64>().ok()?.checked_mul(1000);
    quantity(text, TIMES).or_else(seconds)
}

/// Digits and a unit without anything between, before or after.
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
            assert_eq!(port(wrong), Err(Wrong::expected("a number from 0 to 65535")), "{wrong}");
        }
    }

    #[test]
    fn choices_list_their_words() {
        let answer = choice(TRUE_OR_FALSE);
        assert_eq!((answer("true"), answer("false")), (Ok(true), Ok(false)));
        for wrong in ["yes", "TRUE", "1", ""] {
            assert_eq!(answer(wrong), Err(Wrong::expected("true or false")));
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
            assert_eq!(time(wrong), Err(Wrong::expected(expected)), "{wrong}");
        }
    }

    #[test]
    fn sizes_have_units() {
        let limit = size("1KiB", "64MiB");
        assert_eq!((limit("1048576"), limit("512KiB"), limit("64MiB")), (Ok(1_048_576), Ok(524_288), Ok(67_108_864)));
        for wrong in ["1023", "65MiB", "1MB", "MiB", "", "-1KiB", "1.5MiB", "99999999999999MiB"] {
            let expected = "a size from 1KiB to 64MiB, such as 1048576, 512KiB or 1MiB";
            assert_eq!(limit(wrong), Err(Wrong::expected(expected)), "{wrong}");
        }
    }

    #[test]
    fn files_must_be_readable() {
        assert_eq!(readable_file("/dev/null"), Ok(PathBuf::from("/dev/null")));
        assert_eq!(readable_file("/"), Err(Wrong::expected("a file, and this is a directory")));
        let missing = "a readable file (No such file or directory (os error 2))";
        assert_eq!(readable_file("/no/such/file"), Err(Wrong::expected(missing)));
    }

    #[test]
    fn a_key_pasted_for_its_path_is_not_repeated() {
        let wrong = readable_file("-----BEGIN PRIVATE KEY-----\nMIIE").unwrap_err();
        assert_eq!(wrong, Wrong::hidden("a PEM text", "the path of a file with it"));
    }
}
