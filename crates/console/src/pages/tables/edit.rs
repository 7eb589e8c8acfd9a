//! Cells that were changed in the grid, saved row by row.
//!
//! Each row is written by itself, under the condition that its cells still hold what the grid
//! showed; the answer says for each row whether it was saved, and else why not.

use actix_web::HttpResponse;
use postern_catalog::Relation;
use postern_query::request::Method;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::ask::Ask;
use super::key;
use super::row::{body, is_comparable, note};
use super::table::Table;
use crate::answer::Answer;
use crate::failure::{Failure, sentence};
use crate::refusal::Refusal;
use crate::visit::Visit;

/// Most rows of one save.
const ROWS_MAX: usize = 500;

/// A row as the grid sends it.
#[derive(Deserialize)]
struct RowIn {
    key: String,
    cells: Vec<CellIn>,
}

/// A cell that was changed.
#[derive(Deserialize)]
struct CellIn {
    column: String,
    was: Option<String>,
    value: Option<String>,
}

/// What came of a row.
#[derive(Serialize)]
struct RowOut {
    key: String,
    saved: bool,
    message: String,
}

/// `POST /console/tables/{schema}.{table}/edit`
pub(crate) async fn save(visit: &Visit) -> Answer {
    let table = Table::of(visit)?;
    let relation = table.relation()?;
    if !relation.updatable || relation.primary_key.is_empty() {
        return Err(Failure::Missing);
    }
    let rows: Vec<RowIn> =
        serde_json::from_str(visit.form.text("rows")).map_err(|_| Failure::Missing)?;
    let mut answers = Vec::new();
    for row in rows.into_iter().take(ROWS_MAX) {
        let message = match save_row(visit, relation, &row).await? {
            Ok(()) => String::new(),
            Err(message) => message,
        };
        answers.push(RowOut {
            key: row.key,
            saved: message.is_empty(),
            message,
        });
    }
    Ok(HttpResponse::Ok().json(answers))
}

/// Saves one row; the inner error is what to tell of it.
async fn save_row(
    visit: &Visit,
    relation: &Relation,
    row: &RowIn,
) -> Result<Result<(), String>, Failure> {
    let ask = match request(relation, row) {
        Ok(ask) => ask,
        Err(refusal) => return Ok(Err(refusal.text())),
    };
    match ask.send(visit).await {
        Ok(found) if found.touched == 0 => Ok(Err(t!("edit.conflict").to_owned())),
        Ok(_) => {
            let columns: Vec<_> = row.cells.iter().map(|it| it.column.as_str()).collect();
            let table = relation.name.to_string();
            let traits = json!({ "table": table, "key": row.key, "columns": columns });
            note(visit, "row_updated", traits).await?;
            Ok(Ok(()))
        }
        Err(refusal) if refusal.cause.is_some() => Err(Failure::Data(refusal)),
        Err(refusal) => Ok(Err(sentence(&refusal.text()))),
    }
}

fn request(relation: &Relation, row: &RowIn) -> Result<Ask, Box<Refusal>> {
    let gone = || Box::new(Refusal::gone());
    let names = &relation.primary_key;
    let values = key::taken_apart(&row.key, names.len()).ok_or_else(gone)?;
    let mut ask = Ask::new(Method::Patch, &relation.name);
    for (name, value) in names.iter().zip(&values) {
        ask = ask.filtered(name, &format!("eq.{value}"));
    }
    let mut changes = Vec::new();
    for cell in &row.cells {
        let column = relation.column(&cell.column).ok_or_else(gone)?;
        // What cannot be compared is edited on the row's own page.
        if !is_comparable(column) {
            return Err(gone());
        }
        let was = cell.was.as_ref().map(|it| format!("eq.{it}"));
        ask = ask.filtered(&column.name, was.as_deref().unwrap_or("is.null"));
        changes.push((column.clone(), cell.value.clone()));
    }
    Ok(ask
        .preferring("handling=strict, max-affected=1")
        .with_body(body(&changes)?))
}
