//! Functions that can be called at `/rpc`.

use postern_base::{FunctionName, RelationName};

use crate::PgType;

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
    /// Its volatility.
    pub volatility: Volatility,
    /// `SECURITY DEFINER`.
    pub security_definer: bool,
    /// Whether `SET search_path` is fixed on it.
    pub fixed_search_path: bool,
    /// `COMMENT ON FUNCTION`.
    pub comment: Option<String>,
}

impl Function {
    /// The signature that policy files use: `public.f(int8,text)` with input `typname`s.
    pub fn signature(&self) -> String {
        let types: Vec<_> = self
            .arguments
            .iter()
            .map(|it| it.ty.name.as_str())
            .collect();
        format!("{}({})", self.name, types.join(","))
    }
}
