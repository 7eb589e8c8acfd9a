//! Names as `select`, filters, `order`, `columns` and `on_conflict` write them.
//!
//! ```text
//! name       = quoted | identifier *( "-" identifier )     ; the "-" not followed by ">"
//! identifier = 1*( letter | digit | "_" | " " | "$" )      ; outer spaces do not count
//! quoted     = '"' *( '\' any | any except '"' and '\' ) '"'
//! names      = name *( ws "," ws name )
//! path       = name *( "." name )
//! ```

use std::collections::HashSet;

use super::budget::Budget;
use super::cursor::{Cursor, Parsed, parse_whole};
use super::failure::Expected;
use crate::Error;

const LETTER_OR_DIGIT: &[Expected] = &[Expected::Label("letter"), Expected::Label("digit")];

/// Reads a name.
pub(super) fn name(cursor: &mut Cursor<'_>) -> Parsed<String> {
    cursor.labelled("field name (* or [a..z0..9_$])", |cursor| {
        let name = match cursor.peek() {
            Some('"') => quoted(cursor)?,
            _ => dashed(cursor, identifier)?,
        };
        if name.is_empty() {
            return cursor.mismatch();
        }
        Ok(name)
    })
}

/// Reads an unquoted name without dashes: casts and text search configurations.
pub(super) fn identifier<'a>(cursor: &mut Cursor<'a>) -> Parsed<&'a str> {
    let taken = cursor.take_some(LETTER_OR_DIGIT, |it| {
        it.is_alphabetic() || it.is_ascii_digit() || matches!(it, '_' | ' ' | '$')
    })?;
    Ok(taken.trim())
}

/// Reads parts joined by dashes that do not begin an arrow.
pub(super) fn dashed<'a>(
    cursor: &mut Cursor<'a>,
    part: impl Fn(&mut Cursor<'a>) -> Parsed<&'a str>,
) -> Parsed<String> {
    let mut whole = part(cursor)?.to_owned();
    while cursor.attempt(dash)?.is_some() {
        whole.push('-');
        whole.push_str(part(cursor)?);
    }
    Ok(whole)
}

fn dash(cursor: &mut Cursor<'_>) -> Parsed<()> {
    cursor.text("-")?;
    cursor.not_followed_by('>')
}

/// Reads a text in double quotes, in which a backslash takes the next character as it is.
pub(super) fn quoted(cursor: &mut Cursor<'_>) -> Parsed<String> {
    let mut inner = String::new();
    cursor.text("\"")?;
    loop {
        inner.push_str(cursor.take_while(&[], |it| !matches!(it, '"' | '\\')));
        if cursor.attempt(|cursor| cursor.text("\\"))?.is_some() {
            inner.push(cursor.any()?);
        } else {
            cursor.text("\"")?;
            return Ok(inner);
        }
    }
}

/// Reads the delimiter of operators and paths.
pub(super) fn dot(cursor: &mut Cursor<'_>) -> Parsed<()> {
    cursor.labelled("delimiter (.)", |cursor| cursor.text("."))
}

/// Reads names separated by dots, at least one.
pub(super) fn path(cursor: &mut Cursor<'_>) -> Parsed<Vec<String>> {
    let mut names = vec![name(cursor)?];
    while cursor.attempt(dot)?.is_some() {
        names.push(name(cursor)?);
    }
    Ok(names)
}

/// Reads a comma with space around it; `false` when none comes.
pub(super) fn comma(cursor: &mut Cursor<'_>) -> Parsed<bool> {
    let found = cursor.attempt(|cursor| {
        cursor.whitespace();
        cursor.text(",")?;
        cursor.whitespace();
        Ok(())
    })?;
    Ok(found.is_some())
}

/// Parses `columns=` or `on_conflict=`: names in order of first appearance, each once.
pub(super) fn parse_names(parameter: &str, text: &str) -> Result<Vec<String>, Error> {
    let what = format!("{parameter} parameter");
    let mut seen = HashSet::new();
    let mut names = parse_whole(&what, text, text, |cursor| {
        let mut names = vec![name(cursor)?];
        while comma(cursor)? {
            names.push(name(cursor)?);
            Budget::select_items(names.len())?;
        }
        Ok(names)
    })?;
    names.retain(|it| seen.insert(it.clone()));
    Ok(names)
}
