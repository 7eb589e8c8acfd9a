//! Example values by type, as JSON carries them.

use postern_catalog::{PgType, TypeKind};
use serde_json::{Value, json};

/// What a text is where nothing else is known.
const TEXT: &str = "Example";

/// Which of an enum's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Which {
    /// The first, for keys and new rows.
    First,
    /// The last, for changes.
    Last,
}

/// How JSON carries values of a type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    Number,
    Boolean,
    Array,
    /// Whatever JSON there is.
    Json,
}

impl Kind {
    /// How values of a type are carried.
    pub(crate) fn of(ty: &PgType) -> Self {
        match ty.operator_name() {
            "json" | "jsonb" => Self::Json,
            _ if ty.is_array() => Self::Array,
            "bool" => Self::Boolean,
            "int2" | "int4" | "int8" | "oid" | "float4" | "float8" | "numeric" => Self::Number,
            _ if matches!(ty.kind, TypeKind::Composite) => Self::Json,
            _ => Self::Text,
        }
    }
}

/// An example of a type's values.
pub(crate) fn of(ty: &PgType, which: Which) -> Value {
    match &ty.kind {
        TypeKind::Enum(labels) => {
            let label = match which {
                Which::First => labels.first(),
                Which::Last => labels.last(),
            };
            label.map_or(Value::Null, |it| json!(it))
        }
        // Labels of an array's enum are not known here; an empty list is one of any type.
        TypeKind::Array(element) => match by_name(element) {
            Some(value) => json!([value]),
            None => json!([]),
        },
        TypeKind::Composite => json!({}),
        _ => match ty.operator_name() {
            name if name.starts_with('_') => json!([]),
            name => by_name(name).map_or_else(|| json!(TEXT), |it| cut(it, &ty.sql)),
        },
    }
}

/// An example of a type of `pg_catalog`, by its `typname`.
fn by_name(name: &str) -> Option<Value> {
    Some(match name {
        "bool" => json!(true),
        "int2" | "int4" | "int8" | "oid" => json!(1),
        "float4" | "float8" | "numeric" => json!(9.5),
        "money" => json!("9.50"),
        "text" | "varchar" | "bpchar" | "citext" | "name" => json!(TEXT),
        "char" => json!("E"),
        "uuid" => json!("7f000000-0000-4000-8000-000000000001"),
        "timestamptz" => json!("2026-01-31T12:00:00Z"),
        "timestamp" => json!("2026-01-31T12:00:00"),
        "date" => json!("2026-01-31"),
        "time" => json!("12:00:00"),
        "timetz" => json!("12:00:00Z"),
        "interval" => json!("1 day"),
        "json" | "jsonb" => json!({ "key": "value" }),
        "bytea" => json!("\\x00ff"),
        "inet" => json!("192.0.2.1"),
        "cidr" => json!("192.0.2.0/24"),
        "macaddr" => json!("08:00:2b:01:02:03"),
        "bit" | "varbit" => json!("1"),
        "point" => json!("(1,2)"),
        "xml" => json!("<a/>"),
        "tsvector" | "tsquery" => json!("example"),
        "int4range" | "int8range" | "numrange" => json!("[1,10)"),
        "daterange" => json!("[2026-01-31,2026-02-28)"),
        "tsrange" => json!("[2026-01-31 12:00,2026-01-31 13:00)"),
        "tstzrange" => json!("[2026-01-31 12:00Z,2026-01-31 13:00Z)"),
        _ => return None,
    })
}

/// A text within the length that `character varying(3)` and its like say.
fn cut(value: Value, sql: &str) -> Value {
    let length = sql
        .strip_prefix("character")
        .and_then(|it| it.split_once('('));
    let length = length.and_then(|(_, it)| it.strip_suffix(')')?.parse::<usize>().ok());
    match (value, length) {
        (Value::String(text), Some(length)) => json!(text.chars().take(length).collect::<String>()),
        (value, _) => value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(name: &str, sql: &str, kind: TypeKind) -> PgType {
        PgType {
            sql: sql.to_owned(),
            kind,
            ..PgType::builtin(name)
        }
    }

    #[test]
    fn every_type_has_an_example() {
        let labels = TypeKind::Enum(vec!["it's".to_owned(), "paid".to_owned()]);
        let mood = typed("mood", "public.mood", labels);
        assert_eq!(of(&mood, Which::First), json!("it's"));
        assert_eq!(of(&mood, Which::Last), json!("paid"));
        for (ty, value, kind) in [
            (PgType::builtin("int8"), json!(1), Kind::Number),
            (PgType::builtin("bool"), json!(true), Kind::Boolean),
            (PgType::builtin("_text"), json!(["Example"]), Kind::Array),
            (PgType::builtin("_mood"), json!([]), Kind::Array),
            (
                PgType::builtin("jsonb"),
                json!({ "key": "value" }),
                Kind::Json,
            ),
            (PgType::builtin("vector"), json!("Example"), Kind::Text),
            (
                typed("varchar", "character varying(3)", TypeKind::Base),
                json!("Exa"),
                Kind::Text,
            ),
            (
                typed("bpchar", "character(1)", TypeKind::Base),
                json!("E"),
                Kind::Text,
            ),
            (
                typed("age", "public.age", TypeKind::Domain("int4".to_owned())),
                json!(1),
                Kind::Number,
            ),
        ] {
            assert_eq!(of(&ty, Which::First), value, "{}", ty.sql);
            assert_eq!(Kind::of(&ty), kind, "{}", ty.sql);
        }
    }
}
