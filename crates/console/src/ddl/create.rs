//! A new table.

use postern_base::RelationName;

use super::{NewIndex, Target, column_of, comment, qualified, quoted};

/// A table to make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NewTable {
    pub(crate) name: RelationName,
    pub(crate) columns: Vec<NewColumn>,
    /// The primary key's columns.
    pub(crate) key: Vec<String>,
    pub(crate) indexes: Vec<NewIndex>,
    pub(crate) comment: String,
}

/// A column to make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NewColumn {
    pub(crate) name: String,
    /// The type, ready for SQL.
    pub(crate) ty: String,
    pub(crate) is_required: bool,
    /// The default, ready for SQL.
    pub(crate) default: Option<String>,
    pub(crate) references: Option<Target>,
    pub(crate) comment: String,
}

/// The statements that make a table.
pub(crate) fn create(table: &NewTable) -> Vec<String> {
    let sole_key = match table.key.as_slice() {
        [column] => Some(column),
        _ => None,
    };
    let mut lines: Vec<String> = Vec::new();
    for column in &table.columns {
        lines.push(column.clause(sole_key == Some(&column.name)));
    }
    if table.key.len() > 1 {
        let key: Vec<_> = table.key.iter().map(|it| quoted(it)).collect();
        lines.push(format!("primary key ({})", key.join(", ")));
    }
    let name = qualified(&table.name);
    let inside = match lines.is_empty() {
        true => String::new(),
        false => format!("\n  {}\n", lines.join(",\n  ")),
    };
    let mut statements = vec![format!("create table {name} ({inside})")];
    statements.extend(table.indexes.iter().map(|it| it.statement(&table.name)));
    if !table.comment.is_empty() {
        statements.push(comment("table", &name, &table.comment));
    }
    for column in table.columns.iter().filter(|it| !it.comment.is_empty()) {
        let what = column_of(&table.name, &column.name);
        statements.push(comment("column", &what, &column.comment));
    }
    statements
}

impl NewColumn {
    /// `name type …`
    pub(super) fn clause(&self, is_key: bool) -> String {
        let mut clause = format!("{} {}", quoted(&self.name), self.ty);
        if is_key {
            clause.push_str(" primary key");
        } else if self.is_required {
            clause.push_str(" not null");
        }
        if let Some(default) = &self.default {
            clause.push_str(" default ");
            clause.push_str(default);
        }
        if let Some(target) = &self.references {
            clause.push(' ');
            clause.push_str(&target.clause());
        }
        clause
    }
}
