//! A new row.

use actix_web::http::StatusCode;
use askama::Template;
use postern_query::request::Method;
use serde_json::json;

use super::ask::{self, Ask};
use super::frame::Frame;
use super::key;
use super::row::fields::{self, Field, Fields};
use super::row::{Trouble, Typed, body, has_pages, note, saved};
use super::table::Table;
use crate::answer::{self, Answer, see, see_other};
use crate::chrome::{Chrome, Spot};
use crate::failure::Failure;
use crate::place::{Place, TablePage};
use crate::refusal::Refusal;
use crate::visit::Visit;

#[derive(Template)]
#[template(path = "row_new.html")]
struct Page {
    chrome: Chrome,
    frame: Frame,
    fields: Fields,
    action: Place,
    trouble: Option<Trouble>,
}

impl Page {
    fn fields(&self) -> &[Field] {
        self.fields.all()
    }
}

/// `GET /console/tables/{schema}.{table}/insert`
pub(crate) async fn show(visit: &Visit) -> Answer {
    let table = insertable(visit)?;
    let fields = fields::of_none(&table, visit)?;
    render(visit, &table, fields, (StatusCode::OK, None))
}

fn insertable(visit: &Visit) -> Result<Table, Failure> {
    let table = Table::of(visit)?;
    match table.relation()?.insertable {
        true => Ok(table),
        false => Err(Failure::Missing),
    }
}

fn render(
    visit: &Visit,
    table: &Table,
    fields: Fields,
    (status, trouble): (StatusCode, Option<Trouble>),
) -> Answer {
    let name = table.name();
    let page = Page {
        chrome: Chrome::new(visit, t!("row.new"), Spot::Tables).below(
            Place::Table(name.clone(), TablePage::Rows),
            name.to_string(),
        ),
        frame: Frame::new(name, &TablePage::Insert),
        action: Place::Table(name.clone(), TablePage::Insert),
        fields,
        trouble,
    };
    answer::html(status, &page)
}

/// `POST /console/tables/{schema}.{table}/insert`
pub(crate) async fn save(visit: &Visit) -> Answer {
    let table = insertable(visit)?;
    let none = fields::of_none(&table, visit)?;
    let typed = Typed::new_row(&visit.form, &none);
    match write(visit, &table, &typed).await {
        Ok(key) => {
            let name = table.name();
            let traits = json!({ "table": name.to_string(), "key": key });
            note(visit, "row_inserted", traits).await?;
            match key {
                Some(key) => Ok(see_other(&saved(&table, &key)?)),
                None => see(&Place::Table(name.clone(), TablePage::Rows)),
            }
        }
        Err(refusal) if refusal.cause.is_some() => Err(Failure::Data(refusal)),
        Err(refusal) => {
            let mut fields = typed.over(none);
            fields.blame(&refusal);
            let trouble = Trouble::of(&refusal);
            render(visit, &table, fields, (refusal.status, Some(trouble)))
        }
    }
}

/// Makes the row; its key, where the table has one.
async fn write(
    visit: &Visit,
    table: &Table,
    typed: &Typed,
) -> Result<Option<String>, Box<Refusal>> {
    let relation = table.relation().map_err(|_| Box::new(Refusal::gone()))?;
    let mut select = String::new();
    for (index, name) in relation.primary_key.iter().enumerate() {
        ask::whole(&mut select, &format!("k{index}"), name);
    }
    let mut ask = Ask::new(Method::Post, &relation.name).with_body(body(typed.changes())?);
    if has_pages(relation) {
        ask = ask
            .with("select", &select)
            .preferring("return=representation");
    }
    let found = ask.send(visit).await?;
    let row = found.rows.first().filter(|_| has_pages(relation));
    Ok(row.map(|row| {
        let length = relation.primary_key.len();
        let values = (0..length).filter_map(|it| ask::text(row, &format!("k{it}")));
        key::joined(values)
    }))
}
