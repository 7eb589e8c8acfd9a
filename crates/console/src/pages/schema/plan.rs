//! From a form to SQL, or to what is wrong with the form.

mod compare;
mod old;
mod reader;
mod told;

use postern_base::RelationName;

use self::reader::Reader;
use super::draft::Draft;
use super::targets::Targets;
use super::types::Types;
use crate::ddl::{self, NewTable};

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
    /// What is there afterwards, under the name that it has then; none when the table goes.
    pub(super) table: Option<RelationName>,
}

/// What the words of a form are looked up in.
pub(super) struct Lists<'a> {
    pub(super) types: &'a Types,
    pub(super) targets: &'a Targets,
}

/// The plan of a new table. `schemas` may have one; `is_taken` says of a name that it is used.
pub(super) fn create(draft: &Draft, lists: &Lists<'_>, schemas: &[String], is_taken: bool) -> Plan {
    let mut reader = Reader::new(draft.name(), lists);
    if !schemas.contains(&draft.schema) {
        reader.problem(t!("ddl.no_schema", draft.schema));
    }
    match draft.table.as_str() {
        table if !table.is_empty() && is_taken => reader.problem(t!("ddl.table_taken", table)),
        table => reader.table_name(table),
    }
    let wished: Vec<_> = draft
        .columns
        .iter()
        .filter(|it| !it.is_gone && !it.is_blank())
        .collect();
    let columns: Vec<_> = wished.iter().map(|it| reader.column(it)).collect();
    let names: Vec<String> = columns.iter().map(|it| it.name.clone()).collect();
    reader.unique(&names);
    let keys = wished.iter().filter(|it| it.is_key);
    let table = NewTable {
        name: draft.name(),
        key: keys.map(|it| it.name.clone()).collect(),
        indexes: reader.indexes(&draft.indexes, &names),
        links: reader.links(&draft.links, &names),
        checks: reader.checks(&draft.checks),
        enums: std::mem::take(&mut reader.enums),
        comment: draft.comment.clone(),
        columns,
    };
    let statements = ddl::create(&table);
    Plan {
        sql: ddl::file(&t!("ddl.creates", ddl::qualified(&table.name)), &statements),
        slug: ddl::slug(&format!("create {}", draft.table)),
        is_seen: true,
        table: Some(table.name),
        ..reader.plan()
    }
}
