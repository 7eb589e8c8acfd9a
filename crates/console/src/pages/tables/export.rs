//! The rows of a grid as a file: all that its filters let through, read page by page in the key's
//! order and sent as they come, so that no table is too large for it.
//!
//! SECURITY: spreadsheets run what begins like a formula (attack 80); in CSV such cells get an
//! apostrophe in front. JSON is exact.

use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::web::Bytes;
use futures_util::stream;
use postern_catalog::Relation;
use postern_query::request::Method;
use serde_json::{Map, Value, json};

use super::ask::{self, Ask, Asker};
use super::grid::columns;
use super::grid::rows::beyond;
use super::grid::sort::Way;
use super::grid::wish::Wish;
use super::row::note;
use super::table::Table;
use crate::answer::Answer;
use crate::csv;
use crate::failure::Failure;
use crate::refusal::Refusal;
use crate::visit::Visit;

/// Rows of the first request; the next ones ask for more while rows are short.
const ROWS_FIRST: u64 = 100;
/// Most rows of one request.
const ROWS_MAX: u64 = 1_000;
/// What the answer to one request should come to, in bytes.
const BYTES_WISHED: usize = 1024 * 1024;

/// The form of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Csv,
    Json,
}

/// `GET /console/tables/{schema}.{table}/export?format=csv`
pub(crate) async fn send(visit: &Visit) -> Answer {
    let table = Table::of(visit)?;
    let wish = Wish::read(&visit.query, &table)?;
    let form = match visit.query.text("format") {
        "json" => Form::Json,
        _ => Form::Csv,
    };
    let shown = columns::shown(&table, &wish)?;
    let names = shown.iter().map(|it| it.name.clone()).collect();
    let relation = table.relation()?.clone();
    let (media, ending) = match form {
        Form::Csv => ("text/csv; charset=utf-8", "csv"),
        Form::Json => ("application/json; charset=utf-8", "json"),
    };
    let file = file_name(&relation.name.name);
    let traits = json!({ "table": relation.name.to_string(), "format": ending });
    let reader = Reader {
        asker: Asker::of(visit),
        terms: terms(&relation),
        relation: Arc::new(relation),
        wish,
        names,
        form,
        rows: ROWS_FIRST,
        read: 0,
        last: None,
        stage: Stage::Start,
    };
    // What is refused at once is told on a page; later on the file ends early.
    let reader = reader.first().await.map_err(Failure::Data)?;
    note(visit, "rows_exported", traits).await?;
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, media))
        .insert_header((
            CONTENT_DISPOSITION,
            format!("attachment; filename=\"{file}.{ending}\""),
        ))
        .streaming(stream::try_unfold(reader, Reader::next)))
}

/// A name that every file system takes.
fn file_name(table: &str) -> String {
    let plain = |it: char| match it.is_ascii_alphanumeric() || "-_".contains(it) {
        true => it,
        false => '_',
    };
    table.chars().map(plain).take(80).collect()
}

/// The key's columns, where their values compare as their texts do after a round trip.
fn terms(relation: &Relation) -> Vec<String> {
    const EXACT: [&str; 8] = [
        "int2", "int4", "int8", "uuid", "text", "varchar", "date", "bpchar",
    ];
    let is_exact = |name: &String| {
        let column = relation.column(name);
        column.is_some_and(|it| EXACT.contains(&it.ty.operator_name()))
    };
    match relation.primary_key.iter().all(is_exact) {
        true => relation.primary_key.clone(),
        false => Vec::new(),
    }
}

/// Where the file is.
enum Stage {
    Start,
    /// These bytes are read and not sent yet.
    Ready(Bytes),
    End,
}

/// Reads the rows of a file.
struct Reader {
    asker: Asker,
    relation: Arc<Relation>,
    wish: Wish,
    names: Vec<String>,
    terms: Vec<String>,
    form: Form,
    /// How many rows the next request asks for.
    rows: u64,
    /// How many were read.
    read: u64,
    /// The key of the last row.
    last: Option<Vec<String>>,
    stage: Stage,
}

