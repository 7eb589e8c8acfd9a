//! What is remembered between starts: port, passwords, place of the data; and the folder's lock.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use rand::Rng;
use rand::distr::Alphanumeric;
use serde::{Deserialize, Serialize};

use super::Error;

const FILE: &str = "postgres.json";
const LOCK: &str = "lock";
const PASSWORD_CHARS: usize = 32;

/// The contents of `postgres.json`; only its owner may read the file.
#[derive(Serialize, Deserialize)]
pub(super) struct State {
    pub(super) port: Option<u16>,
    pub(super) data_dir: Option<PathBuf>,
    pub(super) owner_password: String,
    pub(super) gateway_password: String,
    /// Younger than the others: a folder of before has none yet.
    #[serde(default = "new_password")]
    pub(super) auth_password: String,
}

/// Hides the passwords.
impl std::fmt::Debug for State {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("State")
            .field("port", &self.port)
            .field("data_dir", &self.data_dir)
            .finish_non_exhaustive()
    }
}

impl State {
    /// Reads what was remembered, or makes new passwords.
    pub(super) fn load_or_new(dir: &Path) -> Result<Self, Error> {
        let path = dir.join(FILE);
        match std::fs::read_to_string(&path) {
            Ok(text) => serde_json::from_str(&text)
                .map_err(std::io::Error::from)
                .map_err(Error::file("read", &path)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self {
                port: None,
                data_dir: None,
                owner_password: new_password(),
                gateway_password: new_password(),
                auth_password: new_password(),
            }),
            Err(error) => Err(Error::file("read", &path)(error)),
        }
    }

    /// Writes it down, whole or not at all.
    pub(super) fn save(&self, dir: &Path) -> Result<(), Error> {
        let path = dir.join(FILE);
        let text = serde_json::to_string_pretty(self)
            .map_err(std::io::Error::from)
            .map_err(Error::file("write", &path))?;
        let new = dir.join(format!("{FILE}.new"));
        write_private(&new, &text)?;
        std::fs::rename(&new, &path).map_err(Error::file("write", &path))
    }
}

fn new_password() -> String {
    random_text(PASSWORD_CHARS)
}

/// Makes the state folder and takes its lock, which lasts as long as the returned file.
pub(super) fn prepare_dir(dir: &Path) -> Result<File, Error> {
    std::fs::create_dir_all(dir).map_err(Error::file("create", dir))?;
    let ignore = dir.join(".gitignore");
    if !ignore.exists() {
        // The folder holds passwords and data, which must not reach anybody's repository.
        std::fs::write(&ignore, "*\n").map_err(Error::file("write", &ignore))?;
    }
    let path = dir.join(LOCK);
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .mode(0o600)
        .open(&path)
        .map_err(Error::file("open", &path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Error::InUse {
            dir: dir.to_owned(),
        }),
        Err(TryLockError::Error(error)) => Err(Error::file("lock", &path)(error)),
    }
}

/// Writes a file that only its owner may read.
pub(super) fn write_private(path: &Path, text: &str) -> Result<(), Error> {
    let _ = std::fs::remove_file(path);
    OpenOptions::new()
        .create_new(true)
        .write(true)
        .mode(0o600)
        .open(path)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .map_err(Error::file("write", path))
}

/// Removes data and memory, and the folder of the data when it is not the state folder.
pub(super) fn remove(dir: &Path, data_dir: &Path) -> Result<(), Error> {
    if data_dir.exists() {
        std::fs::remove_dir_all(data_dir).map_err(Error::file("remove", data_dir))?;
    }
    if let Some(parent) = data_dir.parent().filter(|parent| *parent != dir) {
        let _ = std::fs::remove_dir(parent);
    }
    for name in [FILE, "postgres.log"] {
        let _ = std::fs::remove_file(dir.join(name));
    }
    Ok(())
}

/// A short name that nobody else uses.
pub(super) fn random_name() -> String {
    random_text(12).to_lowercase()
}

fn random_text(chars: usize) -> String {
    rand::rng()
        .sample_iter(Alphanumeric)
        .take(chars)
        .map(char::from)
        .collect()
}
