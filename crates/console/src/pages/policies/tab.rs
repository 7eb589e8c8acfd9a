//! The policies of one table, beside its rows.

mod rules;

use askama::Template;
use postern_policy::Verb;

use self::rules::{ColumnLine, RuleLine};
use super::matrix::{Rows, one};
use super::why::address_of;
use crate::answer::{Answer, page};
use crate::chrome::{Chrome, Spot};
use crate::form::address;
use crate::pages::tables::frame::Frame;
use crate::pages::tables::table::Table;
use crate::place::{Place, TablePage};
use crate::visit::Visit;

#[derive(Template)]
#[template(path = "table_policies.html")]
struct Page {
    chrome: Chrome,
    frame: Frame,
    rows: Rows,
    rules: Vec<RuleLine>,
    columns: Vec<ColumnLine>,
    bench: Place,
    /// The bench at what tries it, with the table chosen.
    test_as: String,
    why: String,
}

/// `GET /console/tables/{table}/policies`
pub(crate) async fn show(visit: &Visit) -> Answer {
    let table = Table::of(visit)?;
    let name = table.name();
    let chrome = Chrome::new(visit, name.to_string(), Spot::Tables);
    let (rows, file) = one(visit, name, &chrome).await;
    let snapshot = visit.console.rest.snapshot();
    let relation = snapshot.catalog.relation(name);
    let bench = Place::Policy(file, "");
    let table = name.to_string();
    let prefilled = address(
        &bench.to_string(),
        &[("table", table.as_str()), ("who", "user")],
    );
    page(&Page {
        rules: rules::rules(&snapshot.bundle, name),
        columns: relation.map_or_else(Vec::new, |it| rules::columns(&snapshot.bundle, it)),
        test_as: format!("{prefilled}#try-title"),
        chrome: chrome.below(Place::Tables, t!("rail.tables")),
        frame: Frame::new(name, &TablePage::Tab("policies")),
        rows,
        bench,
        why: address_of(&name.to_string(), Verb::Select),
    })
}
