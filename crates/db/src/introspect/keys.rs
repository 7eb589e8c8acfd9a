//! Primary, unique and foreign keys, and which columns lead an index.

use std::collections::HashMap;

use postern_base::RelationName;
use postern_catalog::{ForeignKey, UniqueKey};
use tokio_postgres::Row;

use super::get;
use crate::Error;

/// The keys of one relation.
#[derive(Default)]
pub(super) struct Keys {
    pub(super) primary_key: Vec<String>,
    pub(super) unique_keys: Vec<UniqueKey>,
    pub(super) foreign_keys: Vec<ForeignKey>,
    pub(super) indexed: Vec<String>,
}

/// Reads all keys.
pub(super) fn by_relation(
    indexes: &[Row],
    foreign_keys: &[Row],
) -> Result<HashMap<u32, Keys>, Error> {
    let mut all: HashMap<u32, Keys> = HashMap::new();
    for row in indexes {
        add_index(all.entry(get(row, 0)?).or_default(), row)?;
    }
    for row in foreign_keys {
        let keys = all.entry(get(row, 0)?).or_default();
        keys.foreign_keys.push(foreign_key(row)?);
    }
    Ok(all)
}

fn add_index(keys: &mut Keys, row: &Row) -> Result<(), Error> {
    // An expression has no column, hence the inner option.
    let columns: Vec<Option<String>> = get(row, 4)?;
    let is_whole: bool = get(row, 5)?;
    if let (true, Some(Some(leading))) = (is_whole, columns.first())
        && !keys.indexed.contains(leading)
    {
        keys.indexed.push(leading.clone());
    }
    let named: Option<Vec<String>> = columns.into_iter().collect();
    if let (true, Some(columns)) = (get(row, 3)?, named) {
        if get(row, 2)? {
            keys.primary_key.clone_from(&columns);
        }
        keys.unique_keys.push(UniqueKey {
            name: get(row, 1)?,
            columns,
        });
    }
    Ok(())
}

fn foreign_key(row: &Row) -> Result<ForeignKey, Error> {
    Ok(ForeignKey {
        name: get(row, 1)?,
        target: RelationName::new(get::<&str>(row, 2)?, get::<&str>(row, 3)?),
        columns: get(row, 4)?,
        target_columns: get(row, 5)?,
    })
}
