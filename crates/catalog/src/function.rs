//! Functions that can be called at `/rpc`.

use postern_base::{FunctionName, RelationName};

use crate::{PgType, TypeKind};

/// `pg_proc.provolatile`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Volatility {
    /// Same arguments, same result, for ever.
    Immutable,
    /// Same within a statement; reads only.
    Stable,
    /// May write.
    Volatile,
}

/// One input argument (IN, INOUT or VARIADIC).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Argument {
    /// Its name; empty when unnamed.
    pub name: String,
    /// Its type (the array type when variadic).
    pub ty: PgType,
    /// Whether it may be left out.
    pub has_default: bool,
    /// Whether it takes the rest of the arguments.
    pub variadic: bool,
}

/// A column of a TABLE, OUT or composite result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReturnColumn {
    /// Its name.
    pub name: String,
    /// Its type.
    pub ty: PgType,
}

/// What a function returns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Returns {
    /// Nothing.
    Void,
    /// One value, or a set of values.
    Scalar(PgType),
    /// Rows of a known relation's row type.
    Relation(RelationName),
    /// Rows with the columns of TABLE, several OUT arguments or a composite type.
    Columns(Vec<ReturnColumn>),
    /// `record` without a column list.
    Record,
}

/// One function; overloads are separate entries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Function {
    /// Its full name.
    pub name: FunctionName,
    /// `pg_proc.oid`.
    pub oid: u32,
    /// Its input arguments in order.
    pub arguments: Vec<Argument>,
    /// What it returns.
    pub returns: Returns,
    /// Whether it returns a set.
    pub returns_set: bool,
    /// Whether its set has one row at most, as it says itself (`ROWS 1`).
    pub one_row: bool,
    /// Its volatility.
    pub volatility: Volatility,
    /// `SECURITY DEFINER`.
    pub security_definer: bool,
    /// Whether `SET search_path` is fixed on it.
    pub fixed_search_path: bool,
    /// What it sets for the transaction that it is called in.
    pub settings: FunctionSettings,
    /// `COMMENT ON FUNCTION`.
    pub comment: Option<String>,
}

/// `SET` clauses of a function that must be in force before its call begins to count.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FunctionSettings {
    /// `SET statement_timeout`, in milliseconds; 0 is for ever.
    pub statement_timeout_ms: Option<u64>,
    /// `SET default_transaction_isolation`.
    pub isolation: Option<Isolation>,
}

/// An isolation level that Postgres tells apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are SQL's")]
pub enum Isolation {
    ReadCommitted,
    RepeatableRead,
    Serializable,
}

impl FunctionSettings {
    /// Reads `pg_proc.proconfig`: `name=value` texts, of which most are no matter of ours.
    pub fn read<'s>(config: impl IntoIterator<Item = &'s str>) -> Self {
        let mut settings = Self::default();
        for (name, value) in config.into_iter().filter_map(|it| it.split_once('=')) {
            match name.to_ascii_lowercase().as_str() {
                "statement_timeout" => settings.statement_timeout_ms = milliseconds(value),
                "default_transaction_isolation" => settings.isolation = isolation(value),
                _ => {}
            }
        }
        settings
    }
}

fn isolation(value: &str) -> Option<Isolation> {
    match value.to_ascii_lowercase().as_str() {
        "serializable" => Some(Isolation::Serializable),
        "repeatable read" => Some(Isolation::RepeatableRead),
        "read committed" | "read uncommitted" => Some(Isolation::ReadCommitted),
        _ => None,
    }
}

/// A duration in Postgres's notation; without a unit it is milliseconds.
fn milliseconds(value: &str) -> Option<u64> {
    let value = value.trim();
    let digits = value.find(|it: char| !it.is_ascii_digit());
    let (number, unit) = value.split_at(digits.unwrap_or(value.len()));
    let factor = match unit.trim() {
        "" | "ms" => 1,
        "s" => 1_000,
        "min" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(factor)
}

impl Function {
    /// The media type that its value is by the name of its type, such as the domain `text/html`.
    pub fn media_type(&self) -> Option<&PgType> {
        match &self.returns {
            Returns::Scalar(ty) if !self.returns_set && ty.is_media_type() => Some(ty),
            _ => None,
        }
    }

    /// The relation whose row is the function's one argument: a computed column or relationship of
    /// that relation, if it exists.
    pub fn takes_row_of(&self) -> Option<RelationName> {
        match self.arguments.as_slice() {
            [row] if row.ty.kind == TypeKind::Composite && !row.variadic => {
                Some(RelationName::new(&*row.ty.schema, &*row.ty.name))
            }
            _ => None,
        }
    }

    /// Of what an aggregate makes a media type: of rows of this relation, or of any rows. `None`
    /// when it is no such aggregate.
    pub fn handled_rows(&self) -> Option<Option<RelationName>> {
        self.media_type()?;
        match self.arguments.as_slice() {
            [any] if any.ty.kind == TypeKind::Pseudo && any.ty.name == "anyelement" => Some(None),
            _ => self.takes_row_of().map(Some),
        }
    }

    /// Whether it yields at most one row.
    pub fn yields_one(&self) -> bool {
        !self.returns_set || self.one_row
    }

    /// The signature that policy files use: `public.f(int8,public.mood)` with input `typname`s,
    /// which have a schema outside of `pg_catalog`.
    pub fn signature(&self) -> String {
        let types: Vec<_> = self
            .arguments
            .iter()
            .map(|it| it.ty.signature_name())
            .collect();
        format!("{}({})", self.name, types.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_read_in_the_notation_of_postgres() {
        let read = |config: &[&str]| FunctionSettings::read(config.iter().copied());

        let both = read(&[
            "search_path=\"\"",
            "statement_timeout=10s",
            "default_transaction_isolation=REPEATABLE READ",
        ]);

        assert_eq!(both.statement_timeout_ms, Some(10_000));
        assert_eq!(both.isolation, Some(Isolation::RepeatableRead));
        assert_eq!(
            read(&["statement_timeout=250"]).statement_timeout_ms,
            Some(250)
        );
        assert_eq!(read(&["statement_timeout=1.5s"]).statement_timeout_ms, None);
        assert_eq!(read(&["work_mem=1MB"]), FunctionSettings::default());
    }
}
