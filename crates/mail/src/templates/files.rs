//! The project's template files, read and named, not compiled yet.

use std::collections::BTreeMap;
use std::fs::{self, DirEntry};
use std::path::Path;

use super::TemplateError;
use super::locale;
use crate::MailKind;

/// Longest template file in bytes.
const FILE_BYTES_MAX: u64 = 128 * 1024;
/// The files of one mail, after the name of its kind.
pub(super) const SUFFIXES: [&str; 3] = [".subject.txt", ".txt", ".html"];
/// The folder of parts that serve every locale.
pub(super) const EVERY_LOCALE: &str = "";

/// Template sources by locale and file name.
#[derive(Default)]
pub(super) struct Files {
    sources: BTreeMap<(String, String), Source>,
}

/// One source.
#[derive(Clone)]
pub(super) struct Source {
    /// How messages call the file.
    pub(super) shown: String,
    pub(super) text: String,
}

impl Files {
    pub(super) fn add(&mut self, locale: &str, file: &str, source: Source) {
        self.sources
            .insert((locale.to_owned(), file.to_owned()), source);
    }

    pub(super) fn get(&self, locale: &str, file: &str) -> Option<&Source> {
        self.sources.get(&(locale.to_owned(), file.to_owned()))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.sources.is_empty()
    }

    /// Locales and file names, sorted.
    pub(super) fn names(&self) -> impl Iterator<Item = (&str, &str)> {
        self.sources
            .keys()
            .map(|(locale, file)| (locale.as_str(), file.as_str()))
    }
}

/// Reads `_parts` and the folder of each locale; a folder that is not there holds nothing.
pub(super) fn read(folder: &Path) -> Result<Files, TemplateError> {
    let mut files = Files::default();
    for entry in entries(folder)? {
        let name = entry.file_name().to_string_lossy().into_owned();
        if !entry.path().is_dir() {
            read_file(&entry, EVERY_LOCALE, &mut files)?;
            continue;
        }
        let Some(locale) = locale::normalise(&name) else {
            let file = entry.path().display().to_string();
            return Err(TemplateError::Locale { file });
        };
        for entry in entries(&entry.path())? {
            read_file(&entry, &locale, &mut files)?;
        }
    }
    Ok(files)
}

/// What stands in a folder, sorted, without hidden files and notes.
fn entries(folder: &Path) -> Result<Vec<DirEntry>, TemplateError> {
    let failed = |source| TemplateError::Read {
        file: folder.display().to_string(),
        source,
    };
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let mut entries = fs::read_dir(folder)
        .map_err(failed)?
        .collect::<Result<Vec<_>, _>>()
        .map_err(failed)?;
    entries.retain(|it| {
        let name = it.file_name();
        let name = name.to_string_lossy();
        !name.starts_with('.') && !name.ends_with(".md") && !name.ends_with('~')
    });
    entries.sort_by_key(DirEntry::file_name);
    Ok(entries)
}

fn read_file(entry: &DirEntry, locale: &str, files: &mut Files) -> Result<(), TemplateError> {
    let path = entry.path();
    let shown = path.display().to_string();
    let name = entry.file_name().to_string_lossy().into_owned();
    check_name(&name, locale, &shown)?;
    let failed = |source| TemplateError::Read {
        file: shown.clone(),
        source,
    };
    if fs::metadata(&path).map_err(failed)?.len() > FILE_BYTES_MAX {
        return Err(TemplateError::TooLarge {
            file: shown,
            bytes_max: FILE_BYTES_MAX,
        });
    }
    let text = fs::read_to_string(&path).map_err(failed)?;
    files.add(locale, &name, Source { shown, text });
    Ok(())
}

/// A misspelt name would never be used, so it is an error and not a file that is left alone.
fn check_name(name: &str, locale: &str, shown: &str) -> Result<(), TemplateError> {
    let is_part = name.starts_with('_') && (name.ends_with(".html") || name.ends_with(".txt"));
    let is_template = || template_names().any(|it| it == name);
    if is_part || locale != EVERY_LOCALE && is_template() {
        return Ok(());
    }
    let nearest = template_names()
        .map(|it| (strsim::damerau_levenshtein(&it, name), it))
        .min()
        .filter(|(distance, _)| *distance <= 4);
    let help = match nearest {
        Some((0, _)) => format!("put it into the folder of a locale, such as `en/{name}`"),
        Some((_, nearest)) => format!("did you mean `{nearest}`?"),
        None => "parts of your own start with `_` and end with `.html` or `.txt`".into(),
    };
    Err(TemplateError::Unknown {
        file: shown.to_owned(),
        help,
    })
}

fn template_names() -> impl Iterator<Item = String> {
    MailKind::ALL
        .iter()
        .flat_map(|kind| SUFFIXES.iter().map(move |suffix| format!("{kind}{suffix}")))
}
