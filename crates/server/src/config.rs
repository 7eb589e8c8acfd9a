//! Configuration: defaults, then `postern.toml`, then the environment, then flags.
//!
//! [`RawConfig`] is what was written, with where; [`Config`] is what it means, checked and with
//! secrets wrapped. Only this crate and the command line read configuration at all.

mod checked;
mod dialect;
mod environment;
mod error;
mod file;
mod guards;
mod in_database;
pub mod key;
mod people;
mod policies;
mod print;
mod raw;
mod reference;

use std::path::Path;

pub use checked::{
    Api, ApiKey, Auth, Config, ConsoleWish, Database, Jwks, Keys, Log, LogFormat, Metrics,
};
pub use dialect::Dialect;
pub use error::{Problem, Problems};
pub(crate) use in_database::Remark;
pub use people::{MailConfig, People};
pub use policies::Policies;
pub use raw::{Origin, RawConfig, Setting, Value};
pub use reference::reference;

/// The configuration file's name in a project folder.
pub const FILE_NAME: &str = "postern.toml";

/// What the layers are made of.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// The configuration file: its name for messages and its text.
    pub file: Option<(String, String)>,
    /// The environment.
    pub variables: Vec<(String, String)>,
    /// Flags: the key's path, its value, and the flag's own name.
    pub flags: Vec<(&'static str, String, &'static str)>,
    /// Values that a development project generated, overridden by everything else.
    pub generated: Vec<(&'static str, Value)>,
}

impl Sources {
    /// The sources of a project folder: its file, if there is one, and the environment.
    ///
    /// # Errors
    /// Returns a message when the file is there and cannot be read.
    pub fn of_folder(folder: &Path) -> Result<Self, std::io::Error> {
        let path = folder.join(FILE_NAME);
        let file = match std::fs::read_to_string(&path) {
            Ok(text) => Some((path.display().to_string(), text)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        Ok(Self {
            file,
            variables: std::env::vars_os()
                .filter_map(|(name, value)| {
                    Some((name.into_string().ok()?, value.into_string().ok()?))
                })
                .collect(),
            ..Self::default()
        })
    }
}

/// Lays the sources over each other.
///
/// # Errors
/// Returns everything that is wrong: unknown keys, wrong types, bad syntax.
pub fn layer(sources: Sources) -> Result<RawConfig, Problems> {
    let mut raw = RawConfig::defaults();
    for (path, value) in sources.generated {
        raw.set(path, value, Origin::Generated);
    }
    if let Some((path, text)) = &sources.file {
        file::apply(&mut raw, path, text);
    }
    environment::apply(&mut raw, sources.variables);
    for (path, text, flag) in sources.flags {
        let key = key::find(path).expect("INVARIANT: flags name keys of the table");
        raw.set_text(key, &text, Origin::Flag(flag.into()));
    }
    raw.finish()
}

#[cfg(test)]
mod tests;
