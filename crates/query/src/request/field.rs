//! A column with an optional JSON path.
//!
//! ```text
//! field = ws name *( arrow operand ) ws
//! arrow = "->>" | "->"
//! operand = [ "-" ] 1*digit                  ; before an arrow, "::", ".", ",", ")" or the end
//!         | quoted | key *( "-" key )
//! key   = 1*( any except "(-:.,>)" )
//! ```

use super::cursor::{Cursor, Parsed};
use super::failure::Expected;
use super::name::{dashed, name, quoted};
use super::{Field, JsonOperand, JsonStep};

/// Reads a column and its path, with space around.
pub(super) fn field(cursor: &mut Cursor<'_>) -> Parsed<Field> {
    cursor.whitespace();
    let field = Field {
        name: name(cursor)?,
        path: json_path(cursor)?,
    };
    cursor.whitespace();
    Ok(field)
}

/// Reads the arrows after a column, perhaps none.
pub(super) fn json_path(cursor: &mut Cursor<'_>) -> Parsed<Vec<JsonStep>> {
    let mut steps = Vec::new();
    while let Some(as_text) = arrow(cursor)? {
        let operand = operand(cursor)?;
        steps.push(JsonStep { as_text, operand });
    }
    Ok(steps)
}

fn arrow(cursor: &mut Cursor<'_>) -> Parsed<Option<bool>> {
    if cursor.attempt(|cursor| cursor.text("->>"))?.is_some() {
        return Ok(Some(true));
    }
    let plain = cursor.attempt(|cursor| cursor.text("->"))?;
    Ok(plain.map(|()| false))
}

fn operand(cursor: &mut Cursor<'_>) -> Parsed<JsonOperand> {
    if let Some(index) = cursor.attempt(index)? {
        return Ok(JsonOperand::Index(index));
    }
    key(cursor).map(JsonOperand::Key)
}

fn index(cursor: &mut Cursor<'_>) -> Parsed<i32> {
    let negative = cursor.attempt(|cursor| cursor.text("-"))?.is_some();
    let digits = cursor.take_some(&[Expected::Label("digit")], |it| it.is_ascii_digit())?;
    index_end(cursor)?;
    // An index beyond 32 bits finds nothing, and so do the outermost ones.
    let size = digits.parse().unwrap_or(i32::MAX);
    Ok(if negative { -size } else { size })
}

fn index_end(cursor: &mut Cursor<'_>) -> Parsed<()> {
    // PostgREST does not end an index at ")" and so takes it for a key inside of embeds; an index
    // is meant there as elsewhere.
    let ended = cursor.looking_at("->")
        || cursor.looking_at("::")
        || cursor.looking_at(".")
        || cursor.looking_at(",")
        || cursor.peek() == Some(')');
    if ended { Ok(()) } else { cursor.end() }
}

fn key(cursor: &mut Cursor<'_>) -> Parsed<String> {
    cursor.labelled(
        "any non reserved character different from: .,>()",
        |cursor| {
            if cursor.peek() == Some('"') {
                return quoted(cursor);
            }
            dashed(cursor, |cursor| {
                let taken = cursor.take_some(&[], |it| !"(-:.,>)".contains(it))?;
                Ok(taken.trim())
            })
        },
    )
}
