//! What a form says: which fields were changed, to what, and which of them somebody else changed.
//!
//! A field `v.<column>` is the value, `n.<column>` says that there is none, `p.<column>` is a row
//! that was picked, `w.<column>` is the mark of what the form showed.

use postern_catalog::Column;
use serde::de::IgnoredAny;
use serde_json::Value;

use super::fields::{Fields, mark};
use crate::form::Form;
use crate::refusal::Refusal;

/// The fields that a form would change.
pub(crate) struct Typed {
    changes: Vec<(Column, Option<String>)>,
    conflicts: Vec<String>,
}

impl Typed {
    /// Reads a form against the row as it is now.
    pub(crate) fn read(form: &Form, current: &Fields) -> Self {
        let mut typed = Self {
            changes: Vec::new(),
            conflicts: Vec::new(),
        };
        for field in current.all().iter().filter(|it| it.is_open()) {
            let column = &field.column;
            let shown = form.text(&format!("w.{}", column.name));
            if shown.is_empty() {
                continue;
            }
            let value = value(form, column);
            if mark(value.as_deref()) == shown {
                continue;
            }
            if field.mark != shown {
                typed.conflicts.push(column.name.clone());
            }
            typed.changes.push((column.clone(), value));
        }
        typed
    }

    /// Reads the form of a row that is to be: what is left empty is left to the database.
    pub(crate) fn new_row(form: &Form, none: &Fields) -> Self {
        let open = none.all().iter().filter(|it| it.is_open());
        let given = open.filter_map(|field| {
            let name = &field.column.name;
            let is_null = form.has(&format!("n.{name}"));
            let value = value(form, &field.column);
            let is_given = is_null || value.as_deref().is_some_and(|it| !it.is_empty());
            is_given.then(|| (field.column.clone(), value))
        });
        Self {
            changes: given.collect(),
            conflicts: Vec::new(),
        }
    }

    /// The columns with their new values.
    pub(crate) fn changes(&self) -> &[(Column, Option<String>)] {
        &self.changes
    }

    /// The columns that somebody else changed meanwhile.
    pub(crate) fn conflicts(&self) -> &[String] {
        &self.conflicts
    }

    /// The fields as they are now, with what was typed in those that were changed.
    pub(crate) fn over(&self, mut current: Fields) -> Fields {
        for field in current.all_mut() {
            let changed = self
                .changes
                .iter()
                .find(|it| it.0.name == field.column.name);
            if let Some((_, value)) = changed {
                field.value.clone_from(value);
                field.is_blamed = self.conflicts.contains(&field.column.name);
            }
        }
        current
    }
}

/// What a form says that a column shall hold.
fn value(form: &Form, column: &Column) -> Option<String> {
    let name = &column.name;
    let text = match form.text(&format!("p.{name}")) {
        "" => form.text(&format!("v.{name}")),
        picked => picked,
    };
    if form.has(&format!("n.{name}")) {
        return None;
    }
    // Only texts can be empty; of anything else it means that there is nothing.
    if text.is_empty() && !column.ty.is_text() {
        return None;
    }
    Some(text.replace("\r\n", "\n"))
}

/// The body that sets these columns, as JSON. Values are texts, which Postgres reads as values of
/// the column's type; JSON stands there as it was typed, so that no number in it changes.
pub(crate) fn body(changes: &[(Column, Option<String>)]) -> Result<String, Box<Refusal>> {
    let mut body = String::from("{");
    for (column, value) in changes {
        if body.len() > 1 {
            body.push(',');
        }
        body.push_str(&Value::from(column.name.as_str()).to_string());
        body.push(':');
        match value {
            None => body.push_str("null"),
            Some(text) if column.ty.is_json() => {
                let read = serde_json::from_str::<IgnoredAny>(text);
                read.map_err(|error| Box::new(no_json(&column.name, &error)))?;
                body.push_str(text);
            }
            Some(text) => body.push_str(&Value::from(text.as_str()).to_string()),
        }
    }
    body.push('}');
    Ok(body)
}

fn no_json(column: &str, error: &serde_json::Error) -> Refusal {
    let mut refusal = Refusal::gone();
    refusal.status = actix_web::http::StatusCode::BAD_REQUEST;
    refusal.message = t!("row.no_json", column, error);
    refusal
}
