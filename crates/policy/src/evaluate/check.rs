//! Which conditions can be decided from claims: their kinds, worked out at load.

use super::json;
use crate::{Claim, Comparison, Expr, JsonOperator, Truth};

/// The kind of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Bool,
    Text,
    /// Text in the canonical form of a UUID.
    Uuid,
    Json,
    /// A literal that takes the kind of its surroundings.
    Literal,
    Null,
}

/// What stands in the way, as the end of a sentence.
type Problem = String;

/// Checks that the whole is a condition which [`super::holds`] decides.
pub(crate) fn check_condition(expr: &Expr) -> Result<(), Problem> {
    condition(expr)
}

fn condition(expr: &Expr) -> Result<(), Problem> {
    match kind(expr)? {
        Kind::Bool | Kind::Null => Ok(()),
        _ => Err("it must be a comparison, not a value".into()),
    }
}

fn kind(expr: &Expr) -> Result<Kind, Problem> {
    match expr {
        Expr::Bool(_) => Ok(Kind::Bool),
        Expr::Null => Ok(Kind::Null),
        Expr::Text(_) => Ok(Kind::Literal),
        Expr::Claim(Claim::Uid) => Ok(Kind::Uuid),
        Expr::Claim(Claim::Role | Claim::Email) => Ok(Kind::Text),
        Expr::Claim(Claim::Jwt) => Ok(Kind::Json),
        Expr::Not(inner) => condition(inner).map(|()| Kind::Bool),
        Expr::And(operands) | Expr::Or(operands) => {
            operands.iter().try_for_each(condition)?;
            Ok(Kind::Bool)
        }
        Expr::Compare { op, left, right } => {
            comparable(*op)?;
            same_kind(left, right).map(|()| Kind::Bool)
        }
        Expr::InList {
            expr,
            list,
            negated: _,
        } => {
            list.iter().try_for_each(|it| same_kind(expr, it))?;
            Ok(Kind::Bool)
        }
        Expr::Is {
            expr,
            truth: Truth::Null,
            negated: _,
        } => kind(expr).map(|_| Kind::Bool),
        Expr::Is { expr, .. } => condition(expr).map(|()| Kind::Bool),
        Expr::Json { op, left, right } => json_kind(*op, left, right),
        Expr::Cast { expr, ty } => cast_kind(expr, ty),
        Expr::Number(_) => Err("numbers cannot be compared; compare texts with `->>`".into()),
        Expr::Column { .. } | Expr::InQuery { .. } | Expr::Exists { .. } | Expr::Scalar(_) => {
            Err("it cannot read tables".into())
        }
        Expr::Argument(_)
        | Expr::AnyOf { .. }
        | Expr::Between { .. }
        | Expr::Like { .. }
        | Expr::Case { .. }
        | Expr::Subscript { .. }
        | Expr::Arithmetic { .. }
        | Expr::Call { .. } => {
            Err("it can only hold =, <>, IN, IS, AND, OR, NOT and JSON operators".into())
        }
    }
}

fn comparable(op: Comparison) -> Result<(), Problem> {
    match op {
        Comparison::Eq
        | Comparison::NotEq
        | Comparison::IsDistinctFrom
        | Comparison::IsNotDistinctFrom => Ok(()),
        Comparison::Less
        | Comparison::LessOrEqual
        | Comparison::Greater
        | Comparison::GreaterOrEqual => Err("it can only compare for equality".into()),
    }
}

fn same_kind(left: &Expr, right: &Expr) -> Result<(), Problem> {
    match (kind(left)?, kind(right)?) {
        (Kind::Null, _) | (_, Kind::Null) => Ok(()),
        (Kind::Text | Kind::Literal, Kind::Text | Kind::Literal) => Ok(()),
        (Kind::Bool, Kind::Bool) | (Kind::Uuid, Kind::Uuid) => Ok(()),
        (Kind::Uuid, Kind::Literal) => canonical_uuid(right),
        (Kind::Literal, Kind::Uuid) => canonical_uuid(left),
        (Kind::Json, _) | (_, Kind::Json) => {
            Err("JSON cannot be compared; take the text with `->>`".into())
        }
        _ => Err("both sides of a comparison must be of one type".into()),
    }
}

fn canonical_uuid(literal: &Expr) -> Result<(), Problem> {
    let is_canonical = |text: &str| {
        text.len() == 36
            && text.char_indices().all(|(index, it)| match index {
                8 | 13 | 18 | 23 => it == '-',
                _ => it.is_ascii_digit() || ('a'..='f').contains(&it),
            })
    };
    match literal {
        Expr::Text(text) if is_canonical(text) => Ok(()),
        _ => Err("a UUID must be written in lower case with hyphens".into()),
    }
}

fn json_kind(op: JsonOperator, left: &Expr, right: &Expr) -> Result<Kind, Problem> {
    if kind(left)? != Kind::Json {
        return Err("JSON operators need `auth.jwt()` on the left".into());
    }
    let text = match right {
        Expr::Text(text) => text,
        Expr::Cast { expr, ty } => match (expr.as_ref(), *ty, op) {
            (Expr::Text(text), "text" | "varchar", JsonOperator::Get | JsonOperator::GetText) => {
                text
            }
            (Expr::Text(text), "text[]", JsonOperator::Path | JsonOperator::PathText) => text,
            (Expr::Text(text), "jsonb", JsonOperator::Contains) => text,
            (Expr::Text(text), "text", JsonOperator::HasKey) => text,
            _ => return Err("JSON operators need a literal on the right".into()),
        },
        _ => return Err("JSON operators need a literal on the right".into()),
    };
    match op {
        JsonOperator::Get => Ok(Kind::Json),
        JsonOperator::GetText => Ok(Kind::Text),
        JsonOperator::HasKey => Ok(Kind::Bool),
        JsonOperator::Path | JsonOperator::PathText if json::path(text).is_none() => {
            Err("a path is written as `'{app_metadata,role}'`, without quotes inside".into())
        }
        JsonOperator::Path => Ok(Kind::Json),
        JsonOperator::PathText => Ok(Kind::Text),
        JsonOperator::Contains => match serde_json::from_str::<serde_json::Value>(text) {
            Ok(_) => Ok(Kind::Bool),
            Err(_) => Err("the right side of `@>` must be valid JSON".into()),
        },
    }
}

fn cast_kind(expr: &Expr, ty: &str) -> Result<Kind, Problem> {
    match (kind(expr)?, ty) {
        (Kind::Text | Kind::Literal | Kind::Bool | Kind::Uuid | Kind::Null, "text" | "varchar") => {
            Ok(Kind::Text)
        }
        (Kind::Text | Kind::Literal | Kind::Bool | Kind::Null, "bool") => Ok(Kind::Bool),
        (Kind::Uuid, "uuid") => Ok(Kind::Uuid),
        (Kind::Literal, "uuid") => canonical_uuid(expr).map(|()| Kind::Uuid),
        (Kind::Json, "jsonb") => Ok(Kind::Json),
        (Kind::Json, _) => Err("JSON cannot be cast; take the text with `->>`".into()),
        _ => Err(format!("it cannot cast this to {ty}")),
    }
}
