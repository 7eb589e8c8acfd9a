//! The policy files as they lie on disk.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use postern_base::limits::POLICY_FILE_BYTES_MAX;
use postern_policy::{Diagnostic, Severity, SourceFile};

/// The lock file's name in the folder of the policy files.
pub const LOCK_FILE: &str = "policy.lock";

/// The policy files and their lock, read at one moment.
#[derive(Clone, Debug, Default)]
pub struct PolicySources {
    /// The files, by name; paths as the user would write them.
    pub files: Vec<SourceFile>,
    /// The lock file's text.
    pub lock: Option<String>,
}

impl PolicySources {
    /// Reads all `*.toml` of the folder; a missing folder has none.
    ///
    /// # Errors
    /// Returns a diagnostic for each file that cannot be read.
    pub fn read(dir: &Path) -> Result<Self, Vec<Diagnostic>> {
        let shown = |path: &Path| {
            let folder = dir.file_name().unwrap_or_default().to_string_lossy();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            format!("{folder}/{name}")
        };
        let paths = policy_files(dir).map_err(|error| vec![unreadable(shown(dir), &error)])?;
        let mut sources = Self::default();
        let mut diagnostics = Vec::new();
        for path in paths {
            match read_bounded(&path) {
                Ok(text) => sources.files.push(SourceFile {
                    path: shown(&path),
                    text,
                }),
                Err(error) => diagnostics.push(unreadable(shown(&path), &error)),
            }
        }
        match fs::read_to_string(dir.join(LOCK_FILE)) {
            Ok(text) => sources.lock = Some(text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => diagnostics.push(unreadable(shown(Path::new(LOCK_FILE)), &error)),
        }
        if diagnostics.is_empty() {
            Ok(sources)
        } else {
            Err(diagnostics)
        }
    }

    /// The same sources without some of the files.
    #[must_use]
    pub fn without(&self, paths: &[String]) -> Self {
        Self {
            files: self
                .files
                .iter()
                .filter(|file| !paths.contains(&file.path))
                .cloned()
                .collect(),
            lock: self.lock.clone(),
        }
    }
}

/// The policy files of a folder, sorted; hidden files are editors' drafts.
fn policy_files(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut paths = Vec::new();
    for entry in entries {
        let path = entry?.path();
        let hidden = path
            .file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if !hidden && path.extension().is_some_and(|it| it == "toml") {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

fn read_bounded(path: &Path) -> io::Result<String> {
    let bytes = fs::metadata(path)?.len();
    if bytes > POLICY_FILE_BYTES_MAX as u64 {
        return Err(io::Error::other(format!(
            "it has {bytes} bytes, and a policy file may have {POLICY_FILE_BYTES_MAX}"
        )));
    }
    fs::read_to_string(path)
}

/// The finding that a file cannot be read.
pub(crate) fn unreadable(file: String, error: &io::Error) -> Diagnostic {
    Diagnostic {
        severity: Severity::Error,
        code: "unreadable-file",
        file,
        line: 1,
        column: 1,
        text: String::new(),
        message: format!("the file cannot be read: {error}"),
        help: "make it a text file that the server may read, or remove it".into(),
        fix: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_folder_has_no_policies() {
        let sources = PolicySources::read(Path::new("/nonexistent/policies")).unwrap();

        assert!(sources.files.is_empty());
        assert_eq!(sources.lock, None);
    }

    #[test]
    fn files_come_sorted_with_short_paths_and_drafts_left_out() {
        let dir = std::env::temp_dir().join(format!("postern-sources-{}", std::process::id()));
        let policies = dir.join("policies");
        fs::create_dir_all(&policies).unwrap();
        for name in ["b.toml", "a.toml", ".a.toml", "a.toml~", "notes.md"] {
            fs::write(policies.join(name), name).unwrap();
        }
        fs::write(policies.join(LOCK_FILE), "lock").unwrap();

        let sources = PolicySources::read(&policies).unwrap();

        let paths: Vec<_> = sources.files.iter().map(|it| it.path.as_str()).collect();
        assert_eq!(paths, ["policies/a.toml", "policies/b.toml"]);
        assert_eq!(sources.lock.as_deref(), Some("lock"));
        let fewer = sources.without(&["policies/a.toml".into()]);
        assert_eq!(fewer.files.len(), 1);
        fs::remove_dir_all(dir).unwrap();
    }
}