impl Reader {
    /// Reads as far as a refusal can still be told.
    async fn first(mut self) -> Result<Self, Box<Refusal>> {
        let text = self.piece().await?;
        let whole = match self.form {
            Form::Csv => {
                let mut head = String::new();
                csv::line(&mut head, self.names.iter().map(|it| Some(it.as_str())));
                head + &text
            }
            Form::Json => format!("[{text}"),
        };
        self.stage = Stage::Ready(Bytes::from(whole));
        Ok(self)
    }

    /// The next bytes of the file.
    async fn next(mut self) -> Result<Option<(Bytes, Self)>, Broken> {
        match std::mem::replace(&mut self.stage, Stage::Start) {
            Stage::Ready(bytes) => Ok(Some((bytes, self))),
            Stage::End => Ok(None),
            Stage::Start => {
                let text = self.piece().await.map_err(|it| Broken(it.text()))?;
                let text = match (text.is_empty(), self.form) {
                    (false, _) => text,
                    (true, form) => {
                        self.stage = Stage::End;
                        match form {
                            Form::Csv => return Ok(None),
                            Form::Json => "]\n".to_owned(),
                        }
                    }
                };
                Ok(Some((Bytes::from(text), self)))
            }
        }
    }

    /// Some rows more as the file has them; empty when there are none.
    async fn piece(&mut self) -> Result<String, Box<Refusal>> {
        let body = self.ask().send_raw(&self.asker).await?;
        let rows: Vec<Map<String, Value>> = serde_json::from_str(&body).unwrap_or_default();
        let Some(last) = rows.last() else {
            return Ok(String::new());
        };
        self.last = (!self.terms.is_empty()).then(|| {
            let value = |name: &String| match last.get(name) {
                Some(Value::String(text)) => text.clone(),
                Some(other) => other.to_string(),
                None => String::new(),
            };
            self.terms.iter().map(value).collect()
        });
        let is_first = self.read == 0;
        self.read += u64::try_from(rows.len()).unwrap_or(0);
        self.rows = match body.len() {
            small if small < BYTES_WISHED / 2 => (self.rows * 2).min(ROWS_MAX),
            large if large > BYTES_WISHED * 4 => (self.rows / 4).max(1),
            _ => self.rows,
        };
        Ok(match self.form {
            Form::Csv => rows.iter().map(|it| self.line(it)).collect(),
            Form::Json => {
                let inside = body.trim().trim_start_matches('[').trim_end_matches(']');
                let comma = if is_first { "" } else { ",\n " };
                format!("{comma}{inside}")
            }
        })
    }

    fn ask(&self) -> Ask {
        let relation = &self.relation;
        let ask = Ask::new(Method::Get, &relation.name);
        let ask = self.wish.filters.iter().fold(ask, |ask, it| it.narrow(ask));
        let mut ask = ask
            .with("select", &self.select())
            .with("limit", &self.rows.to_string());
        let terms: Vec<(&str, Way)> = self
            .terms
            .iter()
            .map(|it| (it.as_str(), Way::Rising))
            .collect();
        let order: Vec<_> = terms
            .iter()
            .map(|(it, _)| format!("{}.asc", ask::name(it)))
            .collect();
        if !order.is_empty() {
            ask = ask.with("order", &order.join(","));
        }
        match &self.last {
            Some(values) => beyond(ask, &terms, values),
            None if self.read > 0 => ask.with("offset", &self.read.to_string()),
            None => ask,
        }
    }

    /// Texts for CSV, which shows what Postgres prints; values for JSON.
    fn select(&self) -> String {
        let item = |name: &String| match self.form {
            Form::Csv => format!("{}::text", ask::name(name)),
            Form::Json => ask::name(name),
        };
        self.names.iter().map(item).collect::<Vec<_>>().join(",")
    }

    fn line(&self, row: &Map<String, Value>) -> String {
        let mut line = String::new();
        csv::line(&mut line, self.names.iter().map(|it| ask::text(row, it)));
        line
    }
}

/// Why a file ends early.
#[derive(Debug, thiserror::Error)]
#[error("the export ended early: {0}")]
struct Broken(String);

impl actix_web::ResponseError for Broken {}
