//! Rows out of a CSV file: the file comes, its fields find their columns, the rows go in.

use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::CONTENT_DISPOSITION;
use askama::Template;
use postern_catalog::{Relation, RelationKind};

use crate::answer::{Answer, html, page, see_other};
use crate::chrome::{Chrome, Spot};
use crate::failure::Failure;
use crate::import::{self, Bad, Import, Mapping, State, Unfit, Work, csv};
use crate::pages::tables::frame::Frame;
use crate::pages::tables::table::Table;
use crate::place::{Place, TablePage};
use crate::upload::UploadError;
use crate::visit::Visit;

/// How many rows of a file are shown before it is imported.
const SHOWN_ROWS: usize = 5;
/// Longest value that is shown of them, in characters.
const SHOWN_CHARS: usize = 60;

#[derive(Template)]
#[template(path = "import.html")]
struct Start {
    chrome: Chrome,
    frame: Frame,
    name: String,
    action: String,
    refusal: Option<String>,
}

#[derive(Template)]
#[template(path = "import_file.html")]
struct File {
    chrome: Chrome,
    frame: Frame,
    file: String,
    part: Part,
}

/// What an import is at.
#[derive(Template)]
#[template(path = "import_state.html")]
struct Part {
    state: State,
    here: String,
    rows: Place,
    again: Place,
    form_token: String,
    fields: Vec<Line>,
    refusal: Option<String>,
    table: String,
    /// The keys of which no two rows may have the same.
    keys: String,
}

/// A field of the file, and where it goes.
struct Line {
    place: usize,
    name: String,
    samples: Vec<String>,
    columns: Vec<Choice>,
}

/// A column that a field can go into.
struct Choice {
    name: String,
    ty: String,
    is_chosen: bool,
}

/// `GET /console/tables/{table}/import`
pub(crate) async fn ask(visit: &Visit) -> Answer {
    let table = Table::of(visit)?;
    page(&start(visit, writable(&table)?, None))
}

/// `POST /console/tables/{table}/import`: the file itself.
pub(crate) async fn take(visit: &Visit) -> Answer {
    let table = Table::of(visit)?;
    let relation = writable(&table)?;
    let refused = |text: String| {
        let page = start(visit, relation, Some(text));
        html(StatusCode::UNPROCESSABLE_ENTITY, &page)
    };
    let upload = match visit.take_upload() {
        Some(Ok(upload)) if upload.bytes > 0 => upload,
        Some(Ok(_)) | Some(Err(UploadError::Missing)) | None => {
            return refused(t!("import.no_file").to_owned());
        }
        Some(Err(UploadError::TooLong)) => {
            let megabytes = import::FILE_BYTES_MAX / 1024 / 1024;
            return refused(t!("import.file_too_long", megabytes));
        }
        Some(Err(UploadError::Broken | UploadError::Unkept)) => {
            return refused(t!("import.file_broken").to_owned());
        }
    };
    let admin = visit.session()?.admin.id;
    match visit.console.imports.add(upload, &relation.name, admin) {
        Ok(import) => Ok(see_other(&address(&import))),
        Err(Unfit::NoHeader) => refused(t!("import.no_header").to_owned()),
        Err(Unfit::NoCsv) => refused(t!("import.no_csv").to_owned()),
        Err(Unfit::Crowded) => refused(t!("import.crowded").to_owned()),
    }
}

/// `GET /console/tables/{table}/import/{import}`
pub(crate) async fn show(visit: &Visit) -> Answer {
    let table = Table::of(visit)?;
    let (relation, import) = (writable(&table)?, found(visit, &table)?);
    let mapping = match import.state() {
        State::Asking => Mapping::guess(&import.header, relation),
        _ => import.mapping(),
    };
    answer(visit, relation, &import, (mapping, None))
}

