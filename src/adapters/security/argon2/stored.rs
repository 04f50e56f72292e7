//! A hash as it is stored: a PHC string, which says by itself what it costs to check a password against it. It is not
//! believed blindly: whoever can write to the database must not be able to occupy the memory and the cores as well.

use argon2::{
    Algorithm, Params, Version,
    password_hash::phc::{Ident, PasswordHash as Phc},
};

use super::{Cost, internal};
use crate::{domain::model::user::PasswordHash, ports::security::SecurityError};

/// The most that checking a stored hash may cost where the configuration does not ask for more: some 60 times what
/// OWASP recommends, a second of a core.
const MOST: Cost = Cost { memory_kib: 128 * 1024, iterations: 16, parallelism: 16 };

/// A hash that may be checked.
#[derive(Debug)]
pub struct Stored {
    /// The string, read.
    pub phc: Phc,
    /// Whether new hashes are stronger.
    pub is_weak: bool,
}

/// The string asks for more than anything that we would have stored.
#[derive(Debug, thiserror::Error)]
#[error("a stored hash asks for {m} KiB, {t} passes and {p} lanes", m = .0.memory_kib, t = .0.iterations, p = .0.parallelism)]
struct Excessive(Cost);

impl Stored {
    /// Reads a hash, where new ones cost this much.
    ///
    /// # Errors
    /// [`SecurityError::Internal`] for what is no Argon2 hash, and for one that would cost more than a log-in is worth.
    pub fn read(hash: &PasswordHash, new: Cost) -> Result<Self, SecurityError> {
        let phc = Phc::new(hash.expose()).map_err(internal)?;
        let params = Params::try_from(&phc).map_err(internal)?;
        let cost = Cost { memory_kib: params.m_cost(), iterations: params.t_cost(), parallelism: params.p_cost() };
        if cost.memory_kib > MOST.memory_kib.max(new.memory_kib)
            || cost.iterations > MOST.iterations.max(new.iterations)
            || cost.parallelism > MOST.parallelism.max(new.parallelism)
        {
            return Err(internal(Excessive(cost)));
        }
        let is_kind_of_new =
            phc.algorithm == Ident::from(Algorithm::Argon2id) && phc.version == Some(Version::V0x13.into());
        let is_weak = !is_kind_of_new || cost.memory_kib < new.memory_kib || cost.iterations < new.iterations;
        Ok(Self { phc, is_weak })
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// OWASP's recommendation.
    const NEW: Cost = Cost { memory_kib: 19456, iterations: 2, parallelism: 1 };

    fn read(beginning: &str) -> Result<Stored, SecurityError> {
        let phc = format!("${beginning}$c2FsdHNhbHRzYWx0c2FsdA$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g");
        Stored::read(&PasswordHash::new(phc), NEW)
    }

    #[rstest]
    #[case::as_new("argon2id$v=19$m=19456,t=2,p=1", false)]
    #[case::stronger("argon2id$v=19$m=65536,t=3,p=4", false)]
    #[case::less_memory("argon2id$v=19$m=19455,t=2,p=1", true)]
    #[case::fewer_passes("argon2id$v=19$m=19456,t=1,p=1", true)]
    #[case::less_memory_with_more_passes("argon2id$v=19$m=9216,t=4,p=1", true)]
    #[case::against_side_channels_only("argon2i$v=19$m=19456,t=2,p=1", true)]
    #[case::against_hardware_only("argon2d$v=19$m=19456,t=2,p=1", true)]
    #[case::of_an_old_version("argon2id$v=16$m=19456,t=2,p=1", true)]
    #[case::of_no_version("argon2id$m=19456,t=2,p=1", true)]
    fn a_hash_is_weak_when_new_ones_are_stronger(#[case] beginning: &str, #[case] is_weak: bool) {
        assert_eq!(read(beginning).unwrap().is_weak, is_weak);
    }

    #[rstest]
    #[case::memory("argon2id$v=19$m=131073,t=2,p=1")]
    #[case::all_memory("argon2id$v=19$m=4294967295,t=1,p=1")]
    #[case::is_transient("argon2id$v=19$m=19456,t=17,p=1")]
    #[case::endless("argon2id$v=19$m=19456,t=4294967295,p=1")]
    #[case::lanes("argon2id$v=19$m=19456,t=2,p=17")]
    #[case::another_algorithm("pbkdf2-sha256$i=600000")]
    #[case::beyond_numbers("argon2id$v=19$m=99999999999,t=2,p=1")]
    #[case::nothing("argon2id$v=19$m=0,t=0,p=0")]
    fn what_we_would_not_have_stored_is_refused(#[case] beginning: &str) {
        assert!(matches!(read(beginning), Err(SecurityError::Internal(_))));
    }

    #[test]
    fn what_is_configured_is_never_too_much() {
        let phc =
            "$argon2id$v=19$m=1048576,t=100,p=64$c2FsdHNhbHRzYWx0c2FsdA$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g";
        let new = Cost { memory_kib: 1_048_576, iterations: 100, parallelism: 64 };
        assert!(!Stored::read(&PasswordHash::new(phc.into()), new).unwrap().is_weak);
    }

    #[test]
    fn the_refusal_says_what_was_asked_for_and_not_the_hash() {
        let Err(SecurityError::Internal(cause)) = read("argon2id$v=19$m=4294967295,t=1,p=1") else { panic!("read") };
        assert_eq!(cause.to_string(), "a stored hash asks for 4294967295 KiB, 1 passes and 1 lanes");
    }
}
