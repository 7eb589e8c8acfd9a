//! `order=`: by columns, JSON paths, and columns of to-one embedded resources.
//!
//! ```text
//! order = term *( "," term )
//! term  = ws ( name "(" field ")" | field ) [ ".asc" | ".desc" ]
//!            [ ".nullsfirst" | ".nullslast" ] ws           ; then "," or the end
//! ```

use super::budget::Budget;
use super::cursor::{Cursor, Parsed, parse_whole};
use super::field::field;
use super::name::{dot, name};
use super::{Field, OrderTerm};
use crate::Error;

/// Parses the parameter's text.
pub(super) fn parse(text: &str) -> Result<Vec<OrderTerm>, Error> {
    parse_whole("order", text, text, |cursor| {
        let mut terms = vec![term(cursor)?];
        while cursor.attempt(|cursor| cursor.text(","))?.is_some() {
            terms.push(term(cursor)?);
            Budget::order_terms(terms.len())?;
        }
        Ok(terms)
    })
}

fn term(cursor: &mut Cursor<'_>) -> Parsed<OrderTerm> {
    cursor.whitespace();
    let term = match cursor.attempt(related_term)? {
        Some(term) => term,
        None => {
            let field = field(cursor)?;
            directed(cursor, None, field)?
        }
    };
    cursor.whitespace();
    Ok(term)
}

fn related_term(cursor: &mut Cursor<'_>) -> Parsed<OrderTerm> {
    let relation = name(cursor)?;
    cursor.text("(")?;
    let field = field(cursor)?;
    cursor.text(")")?;
    directed(cursor, Some(relation), field)
}

fn directed(cursor: &mut Cursor<'_>, relation: Option<String>, field: Field) -> Parsed<OrderTerm> {
    let descending = either(cursor, [("asc", false), ("desc", true)])?;
    let nulls_first = either(cursor, [("nullsfirst", true), ("nullslast", false)])?;
    term_end(cursor)?;
    Ok(OrderTerm {
        relation,
        field,
        descending,
        nulls_first,
    })
}

fn either(cursor: &mut Cursor<'_>, words: [(&'static str, bool); 2]) -> Parsed<Option<bool>> {
    for (word, meaning) in words {
        let found = cursor.attempt(|cursor| {
            dot(cursor)?;
            cursor.text(word)
        })?;
        if found.is_some() {
            return Ok(Some(meaning));
        }
    }
    Ok(None)
}

fn term_end(cursor: &mut Cursor<'_>) -> Parsed<()> {
    cursor.whitespace();
    if cursor.looking_at(",") {
        return Ok(());
    }
    cursor.end()
}
