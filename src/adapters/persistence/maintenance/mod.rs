//! What operators do to a database as a whole: migrate, check, fill, copy, empty and back up.

pub mod backup;
pub mod bulk;
pub mod doctor;
pub mod migrate;
