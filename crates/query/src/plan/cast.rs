//! The types that a request may cast to.
//!
//! SECURITY: these are the only ways from a type's name in the request to SQL text: the closed list
//! below, and types of columns that the caller may read, spelled as the catalogue spells them.
//! Types of Postgres's own that are not listed stay out: a cast to `regclass` would tell which
//! tables there are.

use std::sync::Arc;

use postern_base::codes;
use postern_catalog::PgType;

use super::Planner;
use crate::Error;

/// A type that a request casts to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Cast {
    /// One of Postgres's own.
    Builtin(&'static str),
    /// One of the operator's, ready for SQL. What it calls (checks of domains, casts with a
    /// function) may read the session.
    Named(Arc<str>),
}

/// Canonical names, and the usual ones.
const TYPES: &[(&str, &[&str])] = &[
    ("text", &["text"]),
    ("varchar", &["varchar", "character varying"]),
    ("bpchar", &["bpchar", "char", "character"]),
    ("int2", &["int2", "smallint"]),
    ("int4", &["int4", "int", "integer"]),
    ("int8", &["int8", "bigint"]),
    ("numeric", &["numeric", "decimal"]),
    ("float4", &["float4", "real"]),
    ("float8", &["float8", "double precision", "float"]),
    ("bool", &["bool", "boolean"]),
    ("uuid", &["uuid"]),
    ("date", &["date"]),
    ("time", &["time", "time without time zone"]),
    ("timetz", &["timetz", "time with time zone"]),
    ("timestamp", &["timestamp", "timestamp without time zone"]),
    ("timestamptz", &["timestamptz", "timestamp with time zone"]),
    ("interval", &["interval"]),
    ("json", &["json"]),
    ("jsonb", &["jsonb"]),
    ("bytea", &["bytea"]),
    ("inet", &["inet"]),
    ("money", &["money"]),
    ("text[]", &["text[]", "_text"]),
    ("int4[]", &["int4[]", "int[]", "integer[]", "_int4"]),
    ("int8[]", &["int8[]", "bigint[]", "_int8"]),
    ("uuid[]", &["uuid[]", "_uuid"]),
];

impl Planner<'_, '_> {
    /// The type that a request may cast to, by any of its usual names.
    pub(super) fn cast(&self, name: &str) -> Result<Cast, Error> {
        let name = name.trim();
        let wanted = name.to_ascii_lowercase();
        let known = TYPES
            .iter()
            .find(|(_, names)| names.contains(&wanted.as_str()));
        if let Some((canonical, _)) = known {
            return Ok(Cast::Builtin(canonical));
        }
        match self.type_in_use(name) {
            Some(ty) => Ok(Cast::Named(ty.sql.as_str().into())),
            None => Err(Error::new(
                &codes::UNDEFINED_TYPE,
                format!("type \"{name}\" does not exist"),
            )),
        }
    }

    /// The operator's type of this name that a column has which the caller may read; one of the
    /// request's own schema before one of another.
    fn type_in_use(&self, name: &str) -> Option<&PgType> {
        let relations = self.view.catalog().relations();
        let mut found: Option<&PgType> = None;
        for relation in relations {
            let types = relation.columns.iter().filter(|column| {
                let ty = &column.ty;
                ty.name == name && ty.schema != "pg_catalog" && ty.schema != "information_schema"
            });
            for column in types {
                if !self.is_readable(relation, &column.name) {
                    continue;
                }
                if column.ty.schema == self.schema {
                    return Some(&column.ty);
                }
                found = found.or(Some(&column.ty));
            }
        }
        found
    }
}
