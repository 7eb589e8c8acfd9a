//! Decides the conditions of roles from the claims alone, without a database.
//!
//! Three-valued as SQL is: NULL is not TRUE. What this cannot decide exactly as Postgres would
//! (the text form of a fraction, say) is an error of its own kind, which denies. What it could
//! never decide is refused at load by [`check_condition`].

mod check;
mod json;

use std::borrow::Cow;

use postern_base::Claims;
use serde_json::Value as Json;

use crate::{Claim, Comparison, Expr, JsonOperator, Truth};

pub(crate) use check::check_condition;

/// A value of a condition; what it takes from the claims it borrows, for this runs in each request.
#[derive(Clone, Debug, PartialEq)]
enum Value<'c> {
    Null,
    Bool(bool),
    Text(Cow<'c, str>),
    Json(Cow<'c, Json>),
}

/// The claims have a shape for which the answer is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Undecided;

/// Whether the condition is TRUE for these claims.
pub(crate) fn holds(condition: &Expr, claims: &Claims) -> Result<bool, Undecided> {
    Ok(truth(condition, claims)? == Some(true))
}

/// TRUE, FALSE or NULL.
fn truth(expr: &Expr, claims: &Claims) -> Result<Option<bool>, Undecided> {
    match value(expr, claims)? {
        Value::Null => Ok(None),
        Value::Bool(truth) => Ok(Some(truth)),
        Value::Text(_) | Value::Json(_) => Err(Undecided),
    }
}

fn value<'c>(expr: &'c Expr, claims: &'c Claims) -> Result<Value<'c>, Undecided> {
    match expr {
        Expr::Null => Ok(Value::Null),
        Expr::Bool(truth) => Ok(Value::Bool(*truth)),
        Expr::Text(text) => Ok(Value::Text(text.into())),
        Expr::Claim(claim) => Ok(of_claim(*claim, claims)),
        Expr::Not(inner) => Ok(of_truth(truth(inner, claims)?.map(|it| !it))),
        Expr::And(operands) => combine(operands, false, claims),
        Expr::Or(operands) => combine(operands, true, claims),
        Expr::Compare { op, left, right } => {
            compare(*op, &value(left, claims)?, &value(right, claims)?)
        }
        Expr::Is {
            expr,
            truth: what,
            negated,
        } => is(expr, *what, *negated, claims),
        Expr::InList {
            expr,
            list,
            negated,
        } => in_list(expr, list, *negated, claims),
        Expr::Json { op, left, right } => {
            of_json(*op, value(left, claims)?, &value(right, claims)?)
        }
        Expr::Cast { expr, ty } => cast(value(expr, claims)?, ty),
        _ => Err(Undecided),
    }
}

fn of_claim(claim: Claim, claims: &Claims) -> Value<'_> {
    fn text(claim: Option<&str>) -> Value<'_> {
        claim.map_or(Value::Null, |it| Value::Text(it.into()))
    }
    match claim {
        Claim::Uid => claims
            .uid()
            .map_or(Value::Null, |it| Value::Text(it.to_string().into())),
        Claim::Role => text(claims.role()),
        Claim::Email => text(claims.email()),
        Claim::Jwt => Value::Json(Cow::Borrowed(claims.as_value())),
    }
}

fn of_truth(truth: Option<bool>) -> Value<'static> {
    truth.map_or(Value::Null, Value::Bool)
}

/// AND (`decisive` is false) and OR (`decisive` is true): one decisive operand settles it.
fn combine(
    operands: &[Expr],
    decisive: bool,
    claims: &Claims,
) -> Result<Value<'static>, Undecided> {
    let truths: Vec<_> = operands.iter().map(|it| truth(it, claims)).collect();
    if truths.contains(&Ok(Some(decisive))) {
        return Ok(Value::Bool(decisive));
    }
    let truths: Vec<Option<bool>> = truths.into_iter().collect::<Result<_, _>>()?;
    let unknown = truths.contains(&None);
    Ok(of_truth((!unknown).then_some(!decisive)))
}

fn compare(
    op: Comparison,
    left: &Value<'_>,
    right: &Value<'_>,
) -> Result<Value<'static>, Undecided> {
    let null = *left == Value::Null || *right == Value::Null;
    let equal = left == right;
    match op {
        Comparison::IsDistinctFrom => Ok(Value::Bool(!equal)),
        Comparison::IsNotDistinctFrom => Ok(Value::Bool(equal)),
        Comparison::Eq | Comparison::NotEq if null => Ok(Value::Null),
        Comparison::Eq => Ok(Value::Bool(equal)),
        Comparison::NotEq => Ok(Value::Bool(!equal)),
        Comparison::Less
        | Comparison::LessOrEqual
        | Comparison::Greater
        | Comparison::GreaterOrEqual => Err(Undecided),
    }
}

