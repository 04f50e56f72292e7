//! A copy of a database that others may read and write meanwhile.

use std::{
    fs::{self, File, OpenOptions},
    io,
    os::unix::fs::OpenOptionsExt,
    path::{self, Path, PathBuf},
};

use diesel::RunQueryDsl;

use crate::adapters::persistence::{
    sql::statement::{Access, Statement},
    sqlite::{OpenError, Settings},
};

/// Why there is no copy. Nothing of it is left then.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// There is no database.
    #[error("there is no such file")]
    Missing,
    /// Something is where the copy should be: it is left as it is.
    #[error("{} is there already", .0.display())]
    Exists(PathBuf),
    /// SQLite takes names in UTF-8 alone.
    #[error("{} is not UTF-8", .0.display())]
    Name(PathBuf),
    /// A file could not be written.
    #[error("{}", .0.display())]
    File(PathBuf, #[source] io::Error),
    /// The database could not be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// SQLite could not copy it.
    #[error(transparent)]
    Copy(#[from] diesel::result::Error),
}

/// Copies the database as it is at one moment into a new file, which only its owner may read: it holds hashes of
/// passwords. Blocks; readers and writers go on. The file appears whole or not at all, and on the disk.
///
/// # Errors
/// When there is no database, the file is there already, or the copy cannot be written.
pub fn backup(settings: &Settings, target: &Path) -> Result<(), BackupError> {
    // To open it would make it.
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

/// A copy that is not whole yet; removed with this value.
struct Partial(PathBuf);

impl Partial {
    fn beside(target: &Path) -> Result<Self, BackupError> {
        let mut name = target.as_os_str().to_owned();
        name.push(".partial");
        let path = PathBuf::from(name);
        // SQLite fills an empty file, and keeps who may read it.
        match OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path) {
            Ok(_empty) => Ok(Self(path)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(BackupError::Exists(path)),
            Err(error) => Err(BackupError::File(path, error)),
        }
    }

    /// Its name to SQLite, from the root: any other might be a URI.
    fn name(&self) -> Result<String, BackupError> {
        let path = path::absolute(&self.0).map_err(|error| BackupError::File(self.0.clone(), error))?;
        path.into_os_string().into_string().map_err(|name| BackupError::Name(name.into()))
    }

    /// A link, unlike a new name, takes the place of nothing that somebody has put there since.
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
        // What cannot be removed is told by the next copy.
        let _ = fs::remove_file(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt};

    use super::*;

    #[test]
    fn sqlite_is_told_a_path_or_nothing() {
        let name = |name: &[u8]| Partial(OsStr::from_bytes(name).into()).name();
        assert!(name(b"file:copy.db").unwrap().ends_with("/file:copy.db"));
        assert_eq!(name(b"/\xff").unwrap_err().to_string(), "/\u{fffd} is not UTF-8");
    }
}
