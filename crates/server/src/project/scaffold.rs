//! `postern new`: a small project that runs as it is.

use std::fs;
use std::path::Path;

use super::{ProjectError, io_error};

const FILES: &[(&str, &str)] = &[
    ("postern.toml", include_str!("template/postern.toml")),
    (
        "migrations/0001_notes.sql",
        include_str!("template/0001_notes.sql"),
    ),
    (
        "policies/_shared.toml",
        include_str!("template/_shared.toml"),
    ),
    (
        "policies/public.notes.toml",
        include_str!("template/public.notes.toml"),
    ),
    ("users.toml", include_str!("template/users.toml")),
    ("seed.sql", include_str!("template/seed.sql")),
    ("README.md", include_str!("template/README.md")),
    (".gitignore", ".postern/\n"),
];

/// Makes a project in a new or empty folder.
///
/// # Errors
/// Returns an error when the folder has something in it, or cannot be written.
pub fn create(folder: &Path) -> Result<(), ProjectError> {
    if fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(ProjectError::NotEmpty(folder.into()));
    }
    let name = folder
        .file_name()
        .map_or("app".into(), |name| name.to_string_lossy());
    for (file, text) in FILES {
        let path = folder.join(file);
        let parent = path.parent().unwrap_or(folder);
        fs::create_dir_all(parent).map_err(|source| io_error(parent, source))?;
        fs::write(&path, text.replace("{{name}}", &name))
            .map_err(|source| io_error(&path, source))?;
    }
    Ok(())
}
