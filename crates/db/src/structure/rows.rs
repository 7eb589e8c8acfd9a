//! The answers to the statements, row by row.

use postern_base::RelationName;
use tokio_postgres::Row;

use super::{Check, ColumnType, Dependant, Direction, Index, Reference, Trigger};
use crate::Error;

/// Reads one column of a row of the catalogue.
pub(super) fn get<'a, T: tokio_postgres::types::FromSql<'a>>(
    row: &'a Row,
    index: usize,
) -> Result<T, Error> {
    row.try_get(index).map_err(Error::Internal)
}

pub(super) fn computed(row: &Row) -> Result<(String, String), Error> {
    Ok((get(row, 0)?, get(row, 1)?))
}

pub(super) fn index(row: &Row) -> Result<Index, Error> {
    Ok(Index {
        name: get(row, 0)?,
        method: get(row, 1)?,
        keys: get(row, 2)?,
        predicate: get(row, 3)?,
        is_unique: get(row, 4)?,
        is_primary: get(row, 5)?,
        is_of_constraint: get(row, 6)?,
        is_valid: get(row, 7)?,
        bytes: get(row, 8)?,
    })
}

pub(super) fn check(row: &Row) -> Result<Check, Error> {
    Ok(Check {
        name: get(row, 0)?,
        definition: get(row, 1)?,
        is_validated: get(row, 2)?,
    })
}

pub(super) fn reference(row: &Row) -> Result<Reference, Error> {
    Ok(Reference {
        name: get(row, 0)?,
        direction: match get(row, 1)? {
            true => Direction::Outgoing,
            false => Direction::Incoming,
        },
        other: RelationName::new(get::<&str>(row, 2)?, get::<&str>(row, 3)?),
        from: get(row, 4)?,
        to: get(row, 5)?,
        on_update: action(get(row, 6)?),
        on_delete: action(get(row, 7)?),
    })
}

/// `pg_constraint.confdeltype` in words.
fn action(letter: &str) -> &'static str {
    match letter {
        "r" => "restrict",
        "c" => "cascade",
        "n" => "set null",
        "d" => "set default",
        _ => "no action",
    }
}

pub(super) fn trigger(row: &Row) -> Result<Trigger, Error> {
    Ok(Trigger {
        name: get(row, 0)?,
        definition: get(row, 1)?,
        is_enabled: get(row, 2)?,
    })
}

pub(super) fn dependant(row: &Row) -> Result<Dependant, Error> {
    Ok(Dependant {
        column: get(row, 0)?,
        what: get(row, 1)?,
        holds: get(row, 2)?,
    })
}

pub(super) fn column_type(row: &Row) -> Result<ColumnType, Error> {
    Ok(ColumnType {
        sql: get(row, 0)?,
        is_builtin: get(row, 1)?,
    })
}
