//! Postgres types, as far as requests and policies need to know them.

use std::borrow::Cow;

/// What sort of type it is (`pg_type.typtype`, arrays apart).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TypeKind {
    /// A base type such as `int8` or `text`.
    Base,
    /// An array; holds the element's `typname`.
    Array(String),
    /// A domain; holds the `typname` of the type it finally rests on.
    Domain(String),
    /// An enum and its labels in order.
    Enum(Vec<String>),
    /// A row type.
    Composite,
    /// A range or multirange.
    Range,
    /// `void`, `record`, `anyelement` and their like.
    Pseudo,
}

/// A type as a column or argument uses it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PgType {
    /// `pg_type.oid`.
    pub oid: u32,
    /// The schema of the type.
    pub schema: String,
    /// `pg_type.typname`, such as `int4`, `_text`, `mood`.
    pub name: String,
    /// `format_type` with its modifier and, outside `pg_catalog`, its schema: ready for SQL.
    pub sql: String,
    /// What sort of type it is.
    pub kind: TypeKind,
}

impl PgType {
    /// A type of `pg_catalog` by its `typname`, for tests and literals.
    pub fn builtin(name: &str) -> Self {
        let kind = match name.strip_prefix('_') {
            Some(element) => TypeKind::Array(element.into()),
            None => TypeKind::Base,
        };
        let sql = match name.strip_prefix('_') {
            Some(element) => format!("{element}[]"),
            None => name.into(),
        };
        Self {
            oid: 0,
            schema: "pg_catalog".into(),
            name: name.into(),
            sql,
            kind,
        }
    }

    /// How signatures spell it: its `typname`, behind its schema outside of `pg_catalog`. Two
    /// schemas may have a type of one name, and then two functions differ by it.
    pub fn signature_name(&self) -> Cow<'_, str> {
        match self.schema.as_str() {
            "pg_catalog" => Cow::Borrowed(&self.name),
            schema => Cow::Owned(format!("{schema}.{}", self.name)),
        }
    }

    /// The `typname` that operators see: a domain's base type, else the type's own name.
    pub fn operator_name(&self) -> &str {
        match &self.kind {
            TypeKind::Domain(base) => base,
            _ => &self.name,
        }
    }

    /// Whether it is `json` or `jsonb`, domains over them included.
    pub fn is_json(&self) -> bool {
        matches!(self.operator_name(), "json" | "jsonb")
    }

    /// Whether it is a domain that is named like a media type, such as `text/html` or `*/*`.
    pub fn is_media_type(&self) -> bool {
        let is_part = |part: &str| {
            !part.is_empty()
                && part
                    .bytes()
                    .all(|it| it.is_ascii_alphanumeric() || b"!#$&^_.+-*".contains(&it))
        };
        matches!(self.kind, TypeKind::Domain(_))
            && self
                .name
                .split_once('/')
                .is_some_and(|(kind, rest)| is_part(kind) && is_part(rest))
    }

    /// Whether it is an array.
    pub fn is_array(&self) -> bool {
        matches!(self.kind, TypeKind::Array(_)) || self.operator_name().starts_with('_')
    }

    /// Whether it is `text`, `varchar` or `bpchar`, domains over them included.
    pub fn is_text(&self) -> bool {
        matches!(
            self.operator_name(),
            "text" | "varchar" | "bpchar" | "citext"
        )
    }
}
