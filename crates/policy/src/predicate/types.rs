//! The types that a policy may cast to.

/// A type of the allow list, by its canonical SQL name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TypeName(&'static str);

/// Accepted spellings, upper case as sqlparser prints them, and the canonical name.
const SPELLINGS: &[(&str, &str)] = &[
    ("INT2", "int2"),
    ("SMALLINT", "int2"),
    ("INT4", "int4"),
    ("INT", "int4"),
    ("INTEGER", "int4"),
    ("INT8", "int8"),
    ("BIGINT", "int8"),
    ("NUMERIC", "numeric"),
    ("DECIMAL", "numeric"),
    ("FLOAT4", "float4"),
    ("REAL", "float4"),
    ("FLOAT8", "float8"),
    ("DOUBLE PRECISION", "float8"),
    ("TEXT", "text"),
    ("VARCHAR", "varchar"),
    ("CHARACTER VARYING", "varchar"),
    ("BOOL", "bool"),
    ("BOOLEAN", "bool"),
    ("UUID", "uuid"),
    ("DATE", "date"),
    ("TIME", "time"),
    ("TIME WITHOUT TIME ZONE", "time"),
    ("TIMESTAMP", "timestamp"),
    ("TIMESTAMP WITHOUT TIME ZONE", "timestamp"),
    ("TIMESTAMPTZ", "timestamptz"),
    ("TIMESTAMP WITH TIME ZONE", "timestamptz"),
    ("INTERVAL", "interval"),
    ("JSON", "json"),
    ("JSONB", "jsonb"),
    ("INET", "inet"),
    ("TEXT[]", "text[]"),
    ("INT4[]", "int4[]"),
    ("INT[]", "int4[]"),
    ("INTEGER[]", "int4[]"),
    ("INT8[]", "int8[]"),
    ("BIGINT[]", "int8[]"),
    ("UUID[]", "uuid[]"),
];

impl TypeName {
    /// The canonical names.
    pub(crate) const ALL: &'static [&'static str] = &[
        "int2",
        "int4",
        "int8",
        "numeric",
        "float4",
        "float8",
        "text",
        "varchar",
        "bool",
        "uuid",
        "date",
        "time",
        "timestamp",
        "timestamptz",
        "interval",
        "json",
        "jsonb",
        "inet",
        "text[]",
        "int4[]",
        "int8[]",
        "uuid[]",
    ];

    /// Reads a spelling; a modifier such as `varchar(10)`, a schema or quotes are not on the list.
    pub(crate) fn parse(spelling: &str) -> Option<Self> {
        let upper = spelling.to_ascii_uppercase();
        SPELLINGS
            .iter()
            .find(|(it, _)| *it == upper)
            .map(|(_, name)| Self(name))
    }

    /// The canonical SQL name.
    pub(crate) fn sql(self) -> &'static str {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::{SPELLINGS, TypeName};

    #[test]
    fn every_canonical_name_is_a_spelling_of_itself() {
        for name in TypeName::ALL {
            assert_eq!(TypeName::parse(name).map(TypeName::sql), Some(*name));
        }
        for (_, name) in SPELLINGS {
            assert!(TypeName::ALL.contains(name));
        }
    }

    #[test]
    fn refuses_what_looks_up_names_in_the_catalogue() {
        for name in [
            "regclass",
            "regproc",
            "oid",
            "name",
            "\"text\"",
            "pg_catalog.text",
            "",
        ] {
            assert_eq!(TypeName::parse(name), None, "{name}");
        }
    }
}
