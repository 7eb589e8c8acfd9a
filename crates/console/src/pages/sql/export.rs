//! A statement's rows as a file: what was read, as CSV or JSON.

use actix_web::HttpResponse;
use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use postern_db::console::SqlRan;
use serde_json::{Map, Value};

use super::runs;
use crate::answer::Answer;
use crate::csv;
use crate::failure::Failure;
use crate::visit::Visit;

/// `GET /console/sql/{id}/runs/{run}/{file}`: `1.csv` holds the rows of the first statement.
pub(crate) async fn send(visit: &Visit) -> Answer {
    let run = runs::find(visit)?;
    let (number, ending) = visit
        .segment("file")
        .split_once('.')
        .ok_or(Failure::Missing)?;
    let number: usize = number.parse().map_err(|_| Failure::Missing)?;
    let report = run.report().ok_or(Failure::Missing)?;
    let ran = report.ran.get(number.wrapping_sub(1));
    let ran = ran.ok_or(Failure::Missing)?;
    let (media, text) = match ending {
        "csv" => ("text/csv; charset=utf-8", as_csv(ran)),
        "json" => ("application/json", as_json(ran)),
        _ => return Err(Failure::Missing),
    };
    let name = format!("attachment; filename=\"rows-{number}.{ending}\"");
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, media))
        .insert_header((CONTENT_DISPOSITION, name))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .body(text))
}

fn as_csv(ran: &SqlRan) -> String {
    let mut out = String::new();
    csv::line(
        &mut out,
        ran.columns.iter().map(|it| Some(it.name.as_str())),
    );
    for row in &ran.rows {
        csv::line(&mut out, row.iter().map(Option::as_deref));
    }
    out
}

/// An array of objects. Whole numbers that JavaScript can hold, truth values and JSON are what
/// they are; everything else is the text that Postgres writes.
fn as_json(ran: &SqlRan) -> String {
    let rows = ran.rows.iter().map(|row| {
        let cells = ran.columns.iter().zip(row);
        let cells = cells.map(|(column, cell)| (column.name.clone(), value(&column.ty, cell)));
        Value::Object(Map::from_iter(cells))
    });
    serde_json::to_string_pretty(&Value::Array(rows.collect())).unwrap_or_default()
}

fn value(ty: &str, cell: &Option<String>) -> Value {
    let Some(text) = cell else {
        return Value::Null;
    };
    let read = match ty {
        "bool" => Some(Value::Bool(text == "t")),
        "int2" | "int4" => text.parse::<i64>().ok().map(Value::from),
        "json" | "jsonb" => serde_json::from_str(text).ok(),
        _ => None,
    };
    read.unwrap_or_else(|| Value::String(text.clone()))
}
