//! Parsers of the settings of tokens and password hashes, and the rules between them.

use std::collections::HashSet;

use secrecy::{ExposeSecret, SecretString};

use super::super::declaration::Profile;
use super::super::error::{ParseError, ParseResult};
use crate::adapters::security::argon2::Cost;

const EXPECTED: &str = "32 bytes or more that no one can guess; openssl rand -hex 32 makes some";

/// Secrets in tutorials and documentation, in lower case without punctuation.
const WELL_KNOWN: &str = "astringsecretatleast256bitslong conduit jwtsecret mysecret mysecretkey secretkey \
    supersecret supersecretkey thisisaverysecretkey your256bitsecret \
    yoursupersecretjwttokenwithatleast32characterslong yoursupersecretkey";

/// Parts of texts that stand for a secret still to be chosen, in the same form. Random text
/// practically never contains one.
const PLACEHOLDERS: &str = "changeme changethis insertsecret openssl placeholder putyour replaceme replacethis \
    yoursecret yourjwtsecret";

/// Parses `JWT_SECRET`. Only development works without one.
pub fn signing_secret(profile: Profile) -> impl Fn(&str) -> ParseResult<Option<SecretString>> {
    move |text| match (text, profile) {
        ("", Profile::Dev) => Ok(None),
        ("", Profile::Prod) => Err(ParseError::hidden("not set", EXPECTED)),
        _ => secret(profile)(text).map(Some),
    }
}

/// Parses a secret that signs tokens, or has signed them.
pub fn secret(profile: Profile) -> impl Fn(&str) -> ParseResult<SecretString> {
    move |text| match text.len() {
        0..32 => Err(ParseError::hidden(format!("{} bytes long", text.len()), EXPECTED)),
        _ if profile == Profile::Prod && is_guessable(text) => Err(ParseError::hidden("well known", EXPECTED)),
        _ => Ok(SecretString::from(text)),
    }
}

pub fn secrets_differ(current: &Option<SecretString>, previous: &Option<SecretString>) -> Option<ParseError> {
    let (current, previous) = (current.as_ref()?, previous.as_ref()?);
    let are_equal = current.expose_secret() == previous.expose_secret();
    are_equal.then(|| ParseError::hidden("JWT_SECRET", "the key before it"))
}

/// Returns the lowest cost of a password hash: in prod the minimum that OWASP recommends.
pub fn minimum_cost(profile: Profile) -> Cost {
    match profile {
        Profile::Dev => Cost { memory_kib: 8, iterations: 1, parallelism: 1 },
        Profile::Prod => Cost { memory_kib: 19456, iterations: 2, parallelism: 1 },
    }
}

pub fn memory_suffices(memory_kib: &u32, parallelism: &u32) -> Option<ParseError> {
    let expected = "8 or more for each of ARGON2_PARALLELISM, which Argon2 demands";
    (*memory_kib < 8 * parallelism).then(|| ParseError::expected(expected))
}

/// Returns whether `text` contains a placeholder, repeats a well-known secret, or has fewer than 8
/// distinct characters, which 32 random bytes in hex practically never have.
fn is_guessable(text: &str) -> bool {
    let text = text.to_lowercase();
    let letters: String = text.chars().filter(char::is_ascii_alphanumeric).collect();
    let is_repeated =
        |word: &str| letters.len() >= word.len() && word.chars().cycle().take(letters.len()).eq(letters.chars());
    text.bytes().collect::<HashSet<_>>().len() < 8
        || WELL_KNOWN.split(' ').any(is_repeated)
        || PLACEHOLDERS.split(' ').any(|word| letters.contains(word))
}
