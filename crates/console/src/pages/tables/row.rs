//! One row: its fields as a form, what it refers to and what refers to it.
//!
//! A change sends only the fields that were changed, under the condition that they still hold what
//! the form showed: what somebody else wrote meanwhile is told of and not overwritten.

mod change;
pub(super) mod fields;
mod references;

use actix_web::http::StatusCode;
use askama::Template;
use postern_catalog::{Column, Relation};
use postern_query::request::Method;
use serde_json::{Map, Value, json};

pub(super) use self::change::{Typed, body};
use self::fields::{Field, Fields};
use self::references::{Reference, referring};
use super::ask::{self, Ask};
use super::frame::Frame;
use super::key;
use super::table::Table;
use crate::answer::{self, Answer, see, see_other};
use crate::chrome::{Chrome, Spot};
use crate::failure::Failure;
use crate::form::address;
use crate::place::{Place, TablePage};
use crate::refusal::Refusal;
use crate::visit::Visit;

/// Longest value that a form holds unasked, in characters.
pub(super) const FIELD_CHARS_MAX: usize = 20_000;
/// Longest value that a form holds where it was asked for, one at a time.
pub(super) const WHOLE_CHARS_MAX: usize = 200_000;

/// How much of a column's values a form holds: all of the one that `whole` names, as far as any
/// form can.
pub(super) fn chars_max(visit: &Visit, column: &str) -> usize {
    let asked = match visit.form.has("whole") {
        true => visit.form.text("whole"),
        false => visit.query.text("whole"),
    };
    match asked == column {
        true => WHOLE_CHARS_MAX,
        false => FIELD_CHARS_MAX,
    }
}

#[derive(Template)]
#[template(path = "row.html")]
struct Page {
    chrome: Chrome,
    frame: Frame,
    record: Record,
}

/// The row itself: the inside of its page, or of the drawer over the rows.
#[derive(Template)]
#[template(path = "row_part.html")]
struct Record {
    title: String,
    is_drawer: bool,
    form_token: String,
    /// Where forms lead back to.
    here: String,
    fields: Fields,
    action: Place,
    delete: Place,
    referring: Vec<Reference>,
    may_save: bool,
    may_delete: bool,
    is_saved: bool,
    trouble: Option<Trouble>,
}

/// Why a row was not saved.
pub(super) struct Trouble {
    pub(super) title: String,
    pub(super) text: String,
}

/// A row of the address: the table, and the key's values.
struct Entry {
    table: Table,
    key: Vec<String>,
}

impl Entry {
    fn of(visit: &Visit) -> Result<Self, Failure> {
        let table = Table::of(visit)?;
        let length = table.relation()?.primary_key.len();
        let text = crate::form::text_of(visit.segment("key"));
        let key = key::taken_apart(&text, length).filter(|_| length > 0);
        let key = key.ok_or(Failure::Missing)?;
        Ok(Self { table, key })
    }

    fn text(&self) -> String {
        key::joined(self.key.iter().map(String::as_str))
    }

    /// A request on this row alone.
    fn ask(&self, method: Method) -> Result<Ask, Failure> {
        let relation = self.table.relation()?;
        let ask = Ask::new(method, &relation.name);
        let values = relation.primary_key.iter().zip(&self.key);
        Ok(values.fold(ask, |ask, (name, value)| {
            ask.filtered(name, &format!("eq.{value}"))
        }))
    }

    /// The row as it is, every value cut one character behind what a form holds.
    async fn read(&self, visit: &Visit) -> Result<Map<String, Value>, Failure> {
        let mut select = String::new();
        for (index, column) in self.table.columns()?.iter().enumerate() {
            ask::cut(
                &mut select,
                &format!("c{index}"),
                &column.name,
                chars_max(visit, &column.name) + 1,
            );
        }
        let found = self
            .ask(Method::Get)?
            .with("select", &select)
            .send(visit)
            .await;
        match found {
            Ok(found) => found.rows.into_iter().next().ok_or(Failure::Missing),
            // A key that is none of its type names no row.
            Err(refusal) if refusal.status.is_client_error() => Err(Failure::Missing),
            Err(refusal) => Err(Failure::Data(refusal)),
        }
    }
}

