//! `postern policy diff`: two sets of policy files against the same schema: folders, or bundles
//! that were served.

use std::fmt::{self, Write as _};
use std::path::{Path, PathBuf};

use postern_db::{Trial, TrialConfig};
use postern_policy::{Bundle, Difference, Persona, Stand, diff};
use postern_trial::{RowCount, counts};
use serde_json::{Map, Value, json};

use super::history::{History, HistoryError};
use super::workbench::{Workbench, WorkbenchError};
use crate::gateway::database_settings;
use crate::reload::{PolicySources, check};

/// What is compared.
#[derive(Clone, Debug)]
pub struct CompareOptions {
    /// The old files: a folder, `live`, or a bundle's hash.
    pub old: String,
    /// The new ones.
    pub new: String,
    /// Whose rows are counted, as `role` or `role:sub`; nobody's when empty.
    pub callers: Vec<String>,
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// The hashes of the two bundles.
    pub hashes: (String, String),
    /// Everything that differs.
    pub differences: Vec<Difference>,
    /// Where callers see another number of rows.
    pub counts: Vec<RowCount>,
}

impl Workbench {
    /// Compares two folders of policy files, checked against the workbench's database.
    ///
    /// # Errors
    /// Returns the findings of the files that are wrong, or that the database cannot be asked.
    pub async fn compare(&self, options: &CompareOptions) -> Result<Comparison, WorkbenchError> {
        let catalog = self.loader.catalog().await?;
        let mut bundles = Vec::new();
        for name in [&options.old, &options.new] {
            let folder = self.folder_of(name)?;
            let sources = PolicySources::read(&folder).map_err(WorkbenchError::Policies)?;
            let checked = check(self.loader.db(), &catalog, &sources).await;
            bundles.push(checked?.bundle);
        }
        let [old, new]: [Bundle; 2] = bundles
            .try_into()
            .expect("INVARIANT: two folders make two bundles");
        let mut counted = Vec::new();
        if !options.callers.is_empty() {
            let callers: Vec<_> = options.callers.iter().map(|it| persona(it)).collect();
            let trial = Trial::begin(TrialConfig {
                owner_url: None,
                gateway: database_settings(&self.config)?,
            });
            let trial = trial.await?;
            counted = counts(&trial, &catalog, (&old, &new), &callers).await?;
            trial.end().await?;
        }
        Ok(Comparison {
            differences: diff(&old, &new),
            hashes: (old.hash, new.hash),
            counts: counted,
        })
    }

    /// The folder that a name stands for. It must be there, because two missing folders would be
    /// equal; one that is called `live` is written `./live`.
    fn folder_of(&self, name: &str) -> Result<PathBuf, WorkbenchError> {
        let folder = Path::new(name);
        if name != "live" && folder.is_dir() {
            return Ok(folder.into());
        }
        let history = self.config.policies.history.clone();
        let history = history.map(History::new);
        let found = match (&history, is_path(name)) {
            (_, true) => Err(HistoryError::Unknown(name.to_owned())),
            (None, false) => Err(HistoryError::Off),
            (Some(history), false) => history.find(name),
        };
        found.map_err(|error| WorkbenchError::Template(error.to_string()))
    }
}

/// Whether a name can only be meant as a folder's.
fn is_path(name: &str) -> bool {
    name.contains(['/', '\\', '.'])
}

/// `role` or `role:sub`.
fn persona(text: &str) -> Persona {
    let (role, sub) = match text.split_once(':') {
        Some((role, sub)) => (role, Some(sub.to_owned())),
        None => (text, None),
    };
    Persona {
        name: text.to_owned(),
        role: role.to_owned(),
        sub,
        claims: Map::new(),
    }
}

impl Comparison {
    /// How many differences stand so.
    pub fn counted(&self, stand: Stand) -> usize {
        self.differences
            .iter()
            .filter(|it| it.stand == stand)
            .count()
    }

    /// The comparison as JSON.
    pub fn to_json(&self) -> Value {
        let difference = |it: &Difference| {
            json!({
                "subject": it.subject.to_string(), "part": it.part, "stand": it.stand.as_str(),
                "before": it.before, "after": it.after,
            })
        };
        json!({
            "before": self.hashes.0,
            "after": self.hashes.1,
            "differences": self.differences.iter().map(difference).collect::<Vec<_>>(),
            "rows": self.counts,
        })
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        // Writing to a string cannot fail.
        for it in &self.differences {
            let _ = writeln!(
                text,
                "{:<9}  {}  {}",
                it.stand.as_str(),
                it.subject,
                it.part
            );
            let _ = writeln!(
                text,
                "           - {}\n           + {}",
                it.before, it.after
            );
        }
        for it in &self.counts {
            let (caller, table, before, after) = (&it.caller, &it.table, it.before, it.after);
            let _ = writeln!(text, "rows       {table}  {caller}  {before} -> {after}");
        }
        if self.differences.is_empty() {
            text.push_str("equal: nobody may do anything that they could not do before\n");
        }
        let _ = write!(
            text,
            "{} widened, {} narrowed, {} undecided",
            self.counted(Stand::Widened),
            self.counted(Stand::Narrowed),
            self.counted(Stand::Undecided)
        );
        formatter.write_str(&text)
    }
}