/// `POST /console/tables/{table}/import/{import}`: which field goes where, and off it goes.
pub(crate) async fn act(visit: &Visit) -> Answer {
    let table = Table::of(visit)?;
    let (relation, import) = (writable(&table)?, found(visit, &table)?);
    if visit.form.has("stop") {
        import.stop();
        return Ok(see_other(&address(&import)));
    }
    let leaves_bad_out = visit.form.text("only") == "good";
    let mapping = match leaves_bad_out {
        true => import.mapping(),
        false => read(visit, &import, relation),
    };
    let refusal = match (mapping.twice(), import::fits(&mapping, relation)) {
        (Some(column), _) => Some(t!("import.twice", column)),
        (None, Err(lacking)) => Some(t!("import.lacking", lacking.join(", "))),
        (None, Ok(())) if mapping.columns().next().is_none() => {
            Some(t!("import.nothing_chosen").to_owned())
        }
        (None, Ok(())) => None,
    };
    if refusal.is_some() {
        import.enter(State::Asking);
        return answer(visit, relation, &import, (mapping, refusal));
    }
    if import.begin(mapping.clone()) {
        actix_web::rt::spawn(import::work(Work {
            console: Arc::clone(&visit.console),
            import: Arc::clone(&import),
            mapping,
            leaves_bad_out,
            context: visit.context.clone(),
        }));
    }
    Ok(see_other(&address(&import)))
}

/// `GET /console/tables/{table}/import/{import}/bad`: the bad lines as CSV, with the reasons.
///
/// The fields are what the same admin has sent a moment before, to be put right and sent again;
/// hence they stay as they were, also where a spreadsheet would take one for a formula.
pub(crate) async fn bad(visit: &Visit) -> Answer {
    let table = Table::of(visit)?;
    let import = found(visit, &table)?;
    let State::Bad { lines, .. } = import.state() else {
        return Err(Failure::Missing);
    };
    let header = import.header.iter().map(|it| (it.as_str(), false));
    let mut text = csv::row(header.chain([(t!("import.problem"), false)]));
    for record in import.rows().map_err(|_| Failure::Missing)?.flatten() {
        if let Some(bad) = lines.iter().find(|it| it.line == record.line) {
            let fields = record
                .fields
                .iter()
                .map(|it| (it.text.as_str(), it.is_quoted));
            let reason = format!("{}: {}", bad.line, reason(bad));
            text.push_str(&csv::row(fields.chain([(reason.as_str(), true)])));
        }
    }
    let name = format!(
        "attachment; filename=\"{}-bad-lines.csv\"",
        plain(&import.table.name)
    );
    Ok(HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header((CONTENT_DISPOSITION, name))
        .body(text))
}

/// What is wrong with a line: the column, where it is known, and why.
fn reason(bad: &Bad) -> String {
    match bad.column.as_str() {
        "" => bad.reason.clone(),
        column => format!("{column}: {}", bad.reason),
    }
}

/// A name without what a header could trip over.
fn plain(name: &str) -> String {
    name.chars()
        .map(|it| {
            if it.is_ascii_alphanumeric() || it == '_' {
                it
            } else {
                '-'
            }
        })
        .collect()
}

/// The table of the address, where rows can be put into it.
fn writable(table: &Table) -> Result<&Relation, Failure> {
    let relation = table.relation()?;
    let is_table = matches!(
        relation.kind,
        RelationKind::Table | RelationKind::Partitioned
    );
    match is_table && relation.insertable {
        true => Ok(relation),
        false => Err(Failure::Missing),
    }
}

fn found(visit: &Visit, table: &Table) -> Result<Arc<Import>, Failure> {
    let admin = visit.session()?.admin.id;
    let id = visit.segment("import");
    let found = visit.console.imports.find(id, table.name(), admin);
    found.ok_or(Failure::Missing)
}

fn address(import: &Import) -> String {
    let page = Place::Table(import.table.clone(), TablePage::Tab("import"));
    format!("{page}/{}", import.id)
}

