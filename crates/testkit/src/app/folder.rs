//! The project folder of a test server.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context, Result};

/// A temporary folder with `policies/` in it; removed when dropped.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
}

impl Folder {
    pub(super) fn new() -> Result<Self> {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("postern-app-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(path.join("policies"))
            .with_context(|| format!("cannot make {}", path.display()))?;
        Ok(Self { path })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Writes under another name first: a reload must never read half a file.
    pub(super) fn write_policy(&self, name: &str, text: &str) -> Result<()> {
        self.write_file(&format!("policies/{name}"), text)
    }

    /// The same for any file.
    pub(super) fn write_file(&self, name: &str, text: &str) -> Result<()> {
        let path = self.path.join(name);
        let unfinished = path.with_extension("unfinished");
        fs::write(&unfinished, text)?;
        fs::rename(&unfinished, &path)?;
        Ok(())
    }

    pub(super) fn remove_policy(&self, name: &str) -> Result<()> {
        Ok(fs::remove_file(self.path.join("policies").join(name))?)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // A folder left behind in the temporary one harms nobody.
        fs::remove_dir_all(&self.path).ok();
    }
}