fn is(
    expr: &Expr,
    what: Truth,
    negated: bool,
    claims: &Claims,
) -> Result<Value<'static>, Undecided> {
    let found = match what {
        Truth::Null => value(expr, claims)? == Value::Null,
        Truth::Unknown => truth(expr, claims)?.is_none(),
        Truth::True => truth(expr, claims)? == Some(true),
        Truth::False => truth(expr, claims)? == Some(false),
    };
    Ok(Value::Bool(found != negated))
}

fn in_list(
    expr: &Expr,
    list: &[Expr],
    negated: bool,
    claims: &Claims,
) -> Result<Value<'static>, Undecided> {
    let operand = value(expr, claims)?;
    let mut found = Some(false);
    for item in list {
        match compare(Comparison::Eq, &operand, &value(item, claims)?)? {
            Value::Bool(true) => {
                found = Some(true);
                break;
            }
            Value::Null => found = None,
            _ => {}
        }
    }
    Ok(of_truth(found.map(|it| it != negated)))
}

fn of_json<'c>(
    op: JsonOperator,
    left: Value<'c>,
    right: &Value<'_>,
) -> Result<Value<'c>, Undecided> {
    // NULL -> anything is NULL, and so is anything -> NULL.
    let Value::Json(left) = left else {
        return Ok(Value::Null);
    };
    let text = match right {
        Value::Null => return Ok(Value::Null),
        Value::Text(text) => text.as_ref(),
        Value::Json(part) if op == JsonOperator::Contains => {
            return Ok(Value::Bool(json::contains(&left, part)));
        }
        Value::Bool(_) | Value::Json(_) => return Err(Undecided),
    };
    let path = || json::path(text).ok_or(Undecided);
    match op {
        JsonOperator::Get => Ok(part(left, |it| json::field(it, text))),
        JsonOperator::GetText => json_text(json::field(&left, text)),
        JsonOperator::Path => path().map(|path| part(left, |it| json::follow(it, &path))),
        JsonOperator::PathText => json_text(json::follow(&left, &path()?)),
        JsonOperator::Contains => {
            let part = serde_json::from_str(text).map_err(|_| Undecided)?;
            Ok(Value::Bool(json::contains(&left, &part)))
        }
        JsonOperator::HasKey => Ok(Value::Bool(json::has_key(&left, text))),
    }
}

/// A part of a JSON value, borrowed where the whole is.
fn part<'c>(whole: Cow<'c, Json>, find: impl Fn(&Json) -> Option<&Json>) -> Value<'c> {
    let found = match whole {
        Cow::Borrowed(whole) => find(whole).map(Cow::Borrowed),
        Cow::Owned(whole) => find(&whole).cloned().map(Cow::Owned),
    };
    found.map_or(Value::Null, Value::Json)
}

/// The text of a JSON value where it is beyond doubt how Postgres writes it.
fn json_text(found: Option<&Json>) -> Result<Value<'static>, Undecided> {
    let text = match found {
        None | Some(Json::Null) => return Ok(Value::Null),
        Some(Json::String(text)) => text.clone(),
        Some(Json::Bool(truth)) => truth.to_string(),
        Some(Json::Number(number)) if number.is_i64() || number.is_u64() => number.to_string(),
        Some(Json::Number(_) | Json::Array(_) | Json::Object(_)) => return Err(Undecided),
    };
    Ok(Value::Text(text.into()))
}

fn cast<'c>(value: Value<'c>, ty: &str) -> Result<Value<'c>, Undecided> {
    match (value, ty) {
        (Value::Null, _) => Ok(Value::Null),
        (Value::Text(text), "text" | "varchar" | "uuid" | "text[]") => Ok(Value::Text(text)),
        (Value::Bool(truth), "text" | "varchar") => Ok(Value::Text(truth.to_string().into())),
        (Value::Bool(truth), "bool") => Ok(Value::Bool(truth)),
        (Value::Text(text), "bool") => bool_of(&text).map(Value::Bool).ok_or(Undecided),
        (Value::Text(text), "json" | "jsonb") => serde_json::from_str(&text)
            .map(|it| Value::Json(Cow::Owned(it)))
            .map_err(|_| Undecided),
        (Value::Json(json), "json" | "jsonb") => Ok(Value::Json(json)),
        _ => Err(Undecided),
    }
}

/// The spellings of `boolin` that are used; others are left undecided.
fn bool_of(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "t" | "true" | "y" | "yes" | "on" | "1" => Some(true),
        "f" | "false" | "n" | "no" | "off" | "0" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
