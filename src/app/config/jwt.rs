//! The key that signs tokens, the one before it, and how long a token is good for.
//! For the token adapter; in dev the key makes itself, so that a newcomer's first start needs no setting.

use std::collections::HashSet;
use std::path::PathBuf;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

use super::{
    Profile,
    error::Wrong,
    jwt_file::{self, SecretFileError},
    reader::Reader,
    settings::{JWT_SECRET, JWT_SECRET_PREVIOUS, JWT_TTL},
    values::duration,
};

/// Settings of the tokens.
#[derive(Debug, Clone)]
pub struct JwtSettings {
    /// `JWT_SECRET`: the key, in prod without default.
    pub secret: JwtSecret,
    /// `JWT_SECRET_PREVIOUS`: the key before it, whose tokens are still good; by default none.
    pub previous: Option<SecretString>,
    /// `JWT_TTL`: how long a token is good for, by default 7 days.
    pub ttl: Duration,
}

/// Where the key comes from.
#[derive(Debug, Clone)]
pub enum JwtSecret {
    /// From the configuration.
    Given(SecretString),
    /// From a file that is made at the first use. Dev only.
    KeptIn(PathBuf),
}

const EXPECTED: &str = "32 bytes or more that no one can guess; openssl rand -hex 32 makes some";

impl JwtSettings {
    pub(super) fn read(from: &mut Reader) -> Option<Self> {
        let profile = from.profile;
        let given = from.optional(&JWT_SECRET, |text| secret(text, profile));
        let previous = from.optional(&JWT_SECRET_PREVIOUS, |text| secret(text, profile));
        let ttl = from.get(&JWT_TTL, duration("1m", "365d"));
        if let (Some(Some(given)), Some(Some(previous))) = (&given, &previous)
            && given.expose_secret() == previous.expose_secret()
        {
            from.refuse(&JWT_SECRET_PREVIOUS, "JWT_SECRET", "the key before it");
        }
        let secret = match (given?, profile) {
            (Some(secret), _) => JwtSecret::Given(secret),
            (None, Profile::Dev) => JwtSecret::KeptIn(".conduit-jwt-secret".into()),
            (None, Profile::Prod) => {
                from.refuse(&JWT_SECRET, "not set", EXPECTED);
                return None;
            }
        };
        Some(Self { secret, previous: previous?, ttl: ttl? })
    }
}

impl JwtSecret {
    /// The key itself. It is asked for by the server only, so that no probe or migration leaves a file behind.
    ///
    /// # Errors
    /// [`SecretFileError`] when the dev key can be neither read nor made.
    pub fn obtain(&self) -> Result<SecretString, SecretFileError> {
        match self {
            Self::Given(secret) => Ok(secret.clone()),
            Self::KeptIn(path) => jwt_file::obtain(path),
        }
    }
}

fn secret(text: &str, profile: Profile) -> Result<SecretString, Wrong> {
    match text.len() {
        0..32 => Err(Wrong::hidden(format!("{} bytes long", text.len()), EXPECTED)),
        _ if profile == Profile::Prod && is_guessable(text) => Err(Wrong::hidden("well known", EXPECTED)),
        _ => Ok(SecretString::from(text)),
    }
}

/// Placeholders from tutorials and documentation, in small letters without punctuation.
const WELL_KNOWN: &[&str] = &[
    "astringsecretatleast256bitslong",
    "conduit",
    "jwtsecret",
    "mysecret",
    "mysecretkey",
    "replaceme",
    "secretkey",
    "supersecret",
    "supersecretkey",
    "thisisaverysecretkey",
    "your256bitsecret",
    "yourjwtsecret",
    "yoursecretkey",
    "yoursecretkeyatleast32characterslong",
    "yoursupersecretjwttokenwithatleast32characterslong",
    "yoursupersecretkey",
];

/// What people write where a key is still to be put, in the same form. Random letters do not spell such words.
const PLACEHOLDERS: &[&str] = &[
    "changeme",
    "changethis",
    "insertsecret",
    "openssl",
    "placeholder",
    "putyour",
    "replaceme",
    "replacethis",
    "yoursecret",
    "yourjwtsecret",
];

