//! The keys of a development project: made once, kept in `.postern/keys.json`.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use postern_base::{Clock, RoleName, Secret, SystemClock};
use postern_vault::{MasterKey, SystemRandom, token};
use serde::{Deserialize, Serialize};

use super::{ProjectError, io_error};
use crate::config::Value;

const FILE: &str = "keys.json";
/// Randomness of the demo users' password: sixteen characters to copy, and nothing to guess.
const DEMO_PASSWORD_BYTES: usize = 12;

/// The keys of a development project.
#[derive(Clone, Debug)]
pub struct ProjectKeys {
    /// What apps carry.
    pub publishable: String,
    /// What servers carry.
    pub secret: Secret<String>,
    /// What user tokens are signed with.
    pub jwt_secret: Secret<String>,
    /// What seals secrets in the database.
    pub master_key: Secret<String>,
    /// The password of the demo users who have none of their own.
    pub demo_password: Secret<String>,
    made_at_unix_secs: i64,
}

/// The file's form; the one place where the secrets are written.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeysFile {
    publishable: String,
    secret: String,
    jwt_secret: String,
    master_key: String,
    demo_password: String,
    made_at_unix_secs: i64,
}

impl ProjectKeys {
    /// Makes new keys.
    pub fn generate() -> Self {
        Self {
            publishable: postern_http::generate_publishable_key(),
            secret: postern_http::generate_secret_key(),
            jwt_secret: postern_http::generate_jwt_secret(),
            master_key: MasterKey::generate(&SystemRandom).to_text(),
            demo_password: Secret::new(token::<DEMO_PASSWORD_BYTES>(&SystemRandom)),
            made_at_unix_secs: SystemClock.now_unix_secs(),
        }
    }

    /// The legacy `anon` key: a token that says nothing but the role.
    ///
    /// # Errors
    /// Returns an error when the token cannot be signed.
    pub fn legacy_anon(&self) -> Result<String, ProjectError> {
        self.legacy(RoleName::ANON)
    }

    /// The legacy `service_role` key.
    ///
    /// # Errors
    /// Returns an error when the token cannot be signed.
    pub fn legacy_service(&self) -> Result<Secret<String>, ProjectError> {
        self.legacy(RoleName::SERVICE).map(Secret::new)
    }

    fn legacy(&self, role: &str) -> Result<String, ProjectError> {
        let role = RoleName::new(role);
        let key = postern_http::legacy_key(&self.jwt_secret, &role, self.made_at_unix_secs);
        key.map_err(|error| ProjectError::Token(error.to_string()))
    }

    /// All keys as JSON, for programs.
    ///
    /// # Errors
    /// Returns an error when a token cannot be signed.
    pub fn to_json(&self) -> Result<String, ProjectError> {
        let keys = serde_json::json!({
            "publishable": self.publishable,
            "secret": self.secret.expose(),
            "anon": self.legacy_anon()?,
            "service_role": self.legacy_service()?.expose(),
            "jwt_secret": self.jwt_secret.expose(),
            "demo_password": self.demo_password.expose(),
        });
        Ok(format!("{keys:#}"))
    }

    /// The configuration values that these keys stand for.
    pub fn settings(&self) -> Vec<(&'static str, Value)> {
        vec![
            (
                "keys.publishable",
                Value::List(vec![self.publishable.clone()]),
            ),
            ("keys.secret", Value::SecretList(vec![self.secret.clone()])),
            (
                "auth.jwt_secrets",
                Value::SecretList(vec![self.jwt_secret.clone()]),
            ),
            ("keys.master_key", Value::Secret(self.master_key.clone())),
        ]
    }

    pub(super) fn read(state_dir: &Path) -> Result<Option<Self>, ProjectError> {
        let path = state_dir.join(FILE);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(io_error(&path, source)),
        };
        let file: KeysFile = serde_json::from_str(&text).map_err(|error| ProjectError::Keys {
            path,
            reason: error.to_string(),
        })?;
        Ok(Some(Self {
            publishable: file.publishable,
            secret: Secret::new(file.secret),
            jwt_secret: Secret::new(file.jwt_secret),
            master_key: Secret::new(file.master_key),
            demo_password: Secret::new(file.demo_password),
            made_at_unix_secs: file.made_at_unix_secs,
        }))
    }

    pub(super) fn read_or_make(state_dir: &Path) -> Result<Self, ProjectError> {
        if let Some(keys) = Self::read(state_dir)? {
            return Ok(keys);
        }
        let keys = Self::generate();
        keys.write(state_dir)?;
        Ok(keys)
    }

    fn write(&self, state_dir: &Path) -> Result<(), ProjectError> {
        private_folder(state_dir).map_err(|source| io_error(state_dir, source))?;
        let file = KeysFile {
            publishable: self.publishable.clone(),
            secret: self.secret.expose().clone(),
            jwt_secret: self.jwt_secret.expose().clone(),
            master_key: self.master_key.expose().clone(),
            demo_password: self.demo_password.expose().clone(),
            made_at_unix_secs: self.made_at_unix_secs,
        };
        let path = state_dir.join(FILE);
        let json = serde_json::to_string_pretty(&file)
            .expect("INVARIANT: a struct of texts and a number is JSON");
        write_private(&path, &json).map_err(|source| io_error(&path, source))
    }
}

/// Makes the state folder, for its owner alone.
///
/// Root's is passable (not readable) for others: the database runs as somebody else, because
/// Postgres refuses to run as root, and keeps its data below.
fn private_folder(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt, PermissionsExt};
        let is_root = fs::metadata(folder)?.uid() == 0;
        let mode = if is_root { 0o711 } else { 0o700 };
        fs::set_permissions(folder, fs::Permissions::from_mode(mode))?;
    }
    Ok(())
}

/// Writes a file that its owner alone can read, whole or not at all.
fn write_private(path: &Path, text: &str) -> io::Result<()> {
    let draft = path.with_extension("tmp");
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&draft)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(draft, path)
}
