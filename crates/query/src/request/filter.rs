//! The comparison of a filter: what stands after `column=`.
//!
//! ```text
//! comparison = [ "not." ] operation
//! operation  = "in." list | "is." is-value | "isdistinct." value
//!            | fts [ "(" identifier ")" ] "." value
//!            | plain "." value
//!            | quantifiable [ "(any)" | "(all)" ] "." value
//! is-value   = "null" | "not_null" | "true" | "false" | "unknown"    ; letters of any case
//! fts        = "fts" | "plfts" | "phfts" | "wfts"
//! plain      = "neq" | "cs" | "cd" | "ov" | "sl" | "sr" | "nxr" | "nxl" | "adj"
//! quantifiable = "eq" | "gte" | "gt" | "lte" | "lt" | "like" | "ilike" | "match" | "imatch"
//! ```
//! `value` and `list` are in [`super::value`].

use super::budget::Budget;
use super::cursor::{Cursor, Parsed, Stop, parse_whole};
use super::field::json_path;
use super::name::{dot, identifier, path};
use super::value::{self, ValueForm};
use super::{Field, FullText, IsValue, Operation, Operator};
use crate::Error;

const PLAIN: [(&str, Operator); 9] = [
    ("neq", Operator::Neq),
    ("cs", Operator::Contains),
    ("cd", Operator::Contained),
    ("ov", Operator::Overlaps),
    ("sl", Operator::StrictlyLeft),
    ("sr", Operator::StrictlyRight),
    ("nxr", Operator::NotRightOf),
    ("nxl", Operator::NotLeftOf),
    ("adj", Operator::Adjacent),
];

const QUANTIFIABLE: [(&str, Operator); 9] = [
    ("eq", Operator::Eq),
    ("gte", Operator::Gte),
    ("gt", Operator::Gt),
    ("lte", Operator::Lte),
    ("lt", Operator::Lt),
    ("like", Operator::Like),
    ("ilike", Operator::Ilike),
    ("match", Operator::Match),
    ("imatch", Operator::Imatch),
];

const FULL_TEXT: [(&str, FullText); 4] = [
    ("fts", FullText::Plain),
    ("plfts", FullText::Words),
    ("phfts", FullText::Phrase),
    ("wfts", FullText::Web),
];

const IS_VALUES: [(&str, IsValue); 5] = [
    ("null", IsValue::Null),
    ("not_null", IsValue::NotNull),
    ("true", IsValue::True),
    ("false", IsValue::False),
    ("unknown", IsValue::Unknown),
];

/// A comparison and whether `not.` stands in front.
pub(super) struct Comparison {
    /// Whether `not.` stands in front.
    pub(super) negated: bool,
    /// The operation.
    pub(super) operation: Operation,
}

/// Parses the value of a filter parameter.
pub(super) fn parse(text: &str, budget: &mut Budget<'_>) -> Result<Comparison, Error> {
    parse_whole("filter", text, text, |cursor| {
        comparison(cursor, ValueForm::Whole, budget)
    })
}

/// Parses the name of a filter parameter: the embedded path and the column.
pub(super) fn parse_path(text: &str) -> Result<(Vec<String>, Field), Error> {
    parse_whole("tree path", text, text, |cursor| {
        let mut names = path(cursor)?;
        let name = names.pop().ok_or(Stop::Mismatch)?;
        let path = json_path(cursor)?;
        Ok((names, Field { name, path }))
    })
}

/// Reads a comparison.
pub(super) fn comparison(
    cursor: &mut Cursor<'_>,
    form: ValueForm,
    budget: &mut Budget<'_>,
) -> Parsed<Comparison> {
    let negated = cursor.attempt(|cursor| word(cursor, "not"))?.is_some();
    let operation = cursor.labelled("operator (eq, gt, ...)", |cursor| {
        operation(cursor, form, budget)
    })?;
    Ok(Comparison { negated, operation })
}

fn operation(
    cursor: &mut Cursor<'_>,
    form: ValueForm,
    budget: &mut Budget<'_>,
) -> Parsed<Operation> {
    if cursor.attempt(|cursor| word(cursor, "in"))?.is_some() {
        return Ok(Operation::In(value::list(cursor, budget)?));
    }
    if cursor.attempt(|cursor| word(cursor, "is"))?.is_some() {
        return Ok(Operation::Is(is_value(cursor)?));
    }
    if cursor
        .attempt(|cursor| word(cursor, "isdistinct"))?
        .is_some()
    {
        return Ok(Operation::IsDistinct(value::single(cursor, form)?));
    }
    if let Some((kind, config)) = cursor.attempt(full_text)? {
        let value = value::single(cursor, form)?;
        return Ok(Operation::FullText {
            kind,
            config,
            value,
        });
    }
    if let Some(operator) = cursor.attempt(plain)? {
        let value = match operator {
            Operator::Neq => value::single(cursor, form)?,
            _ => value::range(cursor, form)?,
        };
        return Ok(Operation::Compare { operator, value });
    }
    let Some((operator, quantifier)) = cursor.attempt(quantifiable)? else {
        return Err(Stop::Mismatch);
    };
    let value = with_wildcards(operator, value::single(cursor, form)?);
    Ok(match quantifier {
        Some(all) => Operation::Quantified {
            operator,
            all,
            value,
        },
        None => Operation::Compare { operator, value },
    })
}

fn word(cursor: &mut Cursor<'_>, literal: &'static str) -> Parsed<()> {
    cursor.text(literal)?;
    dot(cursor)
}

fn is_value(cursor: &mut Cursor<'_>) -> Parsed<IsValue> {
    let label = "isVal: (null, not_null, true, false, unknown)";
    cursor.labelled(label, |cursor| {
        for (word, value) in IS_VALUES {
            if cursor.attempt(|cursor| cursor.caseless(word))?.is_some() {
                return Ok(value);
            }
        }
        Err(Stop::Mismatch)
    })
}

fn full_text(cursor: &mut Cursor<'_>) -> Parsed<(FullText, Option<String>)> {
    let kind = one_of(cursor, &FULL_TEXT)?;
    let config = cursor.attempt(|cursor| {
        cursor.text("(")?;
        let config = identifier(cursor)?.to_owned();
        cursor.text(")")?;
        Ok(config)
    })?;
    dot(cursor)?;
    Ok((kind, config))
}

fn plain(cursor: &mut Cursor<'_>) -> Parsed<Operator> {
    let operator = one_of(cursor, &PLAIN)?;
    dot(cursor)?;
    Ok(operator)
}

/// Reads an operator and its quantifier; `Some(true)` is `all`.
fn quantifiable(cursor: &mut Cursor<'_>) -> Parsed<(Operator, Option<bool>)> {
    let operator = one_of(cursor, &QUANTIFIABLE)?;
    let quantifier = cursor.attempt(|cursor| {
        cursor.text("(")?;
        let all = one_of(cursor, &[("any", false), ("all", true)])?;
        cursor.text(")")?;
        Ok(all)
    })?;
    dot(cursor)?;
    Ok((operator, quantifier))
}

fn one_of<T: Copy>(cursor: &mut Cursor<'_>, words: &[(&'static str, T)]) -> Parsed<T> {
    for (word, meaning) in words {
        if cursor.attempt(|cursor| cursor.text(word))?.is_some() {
            return Ok(*meaning);
        }
    }
    Err(Stop::Mismatch)
}

/// COMPAT(postgrest 14): `*` stands for `%`, which would need escaping in an address.
fn with_wildcards(operator: Operator, value: String) -> String {
    match operator {
        Operator::Like | Operator::Ilike => value.replace('*', "%"),
        _ => value,
    }
}
