//! The key that dev makes for itself, kept in a file so that tokens outlive a restart.
//! For [`JwtSecret`](super::JwtSecret); several starters at once end up with the same key.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use secrecy::SecretString;

/// The dev key's file will not do.
#[derive(Debug, thiserror::Error)]
pub enum SecretFileError {
    /// It can be neither read nor made.
    #[error("{path:?} cannot be read or made ({cause}): set JWT_SECRET instead")]
    Unusable {
        /// The file.
        path: PathBuf,
        /// Why not.
        cause: io::Error,
    },
    /// It holds something else than a key.
    #[error("{path:?} holds no key: remove it, and a new one is made")]
    Damaged {
        /// The file.
        path: PathBuf,
    },
}

/// The key in this file, which is made when it is not there.
pub fn obtain(path: &Path) -> Result<SecretString, SecretFileError> {
    let unusable = |cause| SecretFileError::Unusable { path: path.to_owned(), cause };
    if !path.try_exists().map_err(unusable)? {
        make(path).map_err(unusable)?;
    }
    let text = fs::read_to_string(path).map_err(unusable)?;
    match text.trim_end() {
        key if key.len() < 32 => Err(SecretFileError::Damaged { path: path.to_owned() }),
        key => Ok(SecretString::from(key)),
    }
}

/// Writes the key beside its place and links it in, which fails when another starter was first: both then read the
/// same key, and no one ever reads half of one.
fn make(path: &Path) -> io::Result<()> {
    let draft = path.with_extension(format!("{:016x}", rand::random::<u64>()));
    let made = write_key(&draft).and_then(|()| fs::hard_link(&draft, path));
    let removed = fs::remove_file(&draft);
    match made {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => removed,
        made => made.and(removed),
    }
}

fn write_key(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    let key: [u8; 32] = rand::random();
    for byte in key {
        write!(file, "{byte:02x}")?;
    }
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::thread;

    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn dev_makes_its_key_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(".conduit-jwt-secret");
        let key = obtain(&path).unwrap();
        assert_eq!(key.expose_secret().len(), 64);
        assert_eq!(obtain(&path).unwrap().expose_secret(), key.expose_secret());
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_reads_the_key() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        obtain(&path).unwrap();
        assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn starters_that_race_agree_and_leave_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        let keys: HashSet<String> = thread::scope(|scope| {
            let starters: Vec<_> = (0..8).map(|_| scope.spawn(|| obtain(&path).unwrap())).collect();
            starters.into_iter().map(|starter| starter.join().unwrap().expose_secret().to_owned()).collect()
        });
        assert_eq!(keys.len(), 1);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_damaged_or_unreachable_file_is_named_without_its_content() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        fs::write(&path, "hunter2").unwrap();
        let error = obtain(&path).unwrap_err().to_string();
        assert_eq!(error, format!("{path:?} holds no key: remove it, and a new one is made"));
        let error = obtain(Path::new("/no/such/key")).unwrap_err().to_string();
        assert!(error.starts_with("\"/no/such/key\" cannot be read or made ("), "{error}");
    }
}
