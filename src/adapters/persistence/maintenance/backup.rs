//! Backs up a SQLite database while it is in use.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::{fs, io, path};

use diesel::RunQueryDsl;

use crate::adapters::persistence::sql::statement::{Access, Statement};
use crate::adapters::persistence::sqlite::{OpenError, Settings, create_private};

/// Failure of a backup, which leaves no file behind.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    #[error("there is no such file")]
    Missing,
    #[error("{} is there already", .0.display())]
    Exists(PathBuf),
    #[error("{} is not UTF-8", .0.display())]
    Name(PathBuf),
    #[error("{}", .0.display())]
    File(PathBuf, #[source] io::Error),
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error(transparent)]
    Copy(#[from] diesel::result::Error),
}

/// Copies a snapshot of the database into a new file, which only its owner may read because it
/// holds password hashes. Blocks the thread, but neither readers nor writers of the database. The
/// file is synced to disk before it appears under its name.
pub fn backup(settings: &Settings, target: &Path) -> Result<(), BackupError> {
    // Opening a missing database would create it.
    if !settings.path.is_file() {
        return Err(BackupError::Missing);
    }
    if target.symlink_metadata().is_ok() {
        return Err(BackupError::Exists(target.to_owned()));
    }
    let partial = Partial::beside(target)?;
    let copy: Statement = Statement::write("backup", "vacuum into $1").text(&partial.name()?);
    (&copy).execute(&mut settings.connect(Access::Write)?)?;
    partial.keep_as(target)
}

/// Incomplete copy, which is removed when this is dropped.
struct Partial(PathBuf);

impl Partial {
    fn beside(target: &Path) -> Result<Self, BackupError> {
        let mut name = target.as_os_str().to_owned();
        name.push(".partial");
        let path = PathBuf::from(name);
        match create_private(&path) {
            Ok(_) => Ok(Self(path)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(BackupError::Exists(path)),
            Err(error) => Err(BackupError::File(path, error)),
        }
    }

    /// Returns the absolute path: SQLite may read a relative one as a URI.
    fn name(&self) -> Result<String, BackupError> {
        let path = path::absolute(&self.0).map_err(|error| BackupError::File(self.0.clone(), error))?;
        path.into_os_string().into_string().map_err(|name| BackupError::Name(name.into()))
    }

    /// Links the copy under its name: unlike renaming, this never replaces a file.
    fn keep_as(&self, target: &Path) -> Result<(), BackupError> {
        let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let keep = || {
            File::open(&self.0)?.sync_all()?;
            fs::hard_link(&self.0, target)?;
            File::open(folder)?.sync_all()
        };
        keep().map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => BackupError::Exists(target.to_owned()),
            _ => BackupError::File(target.to_owned(), error),
        })
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        // If this fails, the next backup reports that the file exists.
        let _ = fs::remove_file(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt};

    use super::*;

    #[test]
    fn sqlite_receives_an_absolute_path_in_utf_8() {
        let name = |name: &[u8]| Partial(OsStr::from_bytes(name).into()).name();
        assert!(name(b"file:copy.db").unwrap().ends_with("/file:copy.db"));
        assert_eq!(name(b"/\xff").unwrap_err().to_string(), "/\u{fffd} is not UTF-8");
    }
}
