//! The bundles that were served, by their hashes: a folder each, so that `postern policy diff` can
//! name one that the files have moved on from.
//!
//! A bundle's hash is that of its meaning, so two sets of files that mean the same are kept once.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::reload::{LOCK_FILE, PolicySources};

/// Most bundles that are kept; the oldest go first.
const BUNDLES_MAX: usize = 100;
/// Fewest digits that name a bundle.
const PREFIX_MIN: usize = 6;
/// The file that names the bundle in force.
const LIVE: &str = "live";

/// A folder of bundles.
#[derive(Clone, Debug)]
pub struct History {
    dir: PathBuf,
}

/// Why a name stands for no bundle.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum HistoryError {
    /// Nothing was kept.
    #[error(
        "no history of bundles is kept; `postern dev` keeps one in `.postern/bundles`, and \
         `postern serve` where `policies.history` says"
    )]
    Off,
    /// No server has written which bundle is in force.
    #[error("no server has noted in `{}` which bundle it serves", .0.display())]
    NothingServed(PathBuf),
    /// It is neither a folder nor a hash.
    #[error(
        "`{0}` is no folder of policy files, and no bundle is kept under that hash; write a \
         folder, `live`, or at least {PREFIX_MIN} digits of a bundle's hash"
    )]
    Unknown(String),
    /// Several bundles begin so.
    #[error("`{0}` is the beginning of several bundles' hashes; write more digits")]
    Ambiguous(String),
}

impl History {
    /// The history in a folder, which need not be there yet.
    pub fn new(dir: PathBuf) -> Self {
        Self { dir }
    }

    /// Keeps the files of a bundle that is served from now on.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn keep(&self, hash: &str, sources: &PolicySources) -> io::Result<()> {
        if !is_hash(hash) {
            return Err(io::Error::other("the bundle's hash is none"));
        }
        let kept = self.dir.join(hash);
        if !kept.is_dir() {
            // Written aside first: half a bundle must never be compared with.
            let aside = self.dir.join(format!(".{hash}-{}", std::process::id()));
            fs::create_dir_all(&aside)?;
            for file in &sources.files {
                let name = file.path.rsplit('/').next().unwrap_or(&file.path);
                fs::write(aside.join(name), &file.text)?;
            }
            if let Some(lock) = &sources.lock {
                fs::write(aside.join(LOCK_FILE), lock)?;
            }
            fs::rename(&aside, &kept)?;
            self.forget_oldest()?;
        }
        let aside = self.dir.join(format!(".{LIVE}-{}", std::process::id()));
        fs::write(&aside, hash)?;
        fs::rename(aside, self.dir.join(LIVE))
    }

    /// The folder of the bundle that a name stands for: `live`, or the first digits of a hash.
    ///
    /// # Errors
    /// When it stands for none, or for several.
    pub fn find(&self, name: &str) -> Result<PathBuf, HistoryError> {
        if name == LIVE {
            let hash = fs::read_to_string(self.dir.join(LIVE)).unwrap_or_default();
            let kept = self.dir.join(&hash);
            return match is_hash(&hash) && kept.is_dir() {
                true => Ok(kept),
                false => Err(HistoryError::NothingServed(self.dir.clone())),
            };
        }
        if name.len() < PREFIX_MIN || !is_hash(name) {
            return Err(HistoryError::Unknown(name.to_owned()));
        }
        let mut found = self
            .bundles()
            .into_iter()
            .filter(|path| file_name(path).starts_with(name));
        match (found.next(), found.next()) {
            (Some(path), None) => Ok(path),
            (Some(_), Some(_)) => Err(HistoryError::Ambiguous(name.to_owned())),
            (None, _) => Err(HistoryError::Unknown(name.to_owned())),
        }
    }

    fn bundles(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(&self.dir).into_iter().flatten();
        let paths = entries.filter_map(|it| Some(it.ok()?.path()));
        paths
            .filter(|path| path.is_dir() && is_hash(file_name(path)))
            .collect()
    }

    fn forget_oldest(&self) -> io::Result<()> {
        let mut bundles = self.bundles();
        let made = |path: &PathBuf| {
            let modified = fs::metadata(path).and_then(|it| it.modified());
            modified.unwrap_or(SystemTime::UNIX_EPOCH)
        };
        bundles.sort_by_cached_key(made);
        let surplus = bundles.len().saturating_sub(BUNDLES_MAX);
        bundles
            .iter()
            .take(surplus)
            .try_for_each(fs::remove_dir_all)
    }
}

/// SECURITY: a name that is part of a path holds hexadecimal digits only.
fn is_hash(name: &str) -> bool {
    let is_digit = |it: u8| matches!(it, b'0'..=b'9' | b'a'..=b'f');
    !name.is_empty() && name.bytes().all(is_digit)
}

fn file_name(path: &Path) -> &str {
    path.file_name()
        .and_then(|it| it.to_str())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use postern_policy::SourceFile;

    use super::*;

    fn sources(text: &str) -> PolicySources {
        PolicySources {
            files: vec![SourceFile {
                path: "policies/public.todos.toml".into(),
                text: text.into(),
            }],
            lock: Some("lock".into()),
        }
    }

    fn history(name: &str) -> History {
        let name = format!("postern-history-{name}-{}", std::process::id());
        History::new(std::env::temp_dir().join(name))
    }

    #[test]
    fn bundles_are_found_by_hash_and_the_last_one_is_live() {
        let history = history("kept");
        history.keep("aabbcc11", &sources("one")).unwrap();
        history.keep("aabbcc22", &sources("two")).unwrap();
        history.keep("aabbcc11", &sources("ignored")).unwrap();

        let one = history.find("aabbcc11").unwrap();
        let read = |dir: &Path| fs::read_to_string(dir.join("public.todos.toml")).unwrap();

        assert_eq!(read(&one), "one");
        assert_eq!(history.find("live"), Ok(one));
        assert_eq!(read(&history.find("aabbcc2").unwrap()), "two");
        fs::remove_dir_all(&history.dir).unwrap();
    }

    #[test]
    fn names_that_stand_for_no_bundle_are_refused() {
        let history = history("refused");
        assert!(matches!(
            history.find("live"),
            Err(HistoryError::NothingServed(_))
        ));
        history.keep("aabbcc11", &sources("one")).unwrap();
        history.keep("aabbcc22", &sources("two")).unwrap();

        let ambiguous = history.find("aabbcc");
        assert_eq!(ambiguous, Err(HistoryError::Ambiguous("aabbcc".into())));
        for name in ["aabb", "ddeeff", "../etc", "", "AABBCC11"] {
            let unknown = HistoryError::Unknown(name.into());
            assert_eq!(history.find(name), Err(unknown));
        }
        assert!(history.keep("../evil", &sources("x")).is_err());
        fs::remove_dir_all(&history.dir).unwrap();
    }

    #[test]
    fn the_oldest_bundles_are_forgotten() {
        let history = history("many");
        for number in 0..BUNDLES_MAX + 5 {
            history
                .keep(&format!("{number:08x}"), &sources("x"))
                .unwrap();
        }

        assert_eq!(history.bundles().len(), BUNDLES_MAX);
        fs::remove_dir_all(&history.dir).unwrap();
    }
}