/// `GET /console/tables/{schema}.{table}/rows/{key}`
pub(crate) async fn show(visit: &Visit) -> Answer {
    let place = Entry::of(visit)?;
    let row = place.read(visit).await?;
    let fields = fields::of_row(&place.table, &row, visit)?;
    render(visit, &place, fields, (StatusCode::OK, None)).await
}

async fn render(
    visit: &Visit,
    place: &Entry,
    fields: Fields,
    (status, trouble): (StatusCode, Option<Trouble>),
) -> Answer {
    let relation = place.table.relation()?;
    let (name, key) = (&relation.name, place.text());
    let chrome = Chrome::new(visit, format!("{} {key}", name.name), Spot::Tables).below(
        Place::Table(name.clone(), TablePage::Rows),
        name.to_string(),
    );
    let may_edit = chrome.may_edit();
    let values = |column: &str| fields.value(column);
    let record = Record {
        title: chrome.title.clone(),
        is_drawer: visit.wants_part(),
        form_token: chrome.form_token.clone(),
        here: chrome.here.clone(),
        action: Place::Table(name.clone(), TablePage::Row(key.clone())),
        delete: Place::Table(name.clone(), TablePage::RowDelete(key.clone())),
        referring: referring(visit, &place.table, values).await?,
        may_save: may_edit && relation.updatable,
        may_delete: may_edit && relation.deletable,
        is_saved: trouble.is_none() && visit.query.has("saved"),
        trouble,
        fields,
    };
    if record.is_drawer {
        return answer::html(status, &record);
    }
    let frame = Frame::new(name, &TablePage::Row(key));
    answer::html(
        status,
        &Page {
            chrome,
            frame,
            record,
        },
    )
}

/// `POST /console/tables/{schema}.{table}/rows/{key}`
pub(crate) async fn save(visit: &Visit) -> Answer {
    let place = Entry::of(visit)?;
    let row = place.read(visit).await?;
    let current = fields::of_row(&place.table, &row, visit)?;
    let typed = Typed::read(&visit.form, &current);
    if !typed.conflicts().is_empty() {
        let trouble = Trouble {
            title: t!("row.conflict").to_owned(),
            text: t!("row.conflict_text", typed.conflicts().join(", ")),
        };
        let fields = typed.over(current);
        return render(visit, &place, fields, (StatusCode::CONFLICT, Some(trouble))).await;
    }
    if typed.changes().is_empty() {
        return Ok(see_other(&saved(&place.table, &place.text())?));
    }
    match write(visit, &place, &typed, &current).await {
        Ok(Some(key)) => {
            let columns: Vec<_> = typed
                .changes()
                .iter()
                .map(|it| it.0.name.as_str())
                .collect();
            let traits = json!({ "table": place.table.name().to_string(), "key": place.text(),
                "columns": columns });
            note(visit, "row_updated", traits).await?;
            Ok(see_other(&saved(&place.table, &key)?))
        }
        Ok(None) => {
            let trouble = Trouble {
                title: t!("row.conflict").to_owned(),
                text: t!("row.conflict_unknown").to_owned(),
            };
            let fields = typed.over(current);
            render(visit, &place, fields, (StatusCode::CONFLICT, Some(trouble))).await
        }
        Err(refusal) if refusal.cause.is_some() => Err(Failure::Data(refusal)),
        Err(refusal) => {
            let mut fields = typed.over(current);
            fields.blame(&refusal);
            let trouble = Trouble::of(&refusal);
            render(visit, &place, fields, (refusal.status, Some(trouble))).await
        }
    }
}

