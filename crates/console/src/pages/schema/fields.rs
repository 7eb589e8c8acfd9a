//! The form of a table, as the page shows it: the fields, and the SQL that they come to.

use askama::Template;

use super::draft::{ColumnDraft, Draft, IndexDraft};
use super::plan::Plan;
use super::types::{Group, Types};
use crate::chrome::Chrome;

#[derive(Template)]
#[template(path = "ddl.html")]
pub(super) struct Page {
    pub(super) chrome: Chrome,
    pub(super) fields: Fields,
    pub(super) panel: Panel,
}

/// The fields.
pub(super) struct Fields {
    /// Where the form goes.
    pub(super) action: String,
    /// The page to go back to without a change.
    pub(super) back: String,
    /// The schemas to choose from; none for a table that is there.
    pub(super) schemas: Vec<String>,
    pub(super) draft: Draft,
    pub(super) columns: Vec<Line>,
    pub(super) indexes: Vec<(usize, IndexDraft)>,
    /// What a column can refer to.
    pub(super) targets: Vec<String>,
}

/// A column's fields.
pub(super) struct Line {
    pub(super) place: usize,
    /// What its fields are told apart by.
    pub(super) label: String,
    pub(super) column: ColumnDraft,
    pub(super) types: Vec<Group>,
}

impl Line {
    /// The fields of each column.
    pub(super) fn all(draft: &Draft, types: &Types) -> Vec<Self> {
        let line = |(place, column): (usize, &ColumnDraft)| Self {
            place,
            label: match column.name.as_str() {
                "" => t!("ddl.label_new").to_owned(),
                name => name.to_owned(),
            },
            types: match column.was.is_empty() {
                true => types.for_new(&column.ty),
                false => types.for_old(&column.ty),
            },
            column: column.clone(),
        };
        draft.columns.iter().enumerate().map(line).collect()
    }
}

impl Fields {
    fn is_new(&self) -> bool {
        !self.schemas.is_empty()
    }
}

/// The SQL, what it does to what is there, and the button that runs it.
#[derive(Template)]
#[template(path = "ddl_sql.html")]
pub(super) struct Panel {
    pub(super) plan: Plan,
    /// Whether migrations are written here; else the SQL is a file to download.
    pub(super) writes: bool,
    /// Where the form goes to be run.
    pub(super) run: String,
    /// The page with these fields filled in, for whoever must give the password first.
    pub(super) here: String,
    pub(super) notice: Option<Notice>,
}

/// What became of an attempt.
pub(super) struct Notice {
    pub(super) is_bad: bool,
    pub(super) title: String,
    pub(super) text: String,
    /// Whether the migration can be kept as a draft.
    pub(super) offers_draft: bool,
}
