//! The fields of a table's form as parts of statements, and what is wrong with them.

use postern_base::RelationName;

use super::{Lists, Plan};
use crate::ddl::{self, DefaultError, Link, NewColumn, NewEnum, NewIndex, Reference, Target};
use crate::pages::schema::draft::{CheckDraft, ColumnDraft, IndexDraft, LinkDraft};
use crate::pages::schema::types::{CHOICE, Sized, is_made};

/// Reads fields, and collects what is wrong with them.
pub(super) struct Reader<'a> {
    /// The table as it is called afterwards.
    table: RelationName,
    lists: &'a Lists<'a>,
    problems: Vec<String>,
    /// The types that columns get for themselves.
    pub(super) enums: Vec<NewEnum>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(table: RelationName, lists: &'a Lists<'a>) -> Self {
        Self {
            table,
            lists,
            problems: Vec::new(),
            enums: Vec::new(),
        }
    }

    pub(super) fn problem(&mut self, text: String) {
        self.problems.push(text);
    }

    pub(super) fn plan(self) -> Plan {
        Plan {
            problems: self.problems,
            ..Plan::default()
        }
    }

    pub(super) fn name(&mut self, name: &str) {
        match name {
            "" => self.problem(t!("ddl.no_column_name").to_owned()),
            name if !ddl::is_name(name) => self.problem(t!("ddl.bad_name", name)),
            _ => {}
        }
    }

    /// No two columns have one name.
    pub(super) fn unique(&mut self, names: &[String]) {
        let mut seen: Vec<&String> = Vec::new();
        for name in names.iter().filter(|it| !it.is_empty()) {
            if seen.contains(&name) {
                self.problem(t!("ddl.column_twice", name));
            }
            seen.push(name);
        }
    }

    pub(super) fn ty(&mut self, column: &ColumnDraft) -> String {
        let ty = Sized::read(&column.ty);
        if ty.base == CHOICE {
            return self.choice(column, ty);
        }
        // SECURITY: a type becomes SQL only when it is one of the database's own list, with a
        // size of plain numbers.
        if !self.lists.types.has(&column.ty) {
            self.problem(t!("ddl.no_type", column.name, column.ty));
        }
        column.ty.clone()
    }

    /// A type of a column's own: it is named after both, and made first.
    fn choice(&mut self, column: &ColumnDraft, ty: Sized) -> String {
        let texts = column.choices.split(',').map(|it| it.trim().to_owned());
        let labels: Vec<String> = texts.filter(|it| !it.is_empty()).collect();
        if labels.is_empty() {
            self.problem(t!("ddl.no_choices", column.name));
        }
        for (place, label) in labels.iter().enumerate() {
            if !ddl::is_name(label) || labels[..place].contains(label) {
                self.problem(t!("ddl.bad_choice", label, column.name));
            }
        }
        let mut name = format!("{}_{}", self.table.name, column.name);
        while name.len() > ddl::NAME_BYTES_MAX {
            name.pop();
        }
        let name = RelationName::new(&self.table.schema, name.trim_end());
        let base = ddl::qualified(&name);
        if self.lists.types.has(&base) || self.enums.iter().any(|it| it.name == name) {
            self.problem(t!("ddl.type_taken", base));
        }
        self.enums.push(NewEnum { name, labels });
        Sized { base, ..ty }.spelt()
    }

    pub(super) fn default(&mut self, column: &ColumnDraft) -> Option<String> {
        if is_made(&column.ty) && !column.default.is_empty() {
            self.problem(t!("ddl.default_made", column.name));
        }
        match ddl::default_sql(&column.default) {
            Ok(sql) => sql,
            Err(error) => {
                self.not_closed(&t!("ddl.the_default", column.name), error);
                None
            }
        }
    }

    /// Says why an expression cannot stand in its brackets.
    fn not_closed(&mut self, what: &str, error: DefaultError) {
        self.problem(match error {
            DefaultError::Empty => t!("ddl.default_empty", what),
            DefaultError::Open => t!("ddl.default_open", what),
            DefaultError::Forbidden => t!("ddl.default_forbidden", what),
        });
    }

    pub(super) fn reference(&mut self, column: &ColumnDraft) -> Option<Reference> {
        let text = column.references.as_str();
        if text.is_empty() {
            return None;
        }
        let found = self.lists.targets.find(text).cloned();
        let target = found.filter(|it| it.columns.len() == 1);
        if target.is_none() {
            self.problem(t!("ddl.no_target", column.name, text));
        }
        Some(Reference {
            target: target?,
            on_delete: column.on_delete,
            on_update: column.on_update,
        })
    }

    pub(super) fn column(&mut self, column: &ColumnDraft) -> NewColumn {
        self.name(&column.name);
        NewColumn {
            name: column.name.clone(),
            ty: self.ty(column),
            is_required: column.is_required,
            default: self.default(column),
            references: self.reference(column),
            comment: column.comment.clone(),
        }
    }

    /// Columns with commas between, all of which are there.
    fn listed(&mut self, text: &str, names: &[String]) -> Vec<String> {
        let columns = text.split(',').map(|it| it.trim().to_owned());
        let columns: Vec<String> = columns.filter(|it| !it.is_empty()).collect();
        for column in columns.iter().filter(|it| !names.contains(it)) {
            self.problem(t!("ddl.index_column", column));
        }
        columns
    }

    /// The new indexes, of columns that are there.
    pub(super) fn indexes(&mut self, drafts: &[IndexDraft], names: &[String]) -> Vec<NewIndex> {
        let mut indexes = Vec::new();
        for draft in drafts.iter().filter(|it| it.was.is_empty() && !it.is_gone) {
            let columns = self.listed(&draft.columns, names);
            if !columns.is_empty() {
                indexes.push(NewIndex {
                    columns,
                    is_unique: draft.is_unique,
                });
            }
        }
        indexes
    }

    /// The new foreign keys over several columns.
    pub(super) fn links(&mut self, drafts: &[LinkDraft], names: &[String]) -> Vec<Link> {
        let new = drafts.iter().filter(|it| it.was.is_empty() && !it.is_gone);
        let given = new.filter(|it| !it.columns.is_empty() || !it.target.is_empty());
        given.filter_map(|it| self.link(it, names)).collect()
    }

    /// What a text of the form leads to.
    pub(super) fn target(&mut self, text: &str) -> Option<Target> {
        self.lists.targets.find(text).cloned()
    }

    fn link(&mut self, draft: &LinkDraft, names: &[String]) -> Option<Link> {
        let columns = self.listed(&draft.columns, names);
        let target = self.lists.targets.find(&draft.target).cloned();
        match &target {
            None => self.problem(t!("ddl.no_target", draft.columns, draft.target)),
            Some(target) if target.columns.len() != columns.len() => {
                self.problem(t!("ddl.link_count", draft.columns, draft.target));
            }
            Some(_) => {}
        }
        let reference = Reference {
            target: target?,
            on_delete: draft.on_delete,
            on_update: draft.on_update,
        };
        Some(Link { columns, reference })
    }

    /// The new checks.
    pub(super) fn checks(&mut self, drafts: &[CheckDraft]) -> Vec<String> {
        let mut checks = Vec::new();
        let new = drafts.iter().filter(|it| it.was.is_empty() && !it.is_gone);
        for draft in new.filter(|it| !it.text.is_empty()) {
            // SECURITY: what was typed stays within its brackets.
            match ddl::closed(&draft.text) {
                Ok(condition) => checks.push(condition.to_owned()),
                Err(error) => self.not_closed(t!("ddl.the_check"), error),
            }
        }
        checks
    }

    /// A table's name can be one.
    pub(super) fn table_name(&mut self, name: &str) {
        match name {
            "" => self.problem(t!("ddl.no_table_name").to_owned()),
            name if !ddl::is_name(name) => self.problem(t!("ddl.bad_name", name)),
            _ => {}
        }
    }
}
