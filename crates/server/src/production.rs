//! What `postern serve` refuses that `postern dev` may do.

use std::path::Path;

use postern_db::{Admin, support};

use crate::config::{Config, ConsoleWish, LogFormat, MailConfig, Origin, Problems, Sources, layer};

/// Shortest API key in characters, prefix included.
const KEY_CHARS_MIN: usize = 32;
/// Fewest different characters of a secret: fewer were typed, not drawn.
const DISTINCT_CHARS_MIN: usize = 10;
/// Words of secrets that stand in tutorials and sample files.
const DEMO_WORDS: &[&str] = &[
    "super-secret",
    "supersecret",
    "your-",
    "changeme",
    "change-me",
    "example",
    "reallyreally",
    "password",
    "demo",
];

/// Why a configuration may not serve the world.
#[derive(Debug, thiserror::Error)]
pub enum ProductionError {
    /// The configuration is wrong.
    #[error(transparent)]
    Config(#[from] Problems),
    /// The configuration file cannot be read.
    #[error("the configuration cannot be read: {0}")]
    Read(#[from] std::io::Error),
    /// No database is named.
    #[error(
        "`postern serve` needs a database: set DATABASE_URL to \
         postgres://user:password@host:port/name (`postern dev` runs one of its own)"
    )]
    NoDatabase,
    /// Codes that sign in as anybody would lie open.
    #[error(
        "{place}: `mail.transport` is \"dev\", which is for `postern dev`: set \"smtp\" with \
         `mail.host` and `mail.from`, or \"off\""
    )]
    DevMailbox {
        /// Where it was set.
        place: Origin,
    },
    /// A secret that others know or can guess.
    #[error("{place}: `{key}` {reason}; make one with `openssl rand -base64 48`")]
    WeakSecret {
        /// Where it was set.
        place: Origin,
        /// The key's path.
        key: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// Our own schema cannot be installed.
    #[error(
        "the schema `postern` cannot be installed in the database: {0}; \
         run `postern migrate` once with a DATABASE_URL of the database's owner"
    )]
    Support(postern_db::Error),
    /// The database cannot be reached.
    #[error("the database cannot be reached: {0}")]
    Database(postern_db::Error),
}

/// The configuration of `postern serve`: JSON logs unless told otherwise, and no weak secret.
///
/// # Errors
/// Returns what is wrong, or which secret is not one.
pub fn load(
    folder: &Path,
    flags: Vec<(&'static str, String, &'static str)>,
) -> Result<Config, ProductionError> {
    let mut sources = Sources::of_folder(folder)?;
    sources.flags = flags;
    let raw = layer(sources)?;
    let mut config = Config::check(folder, &raw)?;
    if raw.setting("log.format").origin == Origin::Default {
        config.log.format = LogFormat::Json;
    }
    if config.console == ConsoleWish::WhereSafe {
        // Nobody asked for it, and every door of a production server is there by a decision.
        config.console = ConsoleWish::Off;
    }
    if config.database.url.is_none() {
        return Err(ProductionError::NoDatabase);
    }
    if matches!(config.people.mail, MailConfig::Dev) {
        let place = raw.setting("mail.transport").origin.clone();
        return Err(ProductionError::DevMailbox { place });
    }
    let master_keys = config.people.master_key.iter().cloned().collect();
    let secrets = [
        ("keys.master_key", &master_keys),
        ("auth.jwt_secrets", &config.auth.jwt_secrets),
        ("keys.secret", &config.keys.secret),
    ];
    for (key, list) in secrets {
        for secret in list {
            if let Some(reason) = weakness(secret.expose()) {
                let place = raw.setting(key).origin.clone();
                return Err(ProductionError::WeakSecret { place, key, reason });
            }
        }
    }
    Ok(config)
}

/// Installs our own schema where it is missing.
///
/// # Errors
/// Returns why it cannot be, or why the database cannot be reached.
pub async fn prepare_database(config: &Config) -> Result<(), ProductionError> {
    let url = config.database.url.as_ref();
    let url = url.ok_or(ProductionError::NoDatabase)?;
    let mut admin = Admin::connect(url)
        .await
        .map_err(ProductionError::Database)?;
    support::install(&mut admin)
        .await
        .map_err(ProductionError::Support)
}

/// What makes a secret no secret, if anything does.
fn weakness(secret: &str) -> Option<String> {
    let lower = secret.to_ascii_lowercase();
    let mut distinct: Vec<char> = secret.chars().collect();
    distinct.sort_unstable();
    distinct.dedup();
    if secret.chars().count() < KEY_CHARS_MIN {
        Some(format!(
            "holds a secret of fewer than {KEY_CHARS_MIN} characters"
        ))
    } else if DEMO_WORDS.iter().any(|word| lower.contains(word)) {
        Some("holds a demo secret, which everybody knows".into())
    } else if distinct.len() < DISTINCT_CHARS_MIN {
        Some("holds a secret that is easily guessed".into())
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::weakness;

    #[test]
    fn demo_short_and_dull_secrets_are_weak() {
        for secret in [
            "short",
            "super-secret-jwt-token-with-at-least-32-characters-long",
            "your-super-secret-jwt-token-with-at-least-32-characters-long",
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "reallyreallyreallyreallyverysafe",
        ] {
            assert!(weakness(secret).is_some(), "{secret}");
        }
    }

    #[test]
    fn drawn_secrets_are_fine() {
        for _ in 0..50 {
            let secret = postern_http::generate_jwt_secret();
            assert_eq!(weakness(secret.expose()), None);
        }
    }
}
