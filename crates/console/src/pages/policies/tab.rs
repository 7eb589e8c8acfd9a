//! The policies of one table, beside its rows.

use askama::Template;
use postern_policy::Verb;

use super::matrix::{Rows, one};
use super::why::address_of;
use crate::answer::{Answer, page};
use crate::chrome::{Chrome, Spot};
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
    bench: Place,
    why: String,
}

/// `GET /console/tables/{table}/policies`
pub(crate) async fn show(visit: &Visit) -> Answer {
    let table = Table::of(visit)?;
    let name = table.name();
    let chrome = Chrome::new(visit, name.to_string(), Spot::Tables);
    let (rows, file) = one(visit, name, &chrome).await;
    page(&Page {
        chrome: chrome.below(Place::Tables, t!("rail.tables")),
        frame: Frame::new(name, &TablePage::Tab("policies")),
        rows,
        bench: Place::Policy(file, ""),
        why: address_of(&name.to_string(), Verb::Select),
    })
}
