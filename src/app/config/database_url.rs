//! Where the data lives, from a URL.
//! For whoever connects, who gets a path or a secret, and for logs, which get neither password nor parameters.

use std::fmt;
use std::path::PathBuf;

use secrecy::{ExposeSecret, SecretString};

use super::error::{Problem, Wrong};

/// Where the data lives. `Display` and `Debug` show no password.
#[derive(Clone)]
pub enum DatabaseUrl {
    /// A file, relative to the working directory unless absolute.
    Sqlite(PathBuf),
    /// A connection URL as given, which may hold a password.
    Postgres(SecretString),
}

const EXPECTED: &str = "sqlite://PATH or postgres://USER:PASSWORD@HOST/DATABASE";

impl DatabaseUrl {
    pub(super) fn parse(text: &str) -> Result<Self, Wrong> {
        match text.split_once("://") {
            Some(("sqlite", path)) => sqlite(path),
            Some(("postgres" | "postgresql", rest)) if fits(rest) => Ok(Self::Postgres(SecretString::from(text))),
            Some((scheme @ ("postgres" | "postgresql"), _)) => Err(Wrong::hidden(
                format!("\"{scheme}://…\""),
                format!("{EXPECTED}, with any of @ : / ? # % in the password percent-encoded"),
            )),
            // A scheme is letters; whatever else stands before :// may be half of a password.
            Some((scheme, _)) if scheme.chars().all(|c| c.is_ascii_alphanumeric()) => {
                Err(Wrong::hidden(format!("\"{scheme}://…\""), EXPECTED))
            }
            _ => Err(Wrong::hidden("no URL", EXPECTED)),
        }
    }

    /// Reads the URL that an option of the command line gives.
    ///
    /// # Errors
    /// [`Problem::Value`] with the option's name, and no password.
    pub fn of_option(name: &'static str, text: &str) -> Result<Self, Problem> {
        Self::parse(text).map_err(|wrong| {
            let found = wrong.instead.unwrap_or_else(|| format!("{text:?}"));
            Problem::Value { name, found, expected: wrong.expected }
        })
    }

    /// The name of the engine that the data lives in.
    pub fn engine(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "sqlite",
            Self::Postgres(_) => "postgres",
        }
    }
}

fn sqlite(path: &str) -> Result<DatabaseUrl, Wrong> {
    let refused = |reason: &str| Err(Wrong::expected(reason));
    match path {
        "" => refused("a path after sqlite://"),
        ":memory:" => refused("a file, because every connection would have a memory of its own"),
        _ if path.contains('?') || path.starts_with("file:") => refused("sqlite://PATH without parameters"),
        _ => Ok(DatabaseUrl::Sqlite(PathBuf::from(path))),
    }
}

/// Whether this URL means to the driver what it means to a reader. The driver judges the rest itself, but a stray `@`,
/// `:`, `/` or `?` in a password would move a part of the password to where it could be shown.
fn fits(rest: &str) -> bool {
    let (credentials, hosts, _) = parts(rest);
    let is_host = |host: &str| match host.rsplit_once(':') {
        Some(_) if host.ends_with(']') => true,
        Some((name, port)) => (name.ends_with(']') || !name.contains(':')) && port.parse::<u16>().is_ok(),
        None => true,
    };
    let at_signs = usize::from(credentials.is_some());
    !rest.is_empty() && rest.matches('@').count() == at_signs && hosts.split(',').all(is_host)
}

/// `USER:PASSWORD`, `HOST:PORT,...` and `/DATABASE` of what follows the scheme, without the query.
fn parts(rest: &str) -> (Option<&str>, &str, &str) {
    let rest = rest.split_once('?').map_or(rest, |(before, _)| before);
    let end = rest.find('/').unwrap_or(rest.len());
    let (authority, path) = rest.split_at_checked(end).unwrap_or((rest, ""));
    match authority.rsplit_once('@') {
        Some((credentials, hosts)) => (Some(credentials), hosts, path),
        None => (None, authority, path),
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let url = match self {
            Self::Sqlite(path) => return write!(f, "sqlite://{}", path.display()),
            Self::Postgres(url) => url.expose_secret(),
        };
        let (_, rest) = url.split_once("://").unwrap_or_default();
        let (credentials, hosts, path) = parts(rest);
        match credentials.map(|credentials| credentials.split_once(':').unwrap_or((credentials, ""))) {
            Some((user, "")) => write!(f, "postgres://{user}@{hosts}{path}"),
            Some((user, _)) => write!(f, "postgres://{user}:***@{hosts}{path}"),
            None => write!(f, "postgres://{hosts}{path}"),
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

    use super::super::testing::{errors, load};
    use super::*;

    fn shown(url: &str) -> String {
        let database = load(&[("DATABASE_URL", url)]).database;
        assert_eq!(format!("{:?}", database.url), format!("\"{}\"", database.url));
        database.url.to_string()
    }

    #[test]
    fn sqlite_is_a_path() {
        for (url, path) in [
            ("sqlite://conduit.db", "conduit.db"),
            ("sqlite://data/c.db", "data/c.db"),
            ("sqlite:///var/lib/c.db", "/var/lib/c.db"),
        ] {
            assert!(matches!(DatabaseUrl::parse(url), Ok(DatabaseUrl::Sqlite(is)) if is == Path::new(path)));
            assert_eq!(shown(url), url);
        }
    }

    #[test]
    fn postgres_is_kept_as_given() {
        let url = "postgresql://me:pw@db:5433/conduit?sslmode=verify-full";
        match load(&[("DATABASE_URL", url)]).database.url {
            DatabaseUrl::Postgres(kept) => assert_eq!(kept.expose_secret(), url),
            DatabaseUrl::Sqlite(path) => panic!("{path:?}"),
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
    fn wrong_urls_are_named_without_their_password() {
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
