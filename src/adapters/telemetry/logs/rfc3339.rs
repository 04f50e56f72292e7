//! Timestamps.

use std::fmt;

use chrono::{DateTime, Datelike, Timelike, Utc};

/// Formats a time as RFC 3339 in UTC with milliseconds, without chrono's intermediate `String`.
pub struct Rfc3339(pub DateTime<Utc>);

impl fmt::Display for Rfc3339 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (date, time) = (self.0.date_naive(), self.0.time());
        let (year, month, day) = (date.year(), date.month(), date.day());
        let (hour, minute, second, milli) = (time.hour(), time.minute(), time.second(), time.nanosecond() / 1_000_000);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}Z")
    }
}
