//! Short ways to load a configuration from a few variables.
//! For the tests of this folder.

use std::collections::HashMap;

use super::Config;

/// Good enough for prod.
pub const SECRET: &str = "6f1ed002ab5595859014ebf0951522d9";

/// An environment of these variables.
pub fn env(values: &[(&str, &str)]) -> HashMap<String, String> {
    values.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect()
}

/// The dev configuration with these variables.
pub fn load(values: &[(&str, &str)]) -> Config {
    Config::load_from(None, &env(values)).unwrap()
}

/// The lines that refuse these variables in dev.
pub fn errors(values: &[(&str, &str)]) -> String {
    Config::load_from(None, &env(values)).unwrap_err().to_string()
}

/// The prod configuration with these variables.
pub fn load_prod(values: &[(&str, &str)]) -> Config {
    Config::load_from(None, &prod(values)).unwrap()
}

/// The lines that refuse these variables in prod.
pub fn prod_errors(values: &[(&str, &str)]) -> String {
    Config::load_from(None, &prod(values)).unwrap_err().to_string()
}

fn prod(values: &[(&str, &str)]) -> HashMap<String, String> {
    let mut all = env(&[("CONDUIT_PROFILE", "prod"), ("JWT_SECRET", SECRET)]);
    all.extend(env(values));
    all
}
