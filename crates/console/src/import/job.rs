//! The work itself: look at every value, then write all rows in one statement, or none.

use std::sync::Arc;

use actix_web::rt::task::yield_now;
use postern_auth::Context;
use postern_catalog::{Column, Relation};
use postern_telemetry::Event;
use serde_json::{Map, Value, json};

use super::search::{Search, is_about_rows};
use super::send::{End, Row, Sender};
use super::{BAD_MAX, Bad, Import, Mapping, ROWS_MAX, State, check};
use crate::console::Console;
use crate::import::csv::{Fault, FaultKind, Record};
use crate::refusal::Refusal;

/// After how many rows others get a turn.
const ROWS_AT_ONCE: usize = 500;

/// An import to be done.
pub(crate) struct Work {
    pub(crate) console: Arc<Console>,
    pub(crate) import: Arc<Import>,
    pub(crate) mapping: Mapping,
    /// Whether bad lines are left out; else nothing is written where there is one.
    pub(crate) leaves_bad_out: bool,
    pub(crate) context: Context,
}

/// What the file holds.
#[derive(Default)]
struct Content {
    rows: Vec<Row>,
    bad: Vec<Bad>,
    bad_count: usize,
}

/// Does the work; what comes of it is the import's state.
pub(crate) async fn work(work: Work) {
    let state = match run(&work).await {
        Ok(state) => state,
        Err(reason) => State::Failed { reason },
    };
    work.import.enter(state);
}

async fn run(work: &Work) -> Result<State, String> {
    let snapshot = work.console.rest.snapshot();
    let relation = snapshot.catalog.relation(&work.import.table);
    let relation = relation.ok_or_else(|| t!("import.table_gone").to_owned())?;
    let content = read(work, relation).await?;
    let telemetry = &work.console.telemetry;
    telemetry.report(&Event::PoliciesBypassed {
        method: "POST",
        path: &format!("/{}", relation.name.name),
        request_id: &work.context.request_id,
    });
    let columns: Vec<_> = work.mapping.columns().collect();
    let sender = Sender::new(&work.console.rest, &work.import, columns.iter().copied());
    let rows: Vec<&Row> = content.rows.iter().collect();
    let end = match content.bad_count == 0 || work.leaves_bad_out {
        true => End::Kept,
        false => End::Undone,
    };
    work.import.enter(State::Writing {
        rows: rows.len() as u64,
        is_trial: end == End::Undone,
    });
    let refusal = match sender.send(&rows, end).await {
        Ok(()) if end == End::Kept => return written(work, rows.len() as u64).await,
        Ok(()) => return Ok(bad(content.bad, content.bad_count, rows.len())),
        Err(refusal) => refusal,
    };
    if !is_about_rows(&refusal) || refers_to_itself(relation) {
        return Err(told(work, &refusal));
    }
    let mut search = Search::new(&sender, &work.import, columns.clone(), content.bad_count);
    if let Err(refusal) = search.run(&content.rows).await {
        return Err(told(work, &refusal));
    }
    let (found, has_more) = (search.found, search.has_more);
    if work.leaves_bad_out && !has_more {
        let is_good = |it: &&&Row| !found.iter().any(|bad| bad.line == it.line);
        let good: Vec<&Row> = rows.iter().filter(is_good).copied().collect();
        let sent = sender.send(&good, End::Kept).await;
        sent.map_err(|refusal| told(work, &refusal))?;
        return written(work, good.len() as u64).await;
    }
    let good = rows.len() - found.len();
    let count = content.bad_count + found.len();
    let mut lines = content.bad;
    lines.extend(found);
    lines.sort_by_key(|it| it.line);
    match bad(lines, count, good) {
        State::Bad {
            lines,
            good,
            has_more: is_cut,
        } => Ok(State::Bad {
            lines,
            good,
            has_more: is_cut || has_more,
        }),
        other => Ok(other),
    }
}

fn bad(mut lines: Vec<Bad>, count: usize, good: usize) -> State {
    lines.truncate(BAD_MAX);
    State::Bad {
        has_more: count > lines.len(),
        lines: Arc::new(lines),
        good: good as u64,
    }
}

