//! The types that a request may cast to.
//!
//! SECURITY: these are the only ways from a type's name in the request to SQL text: the closed list
//! below, and types of columns that the caller may read, spelled as the catalogue spells them.
//! Types of Postgres's own that are not listed stay out: a cast to `regclass` would tell which
//! tables there are.
//!
//! `varchar 200` is `varchar(200)`, whose brackets the grammar of names does not have: it cuts long
//! values where they are stored, so that a list of rows need not carry them.

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
    /// `varchar(n)`: the text, cut behind so many characters.
    Cut(u32),
    /// One of the operator's, ready for SQL. What it calls (checks of domains, casts with a
    /// function) may read the session.
    Named(Arc<str>),
}

/// The longest `varchar(n)` that Postgres takes.
const VARCHAR_CHARS_MAX: u32 = 10_485_760;

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
        if let Some(chars) = cut(&wanted) {
            return Ok(Cast::Cut(chars));
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

/// The length in `varchar 200`, within what Postgres takes.
fn cut(wanted: &str) -> Option<u32> {
    let digits = wanted.strip_prefix("varchar ")?;
    let chars = digits.parse().ok()?;
    (1..=VARCHAR_CHARS_MAX).contains(&chars).then_some(chars)
}

#[cfg(test)]
mod tests {
    use super::cut;

    #[test]
    fn a_length_is_a_number_that_postgres_takes() {
        assert_eq!(cut("varchar 200"), Some(200));
        for wrong in [
            "varchar",
            "varchar ",
            "varchar 0",
            "varchar -1",
            "varchar 10485761",
            "varchar 99999999999",
            "varchar 1)",
            "text 5",
        ] {
            assert_eq!(cut(wrong), None, "{wrong}");
        }
    }
}
