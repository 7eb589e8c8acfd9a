//! A new table.

use postern_base::RelationName;

use super::{Link, NewEnum, NewIndex, Reference, column_of, comment, listed, qualified, quoted};

/// A table to make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NewTable {
    pub(crate) name: RelationName,
    pub(crate) columns: Vec<NewColumn>,
    /// The primary key's columns.
    pub(crate) key: Vec<String>,
    /// Types of its own, which are made first.
    pub(crate) enums: Vec<NewEnum>,
    /// Foreign keys over several columns.
    pub(crate) links: Vec<Link>,
    /// Conditions that every row holds to, ready for SQL.
    pub(crate) checks: Vec<String>,
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
    pub(crate) references: Option<Reference>,
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
        let role = match sole_key == Some(&column.name) {
            true => Role::SoleKey,
            false => Role::Plain,
        };
        lines.push(column.clause(role));
    }
    if table.key.len() > 1 {
        lines.push(format!("primary key ({})", listed(&table.key)));
    }
    lines.extend(table.links.iter().map(Link::clause));
    lines.extend(table.checks.iter().map(|it| format!("check ({it})")));
    let name = qualified(&table.name);
    let inside = match lines.is_empty() {
        true => String::new(),
        false => format!("\n  {}\n", lines.join(",\n  ")),
    };
    let mut statements: Vec<_> = table.enums.iter().map(NewEnum::statement).collect();
    statements.push(format!("create table {name} ({inside})"));
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

/// What a column is in its table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// The primary key, alone.
    SoleKey,
    /// Anything else.
    Plain,
}

impl NewColumn {
    /// `name type …`
    pub(super) fn clause(&self, role: Role) -> String {
        let mut clause = format!("{} {}", quoted(&self.name), self.ty);
        if role == Role::SoleKey {
            clause.push_str(" primary key");
        } else if self.is_required {
            clause.push_str(" not null");
        }
        if let Some(default) = &self.default {
            clause.push_str(" default ");
            clause.push_str(default);
        }
        if let Some(reference) = &self.references {
            clause.push(' ');
            clause.push_str(&reference.clause());
        }
        clause
    }
}