async fn written(work: &Work, rows: u64) -> Result<State, String> {
    let table = &work.import.table;
    let traits = [
        ("table", json!(format!("{}.{}", table.schema, table.name))),
        ("rows", json!(rows)),
    ];
    let traits: Map<_, _> = traits
        .map(|(name, it)| (name.to_owned(), it))
        .into_iter()
        .collect();
    let noted = work
        .console
        .auth
        .note_admin("rows_imported", traits, &work.context);
    if let Err(error) = noted.await {
        report(work, &error.to_string());
    }
    Ok(State::Written { rows })
}

/// What a refusal says to the admin; what failed inside is for the log.
fn told(work: &Work, refusal: &Refusal) -> String {
    match &refusal.cause {
        Some(cause) => {
            report(work, cause);
            t!("failure.broken_text").to_owned()
        }
        None => refusal.text(),
    }
}

fn report(work: &Work, error: &str) {
    work.console.telemetry.report(&Event::RequestFailed {
        error,
        request_id: &work.context.request_id,
    });
}

/// Whether rows of the table may refer to others of it.
fn refers_to_itself(relation: &Relation) -> bool {
    relation
        .foreign_keys
        .iter()
        .any(|it| it.target == relation.name)
}

/// Reads the file and looks at every value.
async fn read(work: &Work, relation: &Relation) -> Result<Content, String> {
    let unreadable = |_| t!("import.file_gone").to_owned();
    let places = places(&work.mapping, relation)?;
    let mut content = Content::default();
    let bytes = work.import.upload.bytes;
    for (number, record) in work.import.rows().map_err(unreadable)?.enumerate() {
        if number >= ROWS_MAX {
            return Err(t!("import.too_many", crate::bits::number(ROWS_MAX as u64)));
        }
        match record {
            Ok(record) => content.take(&record, &places, work.import.header.len()),
            Err(fault) => content.refuse(fault_of(&fault)),
        }
        if number.is_multiple_of(ROWS_AT_ONCE) {
            if work.import.is_stopped() {
                return Err(t!("import.stopped").to_owned());
            }
            let done = number as u64;
            work.import.enter(State::Checking {
                done,
                total: about(bytes, done),
            });
            yield_now().await;
        }
    }
    Ok(content)
}

/// How many rows a file of so many bytes may have; a guess that grows with what was seen.
fn about(bytes: u64, done: u64) -> u64 {
    const ROW_BYTES: u64 = 40;
    (bytes / ROW_BYTES).max(done)
}

/// The columns by the fields that go into them.
fn places<'a>(
    mapping: &Mapping,
    relation: &'a Relation,
) -> Result<Vec<Option<&'a Column>>, String> {
    let column = |name: &Option<String>| match name {
        None => Ok(None),
        Some(name) => match relation.column(name) {
            Some(column) => Ok(Some(column)),
            None => Err(t!("import.column_gone", name)),
        },
    };
    mapping.0.iter().map(column).collect()
}

fn fault_of(fault: &Fault) -> Bad {
    let reason = match fault.kind {
        FaultKind::Open => t!("import.fault_open"),
        FaultKind::AfterQuote => t!("import.fault_after_quote"),
        FaultKind::Encoding => t!("import.fault_encoding"),
        FaultKind::Long => t!("import.fault_long"),
        FaultKind::Unreadable => t!("import.file_gone"),
    };
    Bad {
        line: fault.line,
        column: String::new(),
        reason: reason.to_owned(),
    }
}

impl Content {
    fn take(&mut self, record: &Record, places: &[Option<&Column>], fields: usize) {
        let line = record.line;
        if record.fields.len() != fields {
            let reason = t!("import.other_length", record.fields.len(), fields);
            let column = String::new();
            return self.refuse(Bad {
                line,
                column,
                reason,
            });
        }
        let mut row = Map::new();
        for (field, column) in record.fields.iter().zip(places) {
            let Some(column) = column else { continue };
            match check::value(column, field) {
                Ok(Some(value)) => drop(row.insert(column.name.clone(), value)),
                Ok(None) => {}
                Err(reason) => {
                    let column = column.name.clone();
                    return self.refuse(Bad {
                        line,
                        column,
                        reason,
                    });
                }
            }
        }
        self.rows.push(Row {
            line,
            json: Value::Object(row).to_string(),
        });
    }

    fn refuse(&mut self, bad: Bad) {
        self.bad_count += 1;
        if self.bad.len() < BAD_MAX {
            self.bad.push(bad);
        }
    }
}
