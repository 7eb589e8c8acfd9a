//! The database's types, looked up by oid while columns and functions are read.

use std::collections::HashMap;

use postern_catalog::{PgType, TypeKind};
use tokio_postgres::Row;

use super::get;
use crate::Error;

/// All types of a database.
pub(super) struct Types(HashMap<u32, Entry>);

struct Entry {
    schema: String,
    name: String,
    base: u32,
    kind: Kind,
}

/// What a type is before its relatives are known.
enum Kind {
    Array(String),
    Domain,
    Known(TypeKind),
}

impl Types {
    pub(super) fn new(types: &[Row], enums: &[Row]) -> Result<Self, Error> {
        let mut labels: HashMap<u32, Vec<String>> = enums
            .iter()
            .map(|row| Ok((get(row, 0)?, get(row, 1)?)))
            .collect::<Result<_, Error>>()?;
        let entries = types
            .iter()
            .map(|row| {
                let oid: u32 = get(row, 0)?;
                let entry = Entry {
                    schema: get(row, 1)?,
                    name: get(row, 2)?,
                    base: get(row, 5)?,
                    kind: kind(row, labels.remove(&oid).unwrap_or_default())?,
                };
                Ok((oid, entry))
            })
            .collect::<Result<_, Error>>()?;
        Ok(Self(entries))
    }

    /// The type of this oid, whose SQL text is `sql`.
    pub(super) fn get(&self, oid: u32, sql: &str) -> Result<PgType, Error> {
        let entry = self.0.get(&oid).ok_or(Error::Shape {
            reason: "a column or argument has a type that is not in pg_type",
        })?;
        let kind = match &entry.kind {
            Kind::Array(element) => TypeKind::Array(element.clone()),
            Kind::Domain => TypeKind::Domain(self.base_name(entry)),
            Kind::Known(kind) => kind.clone(),
        };
        Ok(PgType {
            oid,
            schema: entry.schema.clone(),
            name: entry.name.clone(),
            sql: sql.to_owned(),
            kind,
        })
    }

    /// The name of what a domain finally rests on; domains cannot rest on themselves.
    fn base_name(&self, entry: &Entry) -> String {
        match self.0.get(&entry.base) {
            Some(base) if matches!(base.kind, Kind::Domain) => self.base_name(base),
            Some(base) => base.name.clone(),
            None => entry.name.clone(),
        }
    }
}

fn kind(row: &Row, labels: Vec<String>) -> Result<Kind, Error> {
    if get(row, 8)? {
        return Ok(Kind::Array(get(row, 9)?));
    }
    Ok(match get::<&str>(row, 3)? {
        "d" => Kind::Domain,
        "e" => Kind::Known(TypeKind::Enum(labels)),
        "c" => Kind::Known(TypeKind::Composite),
        "r" | "m" => Kind::Known(TypeKind::Range),
        "p" => Kind::Known(TypeKind::Pseudo),
        _ => Kind::Known(TypeKind::Base),
    })
}
