//! Changes of a table that is there.

use postern_base::RelationName;

use super::create::Role;
use super::{Link, NewColumn, NewEnum, NewIndex, column_of, comment, listed, qualified, quoted};

/// What a constraint was for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bound {
    /// Rows are told apart by it.
    Key,
    /// No two rows have the same.
    Unique,
    /// Values are there in another table.
    Reference,
    /// Every row holds to it.
    Check,
}

/// A change of a table. Columns are named as they are called once all renaming is done, but for
/// those that go and those that are renamed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    DropConstraint {
        constraint: String,
        bound: Bound,
    },
    DropIndex {
        index: String,
    },
    DropColumn {
        column: String,
    },
    RenameColumn {
        from: String,
        to: String,
    },
    CreateEnum(NewEnum),
    AddColumn(NewColumn),
    SetType {
        column: String,
        /// The type, ready for SQL.
        ty: String,
        /// What values are made into before they are put into it: without a length, so that a
        /// text that is too long stops the change. A cast to the type itself would cut it.
        using: String,
    },
    SetDefault {
        column: String,
        /// The default, ready for SQL; none takes it away.
        default: Option<String>,
    },
    Require {
        column: String,
    },
    AllowNull {
        column: String,
    },
    AddKey {
        columns: Vec<String>,
    },
    AddReference(Link),
    AddCheck {
        /// The condition, ready for SQL.
        condition: String,
    },
    AddIndex(NewIndex),
    CommentTable {
        text: String,
    },
    CommentColumn {
        column: String,
        text: String,
    },
    RenameTable {
        to: String,
    },
}

impl Change {
    /// Whether values may be lost or changed by it for good.
    pub(crate) fn is_destructive(&self) -> bool {
        matches!(self, Self::DropColumn { .. } | Self::SetType { .. })
    }

    /// The order in which changes can follow each other: what goes makes room first, and what is
    /// added comes before what speaks of it.
    fn turn(&self) -> u8 {
        match self {
            // A key goes last of them: what refers to it goes before.
            Self::DropConstraint { bound, .. } if *bound != Bound::Key => 0,
            Self::DropConstraint { .. } | Self::DropIndex { .. } => 1,
            Self::DropColumn { .. } => 2,
            Self::RenameColumn { .. } => 3,
            Self::CreateEnum(_) => 4,
            Self::AddColumn(_) => 5,
            // A default of the old type may not fit the new one, hence first without.
            Self::SetDefault { default: None, .. } => 6,
            Self::SetType { .. } => 7,
            Self::SetDefault { .. } => 8,
            Self::Require { .. } | Self::AllowNull { .. } => 9,
            Self::AddKey { .. } => 10,
            Self::AddReference(_) | Self::AddCheck { .. } => 11,
            Self::AddIndex(_) => 12,
            Self::CommentTable { .. } | Self::CommentColumn { .. } => 13,
            Self::RenameTable { .. } => 14,
        }
    }

    fn statements(&self, table: &RelationName) -> Vec<String> {
        let name = qualified(table);
        let alter = |what: String| format!("alter table {name} {what}");
        let column_is = |column: &str, what: &str| {
            format!("alter table {name} alter column {} {what}", quoted(column))
        };
        match self {
            Self::DropConstraint { constraint, .. } => {
                vec![alter(format!("drop constraint {}", quoted(constraint)))]
            }
            Self::DropIndex { index } => {
                let index = qualified(&RelationName::new(&table.schema, index));
                vec![format!("drop index {index}")]
            }
            Self::DropColumn { column } => vec![alter(format!("drop column {}", quoted(column)))],
            Self::RenameColumn { from, to } => {
                let (from, to) = (quoted(from), quoted(to));
                vec![alter(format!("rename column {from} to {to}"))]
            }
            Self::CreateEnum(new) => vec![new.statement()],
            Self::AddColumn(column) => added(table, column, alter),
            Self::SetType { column, ty, using } => {
                let value = quoted(column);
                vec![column_is(
                    column,
                    &format!("type {ty} using {value}::{using}"),
                )]
            }
            Self::SetDefault { column, default } => vec![match default {
                Some(sql) => column_is(column, &format!("set default {sql}")),
                None => column_is(column, "drop default"),
            }],
            Self::Require { column } => vec![column_is(column, "set not null")],
            Self::AllowNull { column } => vec![column_is(column, "drop not null")],
            Self::AddKey { columns } => {
                vec![alter(format!("add primary key ({})", listed(columns)))]
            }
            Self::AddReference(link) => vec![alter(format!("add {}", link.clause()))],
            Self::AddCheck { condition } => vec![alter(format!("add check ({condition})"))],
            Self::AddIndex(index) => vec![index.statement(table)],
            Self::CommentTable { text } => vec![comment("table", &name, text)],
            Self::CommentColumn { column, text } => {
                vec![comment("column", &column_of(table, column), text)]
            }
            Self::RenameTable { to } => vec![alter(format!("rename to {}", quoted(to)))],
        }
    }
}

fn added(
    table: &RelationName,
    column: &NewColumn,
    alter: impl Fn(String) -> String,
) -> Vec<String> {
    let mut statements = vec![alter(format!("add column {}", column.clause(Role::Plain)))];
    if !column.comment.is_empty() {
        let what = column_of(table, &column.name);
        statements.push(comment("column", &what, &column.comment));
    }
    statements
}

/// The statements of some changes of a table, in an order in which they can be done.
pub(crate) fn changes(table: &RelationName, changes: &[Change]) -> Vec<String> {
    let mut ordered: Vec<&Change> = changes.iter().collect();
    ordered.sort_by_key(|it| it.turn());
    let mut renames = Vec::new();
    let mut statements = Vec::new();
    for change in ordered {
        if let Change::RenameColumn { from, to } = change {
            renames.push((from.as_str(), to.as_str()));
            continue;
        }
        if change.turn() > 3 {
            statements.extend(renamed(table, &std::mem::take(&mut renames)));
        }
        statements.extend(change.statements(table));
    }
    statements.extend(renamed(table, &renames));
    statements
}

/// Renames in an order in which no name is taken twice; where names go round in a circle, one of
/// them steps aside first.
fn renamed(table: &RelationName, renames: &[(&str, &str)]) -> Vec<String> {
    let mut waiting: Vec<(String, String)> = renames
        .iter()
        .map(|(from, to)| ((*from).to_owned(), (*to).to_owned()))
        .collect();
    let mut statements = Vec::new();
    while !waiting.is_empty() {
        let is_free = |(_, to): &(String, String)| !waiting.iter().any(|(from, _)| from == to);
        let change = match waiting.iter().position(is_free) {
            Some(place) => {
                let (from, to) = waiting.remove(place);
                Change::RenameColumn { from, to }
            }
            None => {
                let aside = format!("{}_before", waiting[0].0);
                let from = std::mem::replace(&mut waiting[0].0, aside.clone());
                Change::RenameColumn { from, to: aside }
            }
        };
        statements.extend(change.statements(table));
    }
    statements
}
