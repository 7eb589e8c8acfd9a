//! Files that are written aside and then put in their place at once, so that the reload never sees
//! half of one.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use postern_console::{PublishFault, StagedPolicy};

/// Writes a file aside, or makes ready to take one away; `seen` is what its author saw in the
/// folder.
pub(super) fn stage(
    dir: &Path,
    file: &str,
    text: Option<&str>,
    seen: Option<&str>,
) -> Result<StagedPolicy, PublishFault> {
    let place = dir.join(file);
    let found = match fs::read_to_string(&place) {
        Ok(text) => Some(text),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => return Err(fault(&error)),
    };
    if found.as_deref() != seen {
        return Err(PublishFault::Moved);
    }
    let Some(text) = text else {
        return Ok(StagedPolicy::new(move || told(fs::remove_file(&place))));
    };
    let aside = Aside::write(dir, file, text).map_err(|error| fault(&error))?;
    if let Ok(metadata) = fs::metadata(&place) {
        // Whoever else reads the folder keeps the right to.
        let _ = fs::set_permissions(&aside.0, metadata.permissions());
    }
    Ok(StagedPolicy::new(move || {
        told(fs::rename(&aside.0, &place))
    }))
}

/// A file beside its place; hidden, so that no reload reads it.
struct Aside(PathBuf);

impl Aside {
    fn write(dir: &Path, file: &str, text: &str) -> io::Result<Self> {
        fs::create_dir_all(dir)?;
        let aside = Self(dir.join(format!(".{file}.{}", std::process::id())));
        let mut open = File::create(&aside.0)?;
        open.write_all(text.as_bytes())?;
        open.sync_all()?;
        Ok(aside)
    }
}

impl Drop for Aside {
    fn drop(&mut self) {
        // After the commit it is gone; before, it must not stay.
        let _ = fs::remove_file(&self.0);
    }
}

fn fault(error: &io::Error) -> PublishFault {
    match error.kind() {
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
            PublishFault::ReadOnly(error.to_string())
        }
        _ => PublishFault::Failed(error.to_string()),
    }
}

fn told(done: io::Result<()>) -> Result<(), String> {
    done.map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(name: &str) -> PathBuf {
        let name = format!("postern-staged-{name}-{}", std::process::id());
        std::env::temp_dir().join(name)
    }

    fn names(dir: &Path) -> Vec<String> {
        let entries = fs::read_dir(dir).into_iter().flatten().flatten();
        let mut names: Vec<_> = entries
            .map(|it| it.file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_is_in_its_place_after_the_commit_and_not_before() {
        let dir = folder("commit");
        let staged = stage(&dir, "a.toml", Some("one"), None).unwrap();
        assert!(!dir.join("a.toml").exists());

        staged.commit().unwrap();

        assert_eq!(fs::read_to_string(dir.join("a.toml")).unwrap(), "one");
        drop(stage(&dir, "a.toml", Some("two"), Some("one")).unwrap());
        assert_eq!(names(&dir), ["a.toml"]);
        assert_eq!(fs::read_to_string(dir.join("a.toml")).unwrap(), "one");
        let gone = stage(&dir, "a.toml", None, Some("one")).unwrap();
        gone.commit().unwrap();
        assert!(names(&dir).is_empty());
        fs::remove_dir_all(dir).unwrap();
    }

    #[test]
    fn what_somebody_else_wrote_is_not_written_over() {
        let dir = folder("moved");
        stage(&dir, "a.toml", Some("one"), None)
            .unwrap()
            .commit()
            .unwrap();

        for seen in [None, Some("two")] {
            let moved = stage(&dir, "a.toml", Some("x"), seen).map(drop);
            assert_eq!(moved, Err(PublishFault::Moved));
        }
        fs::remove_dir_all(dir).unwrap();
    }
}