/// Changes the row if it still holds what was shown; its key afterwards, or none if it does not.
async fn write(
    visit: &Visit,
    place: &Entry,
    typed: &Typed,
    current: &Fields,
) -> Result<Option<String>, Box<Refusal>> {
    let gone = |_| Box::new(Refusal::gone());
    let relation = place.table.relation().map_err(gone)?;
    let mut ask = place.ask(Method::Patch).map_err(gone)?;
    for (column, _) in typed.changes() {
        if is_comparable(column) {
            let was = current.value(&column.name).map(|it| format!("eq.{it}"));
            let was = was.unwrap_or_else(|| "is.null".to_owned());
            ask = ask.filtered(&column.name, &was);
        }
    }
    let mut select = String::new();
    for (index, name) in relation.primary_key.iter().enumerate() {
        ask::whole(&mut select, &format!("k{index}"), name);
    }
    let ask = ask
        .with("select", &select)
        .preferring("return=representation")
        .preferring("handling=strict, max-affected=1")
        .with_body(body(typed.changes())?);
    let found = ask.send(visit).await?;
    let length = relation.primary_key.len();
    let key = found.rows.first().map(|row| {
        let values = (0..length).filter_map(|it| ask::text(row, &format!("k{it}")));
        key::joined(values)
    });
    Ok(key)
}

/// Whether values of the column can be asked to be equal to a text that Postgres made of one.
pub(super) fn is_comparable(column: &Column) -> bool {
    const WITHOUT_EQUALITY: [&str; 8] = [
        "json", "xml", "point", "polygon", "path", "box", "line", "lseg",
    ];
    let ty = &column.ty;
    let element = ty.operator_name().trim_start_matches('_');
    !WITHOUT_EQUALITY.contains(&element)
}

/// `POST /console/tables/{schema}.{table}/rows/{key}/delete`
pub(crate) async fn delete(visit: &Visit) -> Answer {
    let place = Entry::of(visit)?;
    let ask = place
        .ask(Method::Delete)?
        .preferring("handling=strict, max-affected=1");
    match ask.send(visit).await {
        Ok(found) if found.touched == 0 => Err(Failure::Missing),
        Ok(_) => {
            let name = place.table.name();
            let traits = json!({ "table": name.to_string(), "key": place.text() });
            note(visit, "row_deleted", traits).await?;
            see(&Place::Table(name.clone(), TablePage::Rows))
        }
        Err(refusal) if refusal.cause.is_some() => Err(Failure::Data(refusal)),
        Err(refusal) => {
            let row = place.read(visit).await?;
            let fields = fields::of_row(&place.table, &row, visit)?;
            let trouble = Trouble::of(&refusal);
            render(visit, &place, fields, (refusal.status, Some(trouble))).await
        }
    }
}

/// Notes a change in the audit log: which table and key, and none of the values.
pub(super) async fn note(visit: &Visit, action: &str, traits: Value) -> Result<(), Failure> {
    let traits = traits.as_object().cloned().unwrap_or_default();
    let auth = &visit.console.auth;
    Ok(auth.note_admin(action, traits, &visit.context).await?)
}

/// The address of a row that has just been saved.
pub(super) fn saved(table: &Table, key: &str) -> Result<String, Failure> {
    let place = Place::Table(table.name().clone(), TablePage::Row(key.to_owned()));
    Ok(address(&place.to_string(), &[("saved", "1")]))
}

/// Whether a row of the relation has a page of its own.
pub(super) fn has_pages(relation: &Relation) -> bool {
    !relation.primary_key.is_empty()
}

impl Trouble {
    /// What the database says against it.
    pub(super) fn of(refusal: &Refusal) -> Self {
        Self {
            title: t!("row.refused", refusal.code),
            text: refusal.text(),
        }
    }
}

impl Record {
    /// How many rows refer to this one, as far as it was counted.
    fn referring_rows(&self) -> u64 {
        self.referring.iter().map(|it| it.rows).sum()
    }

    fn fields(&self) -> &[Field] {
        self.fields.all()
    }
}
