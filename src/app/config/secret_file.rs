//! Secret that development generates and keeps in a file, so that tokens remain valid after a
//! restart.
//!
//! Processes that start at the same time read the same secret.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;
use std::{fs, io};

use secrecy::SecretString;

/// Reason why the file provides no secret.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct SecretFileError(String);

/// Returns the secret in the file, which is created if it does not exist.
pub fn read_or_create(path: &Path) -> Result<SecretString, SecretFileError> {
    let unusable = |cause: io::Error| {
        SecretFileError(format!("{path:?} cannot be read or made ({cause}): set JWT_SECRET instead"))
    };
    if !path.try_exists().map_err(unusable)? {
        create(path).map_err(unusable)?;
    }
    let text = fs::read_to_string(path).map_err(unusable)?;
    match text.trim_end() {
        key if key.len() < 32 => {
            Err(SecretFileError(format!("{path:?} holds no key: remove it, and a new one is made")))
        }
        key => Ok(SecretString::from(key)),
    }
}

/// Writes a secret to a temporary file and links it to `path`. The link fails if another process
/// was faster: then both read the same secret, and neither reads an incomplete one.
fn create(path: &Path) -> io::Result<()> {
    let draft = path.with_extension(format!("{:016x}", rand::random::<u64>()));
    let made = write_secret(&draft).and_then(|()| fs::hard_link(&draft, path));
    let removed = fs::remove_file(&draft);
    match made {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => removed,
        made => made.and(removed),
    }
}

fn write_secret(path: &Path) -> io::Result<()> {
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
    use std::{collections::HashSet, thread};

    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn secret_is_created_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(".conduit-jwt-secret");
        let key = read_or_create(&path).unwrap();
        assert_eq!(key.expose_secret().len(), 64);
        assert_eq!(read_or_create(&path).unwrap().expose_secret(), key.expose_secret());
    }

    #[cfg(unix)]
    #[test]
    fn secret_is_readable_by_its_owner_only() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        read_or_create(&path).unwrap();
        assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn concurrent_processes_read_one_secret_and_leave_no_other_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        let keys: HashSet<String> = thread::scope(|scope| {
            let starters: Vec<_> = (0..8).map(|_| scope.spawn(|| read_or_create(&path).unwrap())).collect();
            starters.into_iter().map(|starter| starter.join().unwrap().expose_secret().to_owned()).collect()
        });
        assert_eq!(keys.len(), 1);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn error_of_a_damaged_or_unreachable_file_does_not_quote_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        fs::write(&path, "hunter2").unwrap();
        let error = read_or_create(&path).unwrap_err().to_string();
        assert_eq!(error, format!("{path:?} holds no key: remove it, and a new one is made"));
        let error = read_or_create(Path::new("/no/such/key")).unwrap_err().to_string();
        assert!(error.starts_with("\"/no/such/key\" cannot be read or made ("), "{error}");
    }
}
