//! Location of a database, parsed from a URL.

use std::fmt;
use std::path::PathBuf;

use secrecy::{ExposeSecret, SecretString};

use super::error::{ConfigProblem, ParseError, ParseResult};
use crate::adapters::persistence::postgres::UrlParts;

const EXPECTED: &str = "sqlite://PATH or postgres://USER:PASSWORD@HOST/DATABASE";

/// Location of a database. `Display` and `Debug` omit the password and the parameters.
#[derive(Clone)]
pub struct DatabaseUrl {
    /// Setting or option that the URL comes from.
    pub source: &'static str,
    /// Engine, and where its data is.
    pub location: Location,
}

/// Engine, and where its data is.
#[derive(Clone)]
pub enum Location {
    /// File, relative to the working directory unless absolute.
    Sqlite(PathBuf),
    /// URL as given, which may contain a password.
    Postgres(SecretString),
}

impl DatabaseUrl {
    pub(super) fn parse(text: &str) -> ParseResult<Self> {
        Ok(Self { source: "DATABASE_URL", location: Location::parse(text)? })
    }

    /// Parses the value of an option of the command line. The problem omits the password.
    pub fn from_option(option: &'static str, text: &str) -> Result<Self, ConfigProblem> {
        let location = Location::parse(text).map_err(|error| error.into_problem(option, text))?;
        Ok(Self { source: option, location })
    }

    /// Returns the name of the engine.
    pub fn engine(&self) -> &'static str {
        match self.location {
            Location::Sqlite(_) => "sqlite",
            Location::Postgres(_) => "postgres",
        }
    }
}

impl Location {
    pub(super) fn parse(text: &str) -> ParseResult<Self> {
        match text.split_once("://") {
            Some(("sqlite", path)) => sqlite(path),
            Some(("postgres" | "postgresql", _)) if UrlParts::parse(text).is_some() => Ok(Self::Postgres(text.into())),
            Some((scheme @ ("postgres" | "postgresql"), _)) => Err(ParseError::hidden(
                format!("\"{scheme}://…\""),
                format!("{EXPECTED}, with any of @ : / ? # % in the password percent-encoded"),
            )),
            // Anything but letters and digits before :// may be a part of a password.
            Some((scheme, _)) if scheme.chars().all(|c| c.is_ascii_alphanumeric()) => {
                Err(ParseError::hidden(format!("\"{scheme}://…\""), EXPECTED))
            }
            _ => Err(ParseError::hidden("no URL", EXPECTED)),
        }
    }
}

fn sqlite(path: &str) -> ParseResult<Location> {
    let expected = match path {
        "" => "a path after sqlite://",
        ":memory:" => "a file, because every connection would have a memory of its own",
        _ if path.contains('?') || path.starts_with("file:") => "sqlite://PATH without parameters",
        _ => return Ok(Location::Sqlite(PathBuf::from(path))),
    };
    Err(ParseError::expected(expected))
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.location {
            Location::Sqlite(path) => write!(f, "sqlite://{}", path.display()),
            Location::Postgres(url) => match UrlParts::parse(url.expose_secret()) {
                Some(parts) => parts.fmt(f),
                None => f.write_str("postgres://…"),
            },
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{self}\"")
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::tests::{errors, load};
    use super::*;

    fn shown(url: &str) -> String {
        let database = load(&[("DATABASE_URL", url)]).database;
        assert_eq!(format!("{:?}", database.url), format!("\"{}\"", database.url));
        database.url.to_string()
    }

    #[test]
    fn sqlite_url_is_a_path() {
        for (url, path) in [
            ("sqlite://conduit.db", "conduit.db"),
            ("sqlite://data/c.db", "data/c.db"),
            ("sqlite:///var/lib/c.db", "/var/lib/c.db"),
        ] {
            assert!(matches!(Location::parse(url), Ok(Location::Sqlite(is)) if is == Path::new(path)));
            assert_eq!(shown(url), url);
        }
    }

    #[test]
    fn postgres_url_is_kept_as_given() {
        let url = "postgresql://me:pw@db:5433/conduit?sslmode=verify-full";
        match load(&[("DATABASE_URL", url)]).database.url.location {
            Location::Postgres(kept) => assert_eq!(kept.expose_secret(), url),
            Location::Sqlite(path) => panic!("{path:?}"),
        }
    }

    #[test]
    fn passwords_and_parameters_are_not_shown() {
        for (url, text) in [
            ("postgres://me:hunter2@db:5433/conduit?password=hunter2", "postgres://me:***@db:5433/conduit"),
            ("postgres://me:hunter2:hunter2@db", "postgres://me:***@db"),
            ("postgresql://me@[::1]/conduit", "postgres://me@[::1]/conduit"),
            ("postgres://me:hunter2@[::1]:5432,b:1/c", "postgres://me:***@[::1]:5432,b:1/c"),
            ("postgres:///conduit?host=/run/postgresql", "postgres:///conduit"),
            ("postgres://localhost:5432/conduit", "postgres://localhost:5432/conduit"),
        ] {
            assert_eq!(shown(url), text);
        }
    }

    #[test]
    fn invalid_urls_are_rejected_without_their_password() {
        for (url, found) in [
            ("mysql://me:hunter2@db/conduit", "\"mysql://…\": expected sqlite://PATH"),
            ("me:hunter2://db", "no URL: expected sqlite://PATH"),
            ("host=db password=hunter2", "no URL: expected sqlite://PATH"),
            ("postgres://", "\"postgres://…\": expected sqlite://PATH"),
            ("postgres://me:hunt@er2@db/c", "\"postgres://…\": expected sqlite://PATH"),
            ("postgres://me:hunt/er2@db/c", "\"postgres://…\": expected sqlite://PATH"),
            ("postgres://me:123?er2@db/c", "\"postgres://…\": expected sqlite://PATH"),
            ("postgres://me:hunter2/c", "\"postgres://…\": expected sqlite://PATH"),
            ("postgres://me:hunter2:5432/c", "\"postgres://…\": expected sqlite://PATH"),
        ] {
            let line = errors(&[("DATABASE_URL", url)]);
            assert!(line.starts_with(&format!("DATABASE_URL is {found}")), "{line}");
            assert!(!line.contains("hunt") && !line.contains("er2"), "{line}");
        }
        assert_eq!(
            errors(&[("DATABASE_URL", "mysql://me:pw@db/conduit")]),
            "DATABASE_URL is \"mysql://…\": expected sqlite://PATH or postgres://USER:PASSWORD@HOST/DATABASE"
        );
    }

    #[test]
    fn sqlite_needs_one_file_for_all_connections() {
        for (url, expected) in [
            ("sqlite://", "a path after sqlite://"),
            ("sqlite://:memory:", "a file, because every connection would have a memory of its own"),
            ("sqlite://c.db?mode=ro", "sqlite://PATH without parameters"),
            ("sqlite://file:c.db", "sqlite://PATH without parameters"),
        ] {
            assert_eq!(errors(&[("DATABASE_URL", url)]), format!("DATABASE_URL is \"{url}\": expected {expected}"));
        }
    }
}
