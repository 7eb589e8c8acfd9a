//! From a form to SQL, or to what is wrong with the form.

mod old;

use super::draft::{ColumnDraft, Draft, IndexDraft};
use super::targets::Targets;
use super::types::Types;
use crate::ddl::{self, Change, DefaultError, NewColumn, NewIndex, NewTable, Target};

pub(super) use old::alter;

/// What a form comes to.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Plan {
    /// What is wrong; nothing can be run then.
    pub(super) problems: Vec<String>,
    /// The file's text; empty when nothing is asked for.
    pub(super) sql: String,
    /// What the file is called behind its number.
    pub(super) slug: String,
    /// What happens to the rows that are there.
    pub(super) consequences: Vec<String>,
    /// Whether values may be lost for good.
    pub(super) is_destructive: bool,
    /// Whether the snapshot that is served will differ.
    pub(super) is_seen: bool,
}

/// What the words of a form are looked up in.
pub(super) struct Lists<'a> {
    pub(super) types: &'a Types,
    pub(super) targets: &'a Targets,
}

/// Reads fields, and collects what is wrong with them.
struct Reader<'a> {
    lists: &'a Lists<'a>,
    problems: Vec<String>,
}

/// The plan of a new table. `schemas` may have one; `is_taken` says of a name that it is used.
pub(super) fn create(draft: &Draft, lists: &Lists<'_>, schemas: &[String], is_taken: bool) -> Plan {
    let mut reader = Reader::new(lists);
    if !schemas.contains(&draft.schema) {
        reader.problem(t!("ddl.no_schema", draft.schema));
    }
    match draft.table.as_str() {
        "" => reader.problem(t!("ddl.no_table_name").to_owned()),
        table if !ddl::is_name(table) => reader.problem(t!("ddl.bad_name", table)),
        table if is_taken => reader.problem(t!("ddl.table_taken", table)),
        _ => {}
    }
    let wished: Vec<_> = draft
        .columns
        .iter()
        .filter(|it| !it.is_gone && !it.is_blank())
        .collect();
    let columns: Vec<_> = wished.iter().map(|it| reader.column(it)).collect();
    let names: Vec<_> = columns.iter().map(|it| it.name.clone()).collect();
    reader.unique(&names);
    let keys = wished.iter().filter(|it| it.is_key);
    let table = NewTable {
        name: draft.name(),
        key: keys.map(|it| it.name.clone()).collect(),
        indexes: reader.indexes(&draft.indexes, &names),
        comment: draft.comment.clone(),
        columns,
    };
    let statements = ddl::create(&table);
    Plan {
        sql: ddl::file(&t!("ddl.creates", ddl::qualified(&table.name)), &statements),
        slug: ddl::slug(&format!("create {}", draft.table)),
        is_seen: true,
        ..reader.plan()
    }
}

impl<'a> Reader<'a> {
    fn new(lists: &'a Lists<'a>) -> Self {
        Self {
            lists,
            problems: Vec::new(),
        }
    }

    fn problem(&mut self, text: String) {
        self.problems.push(text);
    }

    fn plan(self) -> Plan {
        Plan {
            problems: self.problems,
            ..Plan::default()
        }
    }

    fn name(&mut self, name: &str) {
        match name {
            "" => self.problem(t!("ddl.no_column_name").to_owned()),
            name if !ddl::is_name(name) => self.problem(t!("ddl.bad_name", name)),
            _ => {}
        }
    }

    /// No two columns have one name.
    fn unique(&mut self, names: &[String]) {
        let mut seen: Vec<&String> = Vec::new();
        for name in names.iter().filter(|it| !it.is_empty()) {
            if seen.contains(&name) {
                self.problem(t!("ddl.column_twice", name));
            }
            seen.push(name);
        }
    }

    fn ty(&mut self, column: &ColumnDraft) -> String {
        // SECURITY: a type becomes SQL only when it is one of the database's own list.
        if !self.lists.types.has(&column.ty) {
            self.problem(t!("ddl.no_type", column.name, column.ty));
        }
        column.ty.clone()
    }

    fn default(&mut self, column: &ColumnDraft) -> Option<String> {
        let name = &column.name;
        match ddl::default_sql(&column.default) {
            Ok(sql) => sql,
            Err(error) => {
                self.problem(match error {
                    DefaultError::Empty => t!("ddl.default_empty", name),
                    DefaultError::Open => t!("ddl.default_open", name),
                    DefaultError::Forbidden => t!("ddl.default_forbidden", name),
                });
                None
            }
        }
    }

    fn target(&mut self, column: &ColumnDraft) -> Option<Target> {
        let text = column.references.as_str();
        if text.is_empty() {
            return None;
        }
        let found = self.lists.targets.find(text).cloned();
        if found.is_none() {
            self.problem(t!("ddl.no_target", column.name, text));
        }
        found
    }

    fn column(&mut self, column: &ColumnDraft) -> NewColumn {
        self.name(&column.name);
        NewColumn {
            name: column.name.clone(),
            ty: self.ty(column),
            is_required: column.is_required,
            default: self.default(column),
            references: self.target(column),
            comment: column.comment.clone(),
        }
    }

    /// The new indexes, of columns that are there.
    fn indexes(&mut self, drafts: &[IndexDraft], names: &[String]) -> Vec<NewIndex> {
        let mut indexes = Vec::new();
        for draft in drafts.iter().filter(|it| it.was.is_empty() && !it.is_gone) {
            let columns = draft.columns.split(',').map(|it| it.trim().to_owned());
            let columns: Vec<String> = columns.filter(|it| !it.is_empty()).collect();
            for column in columns.iter().filter(|it| !names.contains(it)) {
                self.problem(t!("ddl.index_column", column));
            }
            if !columns.is_empty() {
                indexes.push(NewIndex {
                    columns,
                    is_unique: draft.is_unique,
                });
            }
        }
        indexes
    }
}

/// Whether what is served will differ after a change: sorting rows is nobody's business but the
/// database's.
fn is_seen(change: &Change) -> bool {
    !matches!(change, Change::AddIndex(_) | Change::DropIndex { .. })
}
