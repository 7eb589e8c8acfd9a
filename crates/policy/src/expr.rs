//! The closed tree that predicates are lowered into.
//!
//! There is no node for anything that a policy may not say, so nothing else can be printed.
//! `query` matches on it exhaustively; `policy` alone builds it.

mod tree;

use postern_base::RelationName;

/// A value or condition in a policy.
#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    /// `TRUE` or `FALSE`.
    Bool(bool),
    /// `NULL`.
    Null,
    /// A number as written: digits, one point, an exponent.
    Number(String),
    /// A text literal, unescaped.
    Text(String),
    /// A column that exists, of the row in question or of a subquery's relation.
    Column {
        /// Whose column it is.
        source: Source,
        /// The column's name.
        name: String,
    },
    /// A part of the caller's verified token; always a bound parameter in SQL.
    Claim(Claim),
    /// An argument of the function being called (`arg.name` in functions.toml).
    Argument(String),
    /// `NOT x`.
    Not(Box<Expr>),
    /// All of them; `TRUE` when empty.
    And(Vec<Expr>),
    /// Any of them; `FALSE` when empty.
    Or(Vec<Expr>),
    /// `left op right`.
    Compare {
        /// The operator.
        op: Comparison,
        /// The left operand.
        left: Box<Expr>,
        /// The right operand.
        right: Box<Expr>,
    },
    /// `x IS [NOT] NULL|TRUE|FALSE`.
    Is {
        /// The operand.
        expr: Box<Expr>,
        /// What it is compared with.
        truth: Truth,
        /// Whether `NOT` stands there.
        negated: bool,
    },
    /// `x [NOT] IN (a, b)`.
    InList {
        /// The operand.
        expr: Box<Expr>,
        /// The list, never empty.
        list: Vec<Expr>,
        /// Whether `NOT` stands there.
        negated: bool,
    },
    /// `x [NOT] IN (SELECT …)`.
    InQuery {
        /// The operand.
        expr: Box<Expr>,
        /// The subquery, of one column.
        query: Box<Subquery>,
        /// Whether `NOT` stands there.
        negated: bool,
    },
    /// `[NOT] EXISTS (SELECT …)`.
    Exists {
        /// The subquery.
        query: Box<Subquery>,
        /// Whether `NOT` stands there.
        negated: bool,
    },
    /// `(SELECT …)` as a value.
    Scalar(Box<Subquery>),
    /// `x op ANY (array)`.
    AnyOf {
        /// The operand.
        expr: Box<Expr>,
        /// The operator.
        op: Comparison,
        /// The array.
        array: Box<Expr>,
    },
    /// `x [NOT] BETWEEN low AND high`.
    Between {
        /// The operand.
        expr: Box<Expr>,
        /// The lower bound.
        low: Box<Expr>,
        /// The upper bound.
        high: Box<Expr>,
        /// Whether `NOT` stands there.
        negated: bool,
    },
    /// `x [NOT] LIKE pattern` or `ILIKE`.
    Like {
        /// The operand.
        expr: Box<Expr>,
        /// The pattern.
        pattern: Box<Expr>,
        /// Whether letter case is ignored.
        ignore_case: bool,
        /// Whether `NOT` stands there.
        negated: bool,
    },
    /// `CASE [operand] WHEN … THEN … ELSE … END`.
    Case {
        /// What each WHEN is compared with, if given.
        operand: Option<Box<Expr>>,
        /// The `(WHEN, THEN)` pairs.
        branches: Vec<(Expr, Expr)>,
        /// The ELSE value; NULL when absent.
        otherwise: Option<Box<Expr>>,
    },
    /// `array[index]`.
    Subscript {
        /// The array.
        expr: Box<Expr>,
        /// The index.
        index: Box<Expr>,
    },
    /// `x::type`, the type being one of the allow list, as SQL text.
    Cast {
        /// The operand.
        expr: Box<Expr>,
        /// The type's canonical SQL name.
        ty: &'static str,
    },
    /// `left op right` on numbers, texts, arrays or dates.
    Arithmetic {
        /// The operator.
        op: Arithmetic,
        /// The left operand.
        left: Box<Expr>,
        /// The right operand.
        right: Box<Expr>,
    },
    /// `left op right` on JSON.
    Json {
        /// The operator.
        op: JsonOperator,
        /// The left operand.
        left: Box<Expr>,
        /// The right operand.
        right: Box<Expr>,
    },
    /// A call of an allow-listed function, or of an opaque one under `native = true`.
    Call {
        /// The function's schema: `pg_catalog` for built-ins.
        schema: String,
        /// The function's name.
        function: String,
        /// Its arguments.
        arguments: Vec<Expr>,
    },
}

/// Whose column an [`Expr::Column`] is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    /// The row that the rule decides on.
    Row,
    /// A relation of a subquery, by an alias that is unique within the whole bundle.
    Alias(String),
}

/// A part of the caller's token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Claim {
    /// `auth.uid()`: uuid.
    Uid,
    /// `auth.role()`: text.
    Role,
    /// `auth.email()`: text.
    Email,
    /// `auth.jwt()`: jsonb.
    Jwt,
}

/// Comparison operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Comparison {
    Eq,
    NotEq,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    IsDistinctFrom,
    IsNotDistinctFrom,
}

/// What `IS` compares with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Truth {
    Null,
    True,
    False,
    Unknown,
}

/// Arithmetic and concatenation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Arithmetic {
    Plus,
    Minus,
    Times,
    Concat,
}

/// Operators on JSON and arrays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JsonOperator {
    /// `->`
    Get,
    /// `->>`
    GetText,
    /// `#>`
    Path,
    /// `#>>`
    PathText,
    /// `@>`
    Contains,
    /// `?`
    HasKey,
}

/// `SELECT value FROM … WHERE …`: the one form of subquery that a policy may hold.
#[derive(Clone, Debug, PartialEq)]
pub struct Subquery {
    /// The selected value; a constant for EXISTS.
    pub select: Expr,
    /// The relations, joined by `condition`; never empty.
    pub from: Vec<FromItem>,
    /// Join conditions and WHERE together.
    pub condition: Expr,
    /// Whether the relations are filtered by the caller's own policies (`scope = "caller"`).
    pub as_caller: bool,
}

/// A relation in a subquery's FROM.
#[derive(Clone, Debug, PartialEq)]
pub struct FromItem {
    /// The relation.
    pub relation: RelationName,
    /// Its alias, unique within the bundle; it starts with `pol_`.
    pub alias: String,
}