/// Whether the text is or holds a placeholder, is a well-known one written several times, or made of very few different
/// letters: `aaaa...` and `secretsecret...` have fewer than 8, 32 random bytes in hex practically never.
fn is_guessable(text: &str) -> bool {
    let letters = text.to_lowercase();
    let plain: Vec<_> = letters.bytes().filter(u8::is_ascii_alphanumeric).collect();
    let repeats = |word: &&str| {
        let again = word.bytes().cycle().take(plain.len());
        plain.len() >= word.len() && again.eq(plain.iter().copied())
    };
    let holds = |word: &&str| plain.windows(word.len()).any(|part| part == word.as_bytes());
    letters.bytes().collect::<HashSet<_>>().len() < 8
        || WELL_KNOWN.iter().any(repeats)
        || PLACEHOLDERS.iter().any(holds)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{SECRET, errors, load, load_prod, prod_errors};
    use super::*;

    #[test]
    fn a_token_is_good_for_a_week() {
        let week = Duration::from_secs(7 * 24 * 3600);
        assert_eq!((load(&[]).jwt.ttl, load(&[("JWT_TTL", "3600")]).jwt.ttl), (week, Duration::from_secs(3600)));
        assert_eq!(
            errors(&[("JWT_TTL", "59s")]),
            "JWT_TTL is \"59s\": expected a duration from 1m to 365d, such as 500ms, 90s, 15m, 12h or 7d"
        );
    }

    #[test]
    fn a_given_key_is_used() {
        let key = load_prod(&[]).jwt.secret.obtain().unwrap();
        assert_eq!(key.expose_secret(), SECRET);
    }

    #[test]
    fn prod_demands_a_key() {
        assert_eq!(prod_errors(&[("JWT_SECRET", "")]), format!("JWT_SECRET is not set: expected {EXPECTED}"));
    }

    #[test]
    fn short_keys_are_refused_without_being_shown() {
        for value in ["secret", "changeme", "0123456789abcdef0123456789abcde"] {
            let line = format!("JWT_SECRET is {} bytes long: expected {EXPECTED}", value.len());
            assert_eq!(errors(&[("JWT_SECRET", value)]), line);
            assert_eq!(prod_errors(&[("JWT_SECRET", value)]), line);
        }
    }

    #[test]
    fn prod_refuses_keys_from_tutorials() {
        for value in [
            "a-string-secret-at-least-256-bits-long",
            "your-super-secret-jwt-token-with-at-least-32-characters-long",
            "super-secret-super-secret-super-secret",
            "your-256-bit-secret-your-256-bit-secret",
            "changemechangemechangemechangeme",
            "please-change-me-before-you-go-live-0123456789",
            "REPLACE_THIS_WITH_A_LONG_RANDOM_SECRET",
            "<your jwt secret, 32 bytes or more, goes here>",
            "$(openssl rand -hex 32) of the shell that never ran",
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        ] {
            assert_eq!(prod_errors(&[("JWT_SECRET", value)]), format!("JWT_SECRET is well known: expected {EXPECTED}"));
            load(&[("JWT_SECRET", value)]);
        }
    }

    #[test]
    fn the_key_before_is_held_to_the_same() {
        let previous = |value| prod_errors(&[("JWT_SECRET_PREVIOUS", value)]);
        assert_eq!(previous("short"), format!("JWT_SECRET_PREVIOUS is 5 bytes long: expected {EXPECTED}"));
        let placeholder = "changemechangemechangemechangeme";
        assert_eq!(previous(placeholder), format!("JWT_SECRET_PREVIOUS is well known: expected {EXPECTED}"));
        assert_eq!(previous(SECRET), "JWT_SECRET_PREVIOUS is JWT_SECRET: expected the key before it");

        let key = "ci-secret-that-nobody-else-has-written-down";
        let jwt = load_prod(&[("JWT_SECRET_PREVIOUS", key)]).jwt;
        assert_eq!(jwt.previous.as_ref().map(ExposeSecret::expose_secret), Some(key));
        assert!(load_prod(&[]).jwt.previous.is_none());
    }

    #[test]
    fn prod_takes_any_other_key() {
        for value in [
            "6f1ed002ab5595859014ebf0951522d9",
            "ci-secret-that-nobody-else-has-written-down",
            "!@#$%^&*()_+{}|:<>?~-=[];',./!@#$%",
        ] {
            load_prod(&[("JWT_SECRET", value)]);
        }
    }
}
