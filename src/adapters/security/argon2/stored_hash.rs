//! Stored hashes are PHC strings, which contain the cost of verifying them. The cost is limited, so
//! that write access to the database is not enough to exhaust memory and CPU.

use argon2::password_hash::phc::{Ident, PasswordHash as Phc};
use argon2::{Algorithm, Params, Version};

use crate::domain::model::user::PasswordHash;
use crate::ports::security::SecurityError;

/// Cost of one hash.
#[derive(Clone, Copy, Debug)]
pub struct Cost {
    pub memory_kib: u32,
    pub iterations: u32,
    pub parallelism: u32,
}

/// Limit for stored hashes, unless more is configured: about 60 times OWASP's recommendation, a
/// second of one core.
const MAX_COST: Cost = Cost { memory_kib: 128 * 1024, iterations: 16, parallelism: 16 };

#[derive(Debug)]
pub struct StoredHash {
    pub phc: Phc,
    /// Whether new hashes are stronger.
    pub is_outdated: bool,
}

#[derive(Debug, thiserror::Error)]
#[error("a stored hash asks for {m} KiB, {t} passes and {p} lanes", m = .0.memory_kib, t = .0.iterations, p = .0.parallelism)]
struct ExcessiveCost(Cost);

impl StoredHash {
    /// Rejects a hash that exceeds both `MAX_COST` and `new`, the cost of new hashes.
    pub fn parse(hash: &PasswordHash, new: Cost) -> Result<Self, SecurityError> {
        let phc = Phc::new(hash.expose()).map_err(SecurityError::internal)?;
        let params = Params::try_from(&phc).map_err(SecurityError::internal)?;
        let cost = Cost { memory_kib: params.m_cost(), iterations: params.t_cost(), parallelism: params.p_cost() };
        if cost.memory_kib > MAX_COST.memory_kib.max(new.memory_kib)
            || cost.iterations > MAX_COST.iterations.max(new.iterations)
            || cost.parallelism > MAX_COST.parallelism.max(new.parallelism)
        {
            return Err(SecurityError::internal(ExcessiveCost(cost)));
        }
        let is_same_variant =
            phc.algorithm == Ident::from(Algorithm::Argon2id) && phc.version == Some(Version::V0x13.into());
        let is_outdated = !is_same_variant || cost.memory_kib < new.memory_kib || cost.iterations < new.iterations;
        Ok(Self { phc, is_outdated })
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// Recommended by OWASP's Password Storage Cheat Sheet.
    const NEW: Cost = Cost { memory_kib: 19456, iterations: 2, parallelism: 1 };

    fn parse(prefix: &str) -> Result<StoredHash, SecurityError> {
        let phc = format!("${prefix}$c2FsdHNhbHRzYWx0c2FsdA$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g");
        StoredHash::parse(&PasswordHash::new(phc), NEW)
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
    fn hash_is_outdated_if_new_ones_are_stronger(#[case] prefix: &str, #[case] is_outdated: bool) {
        assert_eq!(parse(prefix).unwrap().is_outdated, is_outdated);
    }

    #[rstest]
    #[case::memory("argon2id$v=19$m=131073,t=2,p=1")]
    #[case::all_memory("argon2id$v=19$m=4294967295,t=1,p=1")]
    #[case::passes("argon2id$v=19$m=19456,t=17,p=1")]
    #[case::all_passes("argon2id$v=19$m=19456,t=4294967295,p=1")]
    #[case::lanes("argon2id$v=19$m=19456,t=2,p=17")]
    #[case::another_algorithm("pbkdf2-sha256$i=600000")]
    #[case::beyond_numbers("argon2id$v=19$m=99999999999,t=2,p=1")]
    #[case::nothing("argon2id$v=19$m=0,t=0,p=0")]
    fn excessive_or_foreign_hash_is_rejected(#[case] prefix: &str) {
        assert!(matches!(parse(prefix), Err(SecurityError::Internal(_))));
    }

    #[test]
    fn configured_cost_is_never_excessive() {
        let phc =
            "$argon2id$v=19$m=1048576,t=100,p=64$c2FsdHNhbHRzYWx0c2FsdA$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g";
        let new = Cost { memory_kib: 1_048_576, iterations: 100, parallelism: 64 };
        assert!(!StoredHash::parse(&PasswordHash::new(phc.into()), new).unwrap().is_outdated);
    }

    #[test]
    fn error_names_the_cost_and_not_the_hash() {
        let Err(SecurityError::Internal(cause)) = parse("argon2id$v=19$m=4294967295,t=1,p=1") else { panic!("parsed") };
        assert_eq!(cause.to_string(), "a stored hash asks for 4294967295 KiB, 1 passes and 1 lanes");
    }
}
