//! Rows that a foreign key may refer to, searched by their key and by what they are called.

use askama::Template;
use postern_catalog::{Column, Relation};
use postern_query::request::Method;
use uuid::Uuid;

use super::ask::{self, Ask};
use super::table::Table;
use crate::answer::{Answer, page};
use crate::failure::Failure;
use crate::visit::Visit;

/// Most rows to choose from.
const ROWS_MAX: usize = 12;
/// Longest label of a row, in characters.
const LABEL_CHARS_MAX: usize = 60;
/// Columns whose names say that they are what a row is called, the best first.
const TELLING: [&str; 8] = [
    "name", "title", "label", "email", "username", "slug", "code", "subject",
];

#[derive(Template)]
#[template(path = "row_pick.html")]
struct Picks {
    column: String,
    rows: Vec<Pick>,
}

/// A row to refer to.
struct Pick {
    value: String,
    label: String,
}

/// `GET /console/tables/{schema}.{table}?part=pick&column=…&q=…`
pub(crate) async fn show(visit: &Visit, table: &Table) -> Answer {
    let column = visit.query.text("column");
    let relation = table.relation()?;
    let keys = relation.foreign_keys.iter();
    let key = keys
        .filter(|it| it.columns == [column])
        .min_by_key(|it| &it.name);
    let key = key.ok_or(Failure::Missing)?;
    let far = table.beside(&key.target, visit).ok_or(Failure::Missing)?;
    let far = far.relation()?;
    let named = key.target_columns.first();
    let value = named
        .and_then(|it| far.column(it))
        .ok_or(Failure::Missing)?;
    let labels = labels(far, value);
    let mut select = String::new();
    ask::whole(&mut select, "k", &value.name);
    for (index, label) in labels.iter().enumerate() {
        ask::cut(
            &mut select,
            &format!("l{index}"),
            &label.name,
            LABEL_CHARS_MAX,
        );
    }
    let mut ask = Ask::new(Method::Get, &far.name)
        .with("select", &select)
        .with("limit", &ROWS_MAX.to_string())
        .with("order", &ask::name(&labels.first().unwrap_or(&value).name));
    // A picker keeps its search apart from the form's own fields.
    let search = visit.query.text("q").trim();
    if !search.is_empty() {
        ask = ask.with(
            "or",
            &format!("({})", tests(search, value, &labels).join(",")),
        );
    }
    let found = ask.send(visit).await.map_err(Failure::Data)?;
    let rows = found.rows.iter().filter_map(|row| {
        let texts = (0..labels.len()).filter_map(|it| ask::text(row, &format!("l{it}")));
        Some(Pick {
            value: ask::text(row, "k")?.to_owned(),
            label: texts.collect::<Vec<_>>().join(" · "),
        })
    });
    page(&Picks {
        column: column.to_owned(),
        rows: rows.collect(),
    })
}

/// The columns that say what a row is called: two at most.
fn labels<'r>(relation: &'r Relation, key: &Column) -> Vec<&'r Column> {
    let texts = relation.columns.iter();
    let texts = texts.filter(|it| it.ty.is_text() && it.name != key.name);
    let mut labels: Vec<&Column> = texts.collect();
    let rank = |it: &&Column| TELLING.iter().position(|name| *name == it.name);
    labels.sort_by_key(|it| rank(it).unwrap_or(TELLING.len()));
    labels.truncate(2);
    labels
}

/// What a row must fulfil one of to be found.
fn tests(search: &str, key: &Column, labels: &[&Column]) -> Vec<String> {
    let pattern = ask::quoted(&format!("*{search}*"));
    let like = |it: &&Column| format!("{}.ilike.{pattern}", ask::name(&it.name));
    let mut tests: Vec<_> = labels.iter().map(like).collect();
    let is_key = match key.ty.operator_name() {
        "int2" | "int4" | "int8" => search.parse::<i32>().is_ok(),
        "uuid" => search.parse::<Uuid>().is_ok(),
        _ => key.ty.is_text(),
    };
    if is_key || tests.is_empty() {
        tests.push(format!(
            "{}.eq.{}",
            ask::name(&key.name),
            ask::quoted(search)
        ));
    }
    tests
}
