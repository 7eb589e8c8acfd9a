//! Relations themselves, and the triggers that may change what is written to them.

use std::collections::HashMap;

use postern_base::RelationName;
use postern_catalog::{Relation, RelationKind, SessionNeeds, Triggers};
use tokio_postgres::Row;

use super::get;
use crate::Error;

/// Bits of `pg_relation_is_updatable`: the numbers of the server's command types.
const UPDATE: i32 = 1 << 2;
const INSERT: i32 = 1 << 3;
const DELETE: i32 = 1 << 4;

/// Bits of `pg_trigger.tgtype`.
pub(super) mod bits {
    pub(in super::super) const ROW: i16 = 1;
    pub(in super::super) const BEFORE: i16 = 1 << 1;
    pub(in super::super) const INSERT: i16 = 1 << 2;
    pub(in super::super) const DELETE: i16 = 1 << 3;
    pub(in super::super) const UPDATE: i16 = 1 << 4;
    pub(in super::super) const INSTEAD: i16 = 1 << 6;
}

/// Reads one relation, its columns and keys left to others.
pub(super) fn relation(row: &Row) -> Result<Relation, Error> {
    let writable: i32 = get(row, 4)?;
    Ok(Relation {
        name: RelationName::new(get::<&str>(row, 1)?, get::<&str>(row, 2)?),
        oid: get(row, 0)?,
        kind: match get::<&str>(row, 3)? {
            "p" => RelationKind::Partitioned,
            "v" => RelationKind::View,
            "m" => RelationKind::MaterializedView,
            "f" => RelationKind::Foreign,
            _ => RelationKind::Table,
        },
        columns: Vec::new(),
        primary_key: Vec::new(),
        unique_keys: Vec::new(),
        foreign_keys: Vec::new(),
        indexed: Vec::new(),
        insertable: writable & INSERT != 0,
        updatable: writable & UPDATE != 0,
        deletable: writable & DELETE != 0,
        triggers: Triggers::default(),
        session: SessionNeeds::default(),
        security_invoker: get(row, 5)?,
        comment: get(row, 6)?,
    })
}

/// The triggers that run before a row is written, by relation.
pub(super) fn triggers(rows: &[Row]) -> Result<HashMap<u32, Triggers>, Error> {
    let mut all: HashMap<u32, Triggers> = HashMap::new();
    for row in rows {
        let kind: i16 = get(row, 2)?;
        if kind & bits::ROW == 0 || kind & (bits::BEFORE | bits::INSTEAD) == 0 {
            continue;
        }
        let triggers = all.entry(get(row, 0)?).or_default();
        triggers.before_insert |= kind & bits::INSERT != 0;
        triggers.before_update |= kind & bits::UPDATE != 0;
        triggers.before_delete |= kind & bits::DELETE != 0;
    }
    Ok(all)
}

/// A view without a trigger of its own may write to a table that has some; what they do to the
/// row cannot be told from here, so it counts as changed.
pub(super) fn complete_triggers(relation: &mut Relation) {
    if relation.kind == RelationKind::View {
        relation.triggers.before_insert |= relation.insertable;
        relation.triggers.before_update |= relation.updatable;
        relation.triggers.before_delete |= relation.deletable;
    }
}
