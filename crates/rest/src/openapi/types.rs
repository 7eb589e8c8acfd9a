//! How Postgres types look in OpenAPI 2.0.
//!
//! | Postgres | `type` | `format` |
//! |---|---|---|
//! | `smallint`, `integer` | `integer` | `int32` |
//! | `bigint` | `integer` | `int64` |
//! | `real`, `double precision`, `numeric` | `number` | the name |
//! | `boolean` | `boolean` | `boolean` |
//! | `json`, `jsonb` | none | the name |
//! | arrays | `array` | the element's name and `[]` |
//! | others | `string` | the name |
//!
//! Domains look like the type they rest on.

use postern_catalog::{PgType, TypeKind};
use serde_json::{Map, Value, json};

/// `type`, `format`, `items` and `maxLength` of a type.
pub(super) fn properties(ty: &PgType) -> Map<String, Value> {
    let name = name(ty);
    let mut properties = Map::new();
    if let Some(kind) = kind(&name) {
        properties.insert("type".into(), kind.into());
    }
    properties.insert("format".into(), format(&name).into());
    if let Some(element) = name.strip_suffix("[]") {
        let items = kind(element).map_or_else(|| json!({}), |kind| json!({ "type": kind }));
        properties.insert("items".into(), items);
    }
    if let Some(length) = length(ty) {
        properties.insert("maxLength".into(), length.into());
    }
    properties
}

/// `type` and `format` of a query parameter, where arrays and JSON are written as text.
pub(super) fn parameter(ty: &PgType) -> Map<String, Value> {
    let name = name(ty);
    let kind = kind(&name).filter(|it| *it != "array").unwrap_or("string");
    let mut properties = Map::new();
    properties.insert("type".into(), kind.into());
    properties.insert("format".into(), format(&name).into());
    properties
}

/// `type`, `items` and `collectionFormat` of a query parameter that may be repeated.
pub(super) fn repeated(ty: &PgType) -> Map<String, Value> {
    let name = name(ty);
    let element = name.strip_suffix("[]").unwrap_or(&name);
    let mut items = Map::new();
    items.insert("type".into(), kind(element).unwrap_or("string").into());
    items.insert("format".into(), format(element).into());
    let mut properties = Map::new();
    properties.insert("type".into(), "array".into());
    properties.insert("collectionFormat".into(), "multi".into());
    properties.insert("items".into(), items.into());
    properties
}

/// A default that can be told as a value.
///
/// SECURITY: a default's expression may name functions and sequences that the caller must not
/// know of, so only literals and a few built-in calls are told.
pub(super) fn default(ty: &PgType, default: &str) -> Option<Value> {
    match kind(&name(ty))? {
        "integer" | "number" => {
            let number: Value = serde_json::from_str(default).ok()?;
            number.is_number().then_some(number)
        }
        "boolean" => default.parse().ok().map(Value::Bool),
        "string" => match literal(default) {
            Some(text) => Some(text.into()),
            None => BUILT_IN_CALLS.contains(&default).then(|| default.into()),
        },
        _ => None,
    }
}

const BUILT_IN_CALLS: [&str; 7] = [
    "now()",
    "CURRENT_TIMESTAMP",
    "CURRENT_DATE",
    "CURRENT_TIME",
    "LOCALTIMESTAMP",
    "clock_timestamp()",
    "gen_random_uuid()",
];

/// The text of `'…'::type`, when nothing else follows.
fn literal(default: &str) -> Option<String> {
    let inner = default.strip_prefix('\'')?;
    let (text, rest) = inner.rsplit_once('\'')?;
    let is_alone = !text.replace("''", "").contains('\'');
    let is_cast = rest.is_empty() || rest.starts_with("::") && !rest.contains([' ', '|', '+']);
    // `'private.things'::regclass` is a literal and still names a thing.
    let is_name = rest.starts_with("::reg");
    let is_spaced_cast = SPACED_TYPES
        .iter()
        .any(|it| rest.strip_prefix("::") == Some(it));
    (is_alone && !is_name && (is_cast || is_spaced_cast)).then(|| text.replace("''", "'"))
}

const SPACED_TYPES: [&str; 3] = [
    "character varying",
    "timestamp with time zone",
    "timestamp without time zone",
];

fn kind(name: &str) -> Option<&'static str> {
    match name {
        "boolean" => Some("boolean"),
        "smallint" | "integer" | "bigint" => Some("integer"),
        "numeric" | "real" | "double precision" => Some("number"),
        "json" | "jsonb" => None,
        _ if name.ends_with("[]") => Some("array"),
        _ => Some("string"),
    }
}

fn format(name: &str) -> &str {
    match name {
        "smallint" | "integer" => "int32",
        "bigint" => "int64",
        _ => name,
    }
}

/// The type's name as SQL spells it, without a modifier.
fn name(ty: &PgType) -> String {
    match &ty.kind {
        TypeKind::Array(element) => format!("{}[]", spelled(ty, element)),
        TypeKind::Domain(base) => match base.strip_prefix('_') {
            Some(element) => format!("{}[]", built_in(element).unwrap_or(element)),
            None => built_in(base).unwrap_or(base).to_owned(),
        },
        _ => spelled(ty, &ty.name),
    }
}

fn spelled(ty: &PgType, name: &str) -> String {
    match built_in(name) {
        Some(spelled) if ty.schema == "pg_catalog" => spelled.to_owned(),
        _ if ty.schema == "pg_catalog" => name.to_owned(),
        _ => format!("{}.{name}", ty.schema),
    }
}

fn built_in(name: &str) -> Option<&'static str> {
    Some(match name {
        "bool" => "boolean",
        "int2" => "smallint",
        "int4" => "integer",
        "int8" => "bigint",
        "float4" => "real",
        "float8" => "double precision",
        "varchar" => "character varying",
        "bpchar" => "character",
        "varbit" => "bit varying",
        "timestamp" => "timestamp without time zone",
        "timestamptz" => "timestamp with time zone",
        "time" => "time without time zone",
        "timetz" => "time with time zone",
        _ => return None,
    })
}

/// The `n` of `varchar(n)` and `char(n)`.
fn length(ty: &PgType) -> Option<u32> {
    if !matches!(ty.operator_name(), "varchar" | "bpchar") {
        return None;
    }
    let (_, modifier) = ty.sql.rsplit_once('(')?;
    modifier.strip_suffix(')')?.parse().ok()
}
