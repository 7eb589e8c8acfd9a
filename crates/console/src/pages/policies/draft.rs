//! A policy file as somebody writes it: the text of the form, beside what lies in the folder.

use std::sync::Arc;

use postern_auth::admins::AdminRole;
use postern_base::RelationName;
use postern_policy::{Bundle, Diagnostic, Severity, SourceFile, governed};
use postern_rest::Snapshot;

use super::files::file_name;
use crate::backstage::{PolicyDraft, PolicyEdit, PolicyFault, PolicyFolder};
use crate::failure::Failure;
use crate::form::text_of;
use crate::visit::Visit;

/// Longest name of a file, in bytes.
const NAME_BYTES_MAX: usize = 200;
/// What every policy file ends with.
const ENDING: &str = ".toml";

/// A file in the making.
pub(crate) struct Draft {
    pub(crate) file: String,
    pub(crate) text: String,
    /// The text in the folder; none where there is no such file yet.
    pub(crate) stored: Option<String>,
    pub(crate) folder: PolicyFolder,
    /// The table that the file speaks of, or that its name says.
    pub(crate) relation: Option<RelationName>,
}

impl Draft {
    /// The file of the address with the text of the form, or as it lies.
    ///
    /// # Errors
    /// When there can be no such file, or the folder cannot be read.
    pub(crate) async fn read(visit: &Visit) -> Result<Self, Failure> {
        let file = text_of(visit.segment("file"));
        if !is_file_name(&file) {
            return Err(Failure::Missing);
        }
        let folder = visit.console.backstage.policy_files().await;
        let folder = folder.map_err(Failure::Unavailable)?;
        let stored = folder.files.iter().find(|it| file_name(&it.path) == file);
        let stored = stored.map(|it| it.text.clone());
        let sent = visit.form.has("text").then(|| {
            // Forms send lines with CR LF; files keep what they had, which is LF.
            visit.form.text("text").replace("\r\n", "\n")
        });
        let text = sent.or_else(|| stored.clone()).unwrap_or_default();
        let source = SourceFile {
            path: folder.path_of(&file),
            text,
        };
        let named = file.strip_suffix(".toml").and_then(|it| it.split_once('.'));
        let relation = governed(&source);
        let relation =
            relation.or_else(|| named.map(|(schema, name)| RelationName::new(schema, name)));
        Ok(Self {
            text: source.text,
            stored,
            relation,
            folder,
            file,
        })
    }

    /// The file as it is written in findings.
    pub(crate) fn path(&self) -> String {
        self.folder.path_of(&self.file)
    }

    /// Whether it says something else than the folder.
    pub(crate) fn is_changed(&self) -> bool {
        self.stored.as_deref() != Some(self.text.as_str())
    }

    /// What would be written.
    pub(crate) fn edit(&self) -> PolicyEdit {
        PolicyEdit {
            file: self.file.clone(),
            text: Some(self.text.clone()),
        }
    }

    /// Checks all files with this one in the place of the stored one.
    pub(crate) async fn check(&self, visit: &Visit) -> Outcome {
        let edit = self.edit();
        match visit.console.backstage.check_policies(&edit).await {
            Ok(draft) => Outcome::Fine(draft),
            Err(PolicyFault::Wrong(found)) => Outcome::Wrong(found),
            Err(PolicyFault::Unavailable(message)) => Outcome::Unavailable(message),
        }
    }
}

/// What came of a check.
pub(crate) enum Outcome {
    /// It can be published.
    Fine(PolicyDraft),
    /// It has errors.
    Wrong(Vec<Diagnostic>),
    /// Nobody could look.
    Unavailable(String),
}

impl Outcome {
    /// The policies with the draft; none when it has errors.
    pub(crate) fn bundle(&self) -> Option<&Arc<Bundle>> {
        match self {
            Self::Fine(draft) => Some(&draft.bundle),
            Self::Wrong(_) | Self::Unavailable(_) => None,
        }
    }

    /// What the author should look at.
    pub(crate) fn diagnostics(&self) -> &[Diagnostic] {
        match self {
            Self::Fine(draft) => &draft.warnings,
            Self::Wrong(found) => found,
            Self::Unavailable(_) => &[],
        }
    }

    /// How many errors there are.
    pub(crate) fn errors(&self) -> usize {
        let all = self.diagnostics().iter();
        all.filter(|it| it.severity == Severity::Error).count()
    }
}

/// The snapshot with other policies in force.
pub(crate) fn with_bundle(live: &Snapshot, bundle: &Arc<Bundle>) -> Snapshot {
    Snapshot {
        bundle: Arc::clone(bundle),
        ..live.clone()
    }
}

/// Whether whoever looks may change policies.
pub(crate) fn may_edit(visit: &Visit) -> bool {
    let session = visit.session.as_ref();
    session.is_some_and(|it| it.admin.role >= AdminRole::Editor)
}

/// Whether a name can be that of a policy file.
///
/// SECURITY: it becomes a part of a path, so it names a file directly in the folder: no separator,
/// no hidden file, nothing that a system reads as something else.
pub(crate) fn is_file_name(name: &str) -> bool {
    let is_plain = |it: char| !it.is_control() && !"/\\:*?\"<>|".contains(it);
    name.len() <= NAME_BYTES_MAX
        && name.len() > ENDING.len()
        && name.ends_with(ENDING)
        && !name.ends_with(".test.toml")
        && !name.starts_with('.')
        && name.chars().all(is_plain)
}

#[cfg(test)]
mod tests {
    use super::is_file_name;

    #[test]
    fn names_stay_in_the_folder() {
        for fine in [
            "public.notes.toml",
            "_shared.toml",
            "app.my table.toml",
            "ü.toml",
        ] {
            assert!(is_file_name(fine), "{fine}");
        }
        for wrong in [
            "",
            ".toml",
            "..toml",
            "../x.toml",
            "a/b.toml",
            "a\\b.toml",
            "notes.txt",
            "a\0.toml",
            "a\n.toml",
            "policy.lock",
            "notes.test.toml",
            "c:x.toml",
            ".a.toml",
        ] {
            assert!(!is_file_name(wrong), "{wrong:?}");
        }
        assert!(!is_file_name(&format!("{}.toml", "a".repeat(200))));
    }
}