fn start(visit: &Visit, relation: &Relation, refusal: Option<String>) -> Start {
    Start {
        chrome: chrome(visit, relation),
        frame: Frame::new(&relation.name, &TablePage::Tab("import")),
        name: relation.name.name.clone(),
        action: Place::Table(relation.name.clone(), TablePage::Tab("import")).to_string(),
        refusal,
    }
}

fn chrome(visit: &Visit, relation: &Relation) -> Chrome {
    Chrome::new(visit, t!("import.title", relation.name.name), Spot::Tables)
        .below(Place::Tables, t!("tables.title"))
}

fn answer(
    visit: &Visit,
    relation: &Relation,
    import: &Import,
    (mapping, refusal): (Mapping, Option<String>),
) -> Answer {
    let chrome = chrome(visit, relation);
    let is_asking = matches!(import.state(), State::Asking | State::Failed { .. });
    let part = Part {
        state: import.state(),
        here: address(import),
        rows: Place::Table(relation.name.clone(), TablePage::Rows),
        again: Place::Table(relation.name.clone(), TablePage::Tab("import")),
        form_token: chrome.form_token.clone(),
        fields: match is_asking {
            true => lines(import, relation, &mapping),
            false => Vec::new(),
        },
        refusal,
        table: relation.name.name.clone(),
        keys: keys(relation),
    };
    let status = match part.refusal {
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
        None => StatusCode::OK,
    };
    if visit.wants_part() {
        return html(status, &part);
    }
    let page = File {
        chrome,
        frame: Frame::new(&relation.name, &TablePage::Tab("import")),
        file: import.upload.name.clone(),
        part,
    };
    html(status, &page)
}

/// The keys of a table, as a sentence lists them.
fn keys(relation: &Relation) -> String {
    let mut keys: Vec<String> = Vec::new();
    let unique = relation.unique_keys.iter().map(|it| &it.columns);
    for columns in [&relation.primary_key].into_iter().chain(unique) {
        let key = columns.join(" + ");
        if !key.is_empty() && !keys.contains(&key) {
            keys.push(key);
        }
    }
    keys.join(", ")
}

fn lines(import: &Import, relation: &Relation, mapping: &Mapping) -> Vec<Line> {
    let rows = import
        .rows()
        .map(|rows| rows.flatten().take(SHOWN_ROWS).collect::<Vec<_>>());
    let rows = rows.unwrap_or_default();
    let line = |(place, name): (usize, &String)| {
        let chosen = mapping.0.get(place).and_then(Option::as_ref);
        let writable = relation.columns.iter().filter(|it| import::is_writable(it));
        let samples = rows.iter().filter_map(|it| it.fields.get(place));
        Line {
            place,
            name: name.clone(),
            samples: samples
                .map(|it| it.text.chars().take(SHOWN_CHARS).collect())
                .collect(),
            columns: writable
                .map(|it| Choice {
                    name: it.name.clone(),
                    ty: it.ty.sql.clone(),
                    is_chosen: chosen == Some(&it.name),
                })
                .collect(),
        }
    };
    import.header.iter().enumerate().map(line).collect()
}

/// What the form says; a column that is none, or takes no value, is as if none was chosen.
fn read(visit: &Visit, import: &Import, relation: &Relation) -> Mapping {
    let column = |place: usize| {
        let wished = visit.form.text(&format!("f{place}")).to_owned();
        let column = relation
            .column(&wished)
            .filter(|it| import::is_writable(it));
        column.map(|it| it.name.clone())
    };
    Mapping((0..import.header.len()).map(column).collect())
}

impl Part {
    /// Whether the work can still end without a row written.
    fn can_stop(&self) -> bool {
        let is_writing = matches!(
            self.state,
            State::Writing {
                is_trial: false,
                ..
            }
        );
        self.is_at_work() && !is_writing
    }

    fn is_at_work(&self) -> bool {
        matches!(
            self.state,
            State::Checking { .. } | State::Writing { .. } | State::Searching { .. }
        )
    }
}
