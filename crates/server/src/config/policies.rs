//! The policy files as they are configured.

use std::path::{Path, PathBuf};
use std::time::Duration;

use postern_rest::ShadowSettings;

use super::people::Wrong;
use super::raw::RawConfig;

/// Where policy files are, and how candidates are tried.
#[derive(Clone, Debug)]
pub struct Policies {
    /// The folder of those in force.
    pub dir: PathBuf,
    /// The folder of the bundles that were served, if they are kept.
    pub history: Option<PathBuf>,
    /// The folder of the candidate, if one is tried.
    pub shadow: Option<PathBuf>,
    /// How it is tried.
    pub shadow_settings: ShadowSettings,
}

/// Reads the keys of the policies.
pub(super) fn policies(folder: &Path, raw: &RawConfig) -> Result<Policies, Wrong> {
    let shadow = raw.text("policies.shadow").filter(|it| !it.is_empty());
    if shadow.is_some() && raw.text("api.enforce").as_deref() == Some("native") {
        let reason = "has nothing to be compared with: under `api.enforce = \"native\"` the \
                      database decides, and no policy file is in force";
        return Err(("policies.shadow", reason.into()));
    }
    Ok(Policies {
        dir: folder.join(raw.text("policies.dir").unwrap_or_default()),
        history: history(folder, raw),
        shadow: shadow.map(|dir| folder.join(dir)),
        shadow_settings: ShadowSettings {
            percent: raw.number("policies.shadow_percent"),
            timeout: Duration::from_millis(raw.number("policies.shadow_timeout_ms")),
        },
    })
}

/// The configured folder, else one beside the other things that `postern dev` made.
fn history(folder: &Path, raw: &RawConfig) -> Option<PathBuf> {
    let configured = raw.text("policies.history").filter(|it| !it.is_empty());
    let state = folder.join(".postern");
    match configured {
        Some(dir) => Some(folder.join(dir)),
        None => state.is_dir().then(|| state.join("bundles")),
    }
}
