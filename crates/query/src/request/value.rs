//! Values of filters.
//!
//! ```text
//! single, of a parameter:     everything up to the end, taken as it is
//! single, in a logic tree:    quoted | braces | *( any except "," and ")" )
//! range, in a logic tree:     ( "[" | "(" ) bound "," bound ( "]" | ")" ) | single
//! list:                       ws "(" ws element *( "," element ) ws ")" ws
//! element:                    quoted | *( any except "," and ")" )
//! braces:                     "{" *( quoted text | braces | any ) "}"
//! ```
//! `quoted` counts only when a comma, a parenthesis or the end follows; else its quotes are
//! ordinary characters. `range` goes beyond PostgREST, where such values must be quoted.

use super::budget::Budget;
use super::cursor::{Cursor, Parsed};
use super::name::quoted;

/// Where a value stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ValueForm {
    /// It is the rest of a query parameter.
    Whole,
    /// It is inside of `and=(…)` or `or=(…)`.
    InTree,
}

/// Reads a single value.
pub(super) fn single(cursor: &mut Cursor<'_>, form: ValueForm) -> Parsed<String> {
    if form == ValueForm::Whole {
        return Ok(cursor.take_rest().to_owned());
    }
    if let Some(value) = cursor.attempt(quoted_alone)? {
        return Ok(value);
    }
    if let Some(value) = cursor.attempt(braces)? {
        return Ok(value);
    }
    Ok(bare(cursor).to_owned())
}

/// Reads the value of an operator on ranges and arrays.
pub(super) fn range(cursor: &mut Cursor<'_>, form: ValueForm) -> Parsed<String> {
    if form == ValueForm::InTree
        && let Some(value) = cursor.attempt(unquoted_range)?
    {
        return Ok(value);
    }
    single(cursor, form)
}

/// Reads the list of `in`.
pub(super) fn list(cursor: &mut Cursor<'_>, budget: &Budget<'_>) -> Parsed<Vec<String>> {
    cursor.whitespace();
    cursor.text("(")?;
    cursor.whitespace();
    let was_empty = cursor.peek() == Some(')');
    let mut elements = vec![element(cursor)?];
    while cursor.attempt(|cursor| cursor.text(","))?.is_some() {
        elements.push(element(cursor)?);
        budget.in_list(elements.len())?;
    }
    cursor.text(")")?;
    cursor.whitespace();
    if was_empty {
        elements.clear();
    }
    Ok(elements)
}

fn element(cursor: &mut Cursor<'_>) -> Parsed<String> {
    if let Some(value) = cursor.attempt(quoted_alone)? {
        return Ok(value);
    }
    Ok(bare(cursor).to_owned())
}

fn bare<'a>(cursor: &mut Cursor<'a>) -> &'a str {
    cursor.take_while(&[], |it| !matches!(it, ',' | ')'))
}

fn quoted_alone(cursor: &mut Cursor<'_>) -> Parsed<String> {
    let value = quoted(cursor)?;
    value_end(cursor)?;
    Ok(value)
}

fn value_end(cursor: &mut Cursor<'_>) -> Parsed<()> {
    match cursor.peek() {
        None | Some(',' | ')') => Ok(()),
        Some(_) => cursor.mismatch(),
    }
}

/// Reads an array literal, kept as it is; braces in quotes do not count.
fn braces(cursor: &mut Cursor<'_>) -> Parsed<String> {
    let rest = cursor.rest();
    let start = cursor.at();
    let mut depth = 0_usize;
    cursor.text("{")?;
    depth += 1;
    while depth > 0 {
        cursor.take_while(&[], |it| !matches!(it, '{' | '}' | '"'));
        match cursor.peek() {
            Some('"') => {
                quoted(cursor)?;
            }
            Some('{') => {
                cursor.text("{")?;
                depth += 1;
            }
            _ => {
                cursor.text("}")?;
                depth -= 1;
            }
        }
    }
    value_end(cursor)?;
    Ok(rest[..cursor.at() - start].to_owned())
}

fn unquoted_range(cursor: &mut Cursor<'_>) -> Parsed<String> {
    let rest = cursor.rest();
    let start = cursor.at();
    if cursor.attempt(|cursor| cursor.text("["))?.is_none() {
        cursor.text("(")?;
    }
    bound(cursor);
    cursor.text(",")?;
    bound(cursor);
    if cursor.attempt(|cursor| cursor.text("]"))?.is_none() {
        cursor.text(")")?;
    }
    match cursor.peek() {
        Some(',' | ')') => Ok(rest[..cursor.at() - start].to_owned()),
        _ => cursor.mismatch(),
    }
}

fn bound(cursor: &mut Cursor<'_>) {
    cursor.take_while(&[], |it| !matches!(it, ',' | '(' | ')' | '[' | ']'));
}
