//! `and=(…)` and `or=(…)`, also below an embedded path and with `not.` in front.
//!
//! ```text
//! tree   = [ "not." ] ( "and" | "or" ) ws "(" ws branch *( ws "," ws branch ) ws ")" ws
//! branch = filter | tree
//! filter = field "." comparison
//! ```
//! A parameter's text must be the parenthesis of a tree: PostgREST reads `or=id.eq.1` as a filter
//! on a column `orid`, which nobody means.

use super::budget::Budget;
use super::cursor::{Cursor, Parsed, parse_whole};
use super::field::field;
use super::filter::{Comparison, comparison};
use super::name::{comma, dot, path};
use super::value::ValueForm;
use super::{Filter, Logic};
use crate::Error;

/// Parses a parameter such as `rel.not.or=(…)`: the embedded path and the tree.
pub(super) fn parse(
    key: &str,
    text: &str,
    budget: &mut Budget<'_>,
) -> Result<(Vec<String>, Logic), Error> {
    let names = parse_whole("logic path", key, key, path)?;
    let negated = names.iter().any(|it| it == "not");
    let (operator, embedded) = names
        .split_last()
        .map_or(("", &[][..]), |(last, rest)| (last.as_str(), rest));
    let path = embedded.iter().filter(|it| *it != "not").cloned().collect();
    let not = if negated { "not." } else { "" };
    // Columns in error messages count from the operator on, as PostgREST's do.
    let whole = format!("{not}{operator}{text}");
    let tree = parse_whole("logic tree", text, &whole, |cursor| {
        let tree = tree(cursor, budget, 1)?;
        // COMPAT(postgrest 14): stray parentheses after the tree are passed over; anything else
        // could be a condition that somebody relies on.
        cursor.take_while(&[], |it| it == ')');
        Ok(tree)
    })?;
    Ok((path, tree))
}

fn branch(cursor: &mut Cursor<'_>, budget: &mut Budget<'_>, depth: usize) -> Parsed<Logic> {
    if let Some(filter) = cursor.attempt(|cursor| filter(cursor, budget))? {
        budget.filter()?;
        return Ok(Logic::Filter(filter));
    }
    tree(cursor, budget, depth)
}

fn tree(cursor: &mut Cursor<'_>, budget: &mut Budget<'_>, depth: usize) -> Parsed<Logic> {
    let negated = cursor.labelled("negation operator (not)", |cursor| {
        cursor.attempt(|cursor| {
            cursor.text("not")?;
            dot(cursor)
        })
    })?;
    let any = cursor.labelled("logic operator (and, or)", operator)?;
    cursor.whitespace();
    cursor.text("(")?;
    cursor.whitespace();
    Budget::logic_depth(depth)?;
    let mut children = vec![branch(cursor, budget, depth + 1)?];
    while comma(cursor)? {
        children.push(branch(cursor, budget, depth + 1)?);
    }
    cursor.whitespace();
    cursor.text(")")?;
    cursor.whitespace();
    Ok(Logic::Tree {
        negated: negated.is_some(),
        any,
        children,
    })
}

/// Reads `and` or `or`; `true` is `or`.
fn operator(cursor: &mut Cursor<'_>) -> Parsed<bool> {
    if cursor.attempt(|cursor| cursor.text("and"))?.is_some() {
        return Ok(false);
    }
    cursor.text("or")?;
    Ok(true)
}

fn filter(cursor: &mut Cursor<'_>, budget: &mut Budget<'_>) -> Parsed<Filter> {
    let field = field(cursor)?;
    dot(cursor)?;
    let Comparison { negated, operation } = comparison(cursor, ValueForm::InTree, budget)?;
    Ok(Filter {
        field,
        negated,
        operation,
    })
}
