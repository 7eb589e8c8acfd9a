//! What the refused constructs are called, and what to write instead.
//!
//! The match is exhaustive: a construct that a newer parser knows does not compile until somebody
//! has decided about it here.

use sqlparser::ast::Expr as Tree;

const PLAIN: &str = "write it with comparisons, AND, OR, NOT, IN, EXISTS and the listed functions";

/// The name of a construct and the way out. Those that are lowered are named as well, for the
/// messages about their parts.
pub(crate) fn describe(tree: &Tree) -> (&'static str, &'static str) {
    match tree {
        Tree::JsonAccess { .. } => ("`:` access", "use `->` and `->>`"),
        Tree::IsJson { .. } => ("`IS JSON`", PLAIN),
        Tree::IsNormalized { .. } => ("`IS NORMALIZED`", PLAIN),
        Tree::InUnnest { .. } => ("`IN UNNEST`", "use `= ANY (array)`"),
        Tree::SimilarTo { .. } => ("`SIMILAR TO`", "use `LIKE`"),
        Tree::RLike { .. } => ("a regular expression", "use `LIKE`"),
        Tree::AllOp { .. } => ("`ALL (…)`", "use `NOT IN (…)`"),
        Tree::Convert { .. } => ("`CONVERT`", "use `::type`"),
        Tree::AtTimeZone { .. } => ("`AT TIME ZONE`", "compare values of type timestamptz"),
        Tree::Position { .. } => ("`POSITION`", "use `LIKE` or `starts_with()`"),
        Tree::Overlay { .. } => ("`OVERLAY`", "use `left()`, `right()` and `||`"),
        Tree::Collate { .. } => ("`COLLATE`", "give the column the collation"),
        Tree::Prefixed { .. } => ("a prefixed literal", "write a plain literal"),
        Tree::GroupingSets(_) | Tree::Cube(_) | Tree::Rollup(_) => ("grouping", PLAIN),
        Tree::Tuple(_) => (
            "a row of values",
            "compare the values one by one, joined by AND",
        ),
        Tree::Struct { .. } | Tree::Named { .. } => ("a struct", PLAIN),
        Tree::Dictionary(_) | Tree::Map(_) => ("a map", PLAIN),
        Tree::Array(_) => (
            "an array constructor",
            "use `IN (…)`, or cast a literal: `'{a,b}'::text[]`",
        ),
        Tree::MatchAgainst { .. } => ("`MATCH AGAINST`", PLAIN),
        Tree::Wildcard(_) | Tree::QualifiedWildcard(..) => ("`*`", "name the column"),
        Tree::OuterJoin(_) => ("`(+)`", "use EXISTS"),
        Tree::Prior(_) => ("`PRIOR`", PLAIN),
        Tree::Lambda(_) => ("a lambda", PLAIN),
        Tree::MemberOf(_) => ("`MEMBER OF`", "use `@>`"),
        Tree::Identifier(_) | Tree::CompoundIdentifier(_) => ("a name", "name a column"),
        Tree::CompoundFieldAccess { .. } => ("access to a part", "write `(array)[1]`"),
        Tree::IsFalse(_)
        | Tree::IsNotFalse(_)
        | Tree::IsTrue(_)
        | Tree::IsNotTrue(_)
        | Tree::IsNull(_)
        | Tree::IsNotNull(_)
        | Tree::IsUnknown(_)
        | Tree::IsNotUnknown(_)
        | Tree::IsDistinctFrom(..)
        | Tree::IsNotDistinctFrom(..) => ("`IS`", PLAIN),
        Tree::InList { .. } | Tree::InSubquery { .. } => ("`IN`", PLAIN),
        Tree::Between { .. } => ("`BETWEEN`", PLAIN),
        Tree::BinaryOp { .. } => ("this operator", PLAIN),
        Tree::UnaryOp { .. } => ("this operator", PLAIN),
        Tree::Like { .. } | Tree::ILike { .. } => ("this form of `LIKE`", "write `x LIKE 'a%'`"),
        Tree::AnyOp { .. } => ("this form of `ANY`", "write `x = ANY (array)`"),
        Tree::Cast { .. } => ("this form of cast", "write `x::type`"),
        Tree::Extract { .. } => ("this form of `EXTRACT`", "write `extract(epoch from x)`"),
        Tree::Ceil { .. } | Tree::Floor { .. } => ("this form of rounding", "write `floor(x)`"),
        Tree::Substring { .. } => ("this form of `SUBSTRING`", "write `substring(x, 1, 2)`"),
        Tree::Trim { .. } => ("this form of `TRIM`", "write `btrim(x)`"),
        Tree::Nested(_) => ("parentheses", PLAIN),
        Tree::Value(_) => (
            "this kind of literal",
            "write a number, `'text'`, TRUE, FALSE or NULL",
        ),
        Tree::TypedString(_) => ("this typed literal", "write `'…'::type`"),
        Tree::Function(_) => ("this form of call", "write `name(argument, …)`"),
        Tree::Case { .. } => ("`CASE`", PLAIN),
        Tree::Exists { .. } => ("`EXISTS`", PLAIN),
        Tree::Subquery(_) => ("a subquery", PLAIN),
        Tree::Interval(_) => ("this form of interval", "write `interval '5 minutes'`"),
    }
}
