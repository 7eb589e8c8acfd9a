//! The form of a table, as the page shows it: the fields, and the SQL that they come to.

use askama::Template;

use super::draft::{Bond, ColumnDraft, Draft};
use super::plan::{Lists, Plan};
use super::types::{CHOICE, Group, Sized, Types};
use crate::chrome::Chrome;
use crate::ddl::Action;
use crate::form::address;
use crate::place::Place;
use crate::visit::Visit;

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
    /// What a column can refer to.
    pub(super) targets: Vec<String>,
    /// What several columns can refer to.
    pub(super) wide_targets: Vec<String>,
}

/// A column's fields.
pub(super) struct Line {
    pub(super) place: usize,
    /// What its fields are told apart by.
    pub(super) label: String,
    pub(super) column: ColumnDraft,
    pub(super) types: Vec<Group>,
    /// What stands beside the type: its size, or the texts of a choice.
    pub(super) size: String,
    pub(super) is_list: bool,
}

impl Line {
    /// The fields of each column.
    pub(super) fn all(draft: &Draft, types: &Types) -> Vec<Self> {
        let line = |(place, column): (usize, &ColumnDraft)| {
            let ty = Sized::read(&column.ty);
            Self {
                place,
                label: match column.name.as_str() {
                    "" => t!("ddl.label_new").to_owned(),
                    name => name.to_owned(),
                },
                types: match column.was.is_empty() {
                    true => types.for_new(&ty.base),
                    false => types.for_old(&ty.base),
                },
                size: match ty.base.as_str() {
                    CHOICE => column.choices.clone(),
                    _ => ty.size,
                },
                is_list: ty.is_list,
                column: column.clone(),
            }
        };
        draft.columns.iter().enumerate().map(line).collect()
    }
}

impl Fields {
    /// The fields of a draft, and where they are sent.
    pub(super) fn of(draft: Draft, action: &Place, back: &Place, lists: &Lists<'_>) -> Self {
        Self {
            action: action.to_string(),
            back: back.to_string(),
            schemas: Vec::new(),
            columns: Line::all(&draft, lists.types),
            targets: lists.targets.texts(),
            wide_targets: lists.targets.wide_texts(),
            draft,
        }
    }

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

impl Panel {
    /// The SQL of a form that goes to `action`, and to `run` to be run; `difference` are the
    /// fields that whoever comes back must find filled in.
    pub(super) fn of(
        visit: &Visit,
        (action, run): (&Place, &Place),
        difference: &[(String, String)],
        (plan, notice): (Plan, Option<Notice>),
    ) -> Self {
        let fields = difference.iter();
        let fields: Vec<_> = fields.map(|it| (it.0.as_str(), it.1.as_str())).collect();
        Self {
            run: run.to_string(),
            writes: visit.console.backstage.writes_migrations(),
            here: address(&action.to_string(), &fields),
            plan,
            notice,
        }
    }
}

/// What became of an attempt.
pub(super) struct Notice {
    pub(super) is_bad: bool,
    pub(super) title: String,
    pub(super) text: String,
    /// Whether the migration can be kept as a draft.
    pub(super) offers_draft: bool,
}
