//! How expensive it is to try a password.
//! For the Argon2id hasher; the defaults are OWASP's minimum, which prod may not undercut.

use super::{
    Profile,
    reader::Reader,
    settings::{ARGON2_ITERATIONS, ARGON2_MEMORY_KIB, ARGON2_PARALLELISM},
    values::number,
};

/// Cost of one password hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Argon2Settings {
    /// `ARGON2_MEMORY_KIB`: memory in KiB, by default 19456 (19 MiB).
    pub memory_kib: u32,
    /// `ARGON2_ITERATIONS`: passes over that memory, by default 2.
    pub iterations: u32,
    /// `ARGON2_PARALLELISM`: lanes, by default 1.
    pub parallelism: u32,
}

impl Argon2Settings {
    pub(super) fn read(from: &mut Reader) -> Option<Self> {
        let (least_memory, least_iterations) = match from.profile {
            Profile::Dev => (8, 1),
            Profile::Prod => (19456, 2),
        };
        let memory_kib = from.get(&ARGON2_MEMORY_KIB, number(least_memory..=1_048_576));
        let iterations = from.get(&ARGON2_ITERATIONS, number(least_iterations..=100));
        let parallelism = from.get(&ARGON2_PARALLELISM, number(1..=64));
        let cost = Self { memory_kib: memory_kib?, iterations: iterations?, parallelism: parallelism? };
        if cost.memory_kib < 8 * cost.parallelism {
            let expected = "8 or more for each of ARGON2_PARALLELISM, which Argon2 demands";
            from.refuse(&ARGON2_MEMORY_KIB, &format!("\"{}\"", cost.memory_kib), expected);
        }
        Some(cost)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{errors, load, load_prod, prod_errors};
    use super::*;

    #[test]
    fn the_default_is_the_recommended_minimum() {
        let recommended = Argon2Settings { memory_kib: 19456, iterations: 2, parallelism: 1 };
        assert_eq!((load(&[]).argon2, load_prod(&[]).argon2), (recommended, recommended));
    }

    #[test]
    fn dev_may_be_quick_and_prod_may_not() {
        let quick = [("ARGON2_MEMORY_KIB", "8"), ("ARGON2_ITERATIONS", "1")];
        assert_eq!(load(&quick).argon2, Argon2Settings { memory_kib: 8, iterations: 1, parallelism: 1 });
        assert_eq!(
            prod_errors(&quick),
            "ARGON2_MEMORY_KIB is \"8\": expected a number from 19456 to 1048576\n\
             ARGON2_ITERATIONS is \"1\": expected a number from 2 to 100"
        );
    }

    #[test]
    fn wrong_values_are_named() {
        for (values, line) in [
            (
                [("ARGON2_MEMORY_KIB", "19MiB"), ("", "")],
                "ARGON2_MEMORY_KIB is \"19MiB\": expected a number from 8 to 1048576",
            ),
            ([("ARGON2_ITERATIONS", "0"), ("", "")], "ARGON2_ITERATIONS is \"0\": expected a number from 1 to 100"),
            ([("ARGON2_PARALLELISM", "65"), ("", "")], "ARGON2_PARALLELISM is \"65\": expected a number from 1 to 64"),
            (
                [("ARGON2_MEMORY_KIB", "15"), ("ARGON2_PARALLELISM", "2")],
                "ARGON2_MEMORY_KIB is \"15\": expected 8 or more for each of ARGON2_PARALLELISM, which Argon2 demands",
            ),
        ] {
            assert_eq!(errors(&values), line);
        }
    }
}
