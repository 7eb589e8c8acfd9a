//! Columns, by the relation that has them.

use std::collections::HashMap;

use postern_catalog::{Column, Generated};
use tokio_postgres::Row;

use super::types::Types;
use super::{get, push};
use crate::Error;

/// Reads all columns.
pub(super) fn by_relation(rows: &[Row], types: &Types) -> Result<HashMap<u32, Vec<Column>>, Error> {
    let mut columns = HashMap::new();
    for row in rows {
        push(&mut columns, get(row, 0)?, column(row, types)?);
    }
    Ok(columns)
}

fn column(row: &Row, types: &Types) -> Result<Column, Error> {
    let generated = match (get::<&str>(row, 6)?, get::<&str>(row, 7)?) {
        ("a", _) => Generated::IdentityAlways,
        ("d", _) => Generated::IdentityByDefault,
        (_, "") => Generated::No,
        (_, _) => Generated::Stored,
    };
    let expression: Option<String> = get(row, 8)?;
    Ok(Column {
        name: get(row, 1)?,
        attnum: get(row, 2)?,
        ty: types.get(get(row, 3)?, get(row, 4)?)?,
        nullable: !get::<bool>(row, 5)?,
        default: expression.filter(|_| generated == Generated::No),
        generated,
        comment: get(row, 9)?,
    })
}
