//! Every key with its value and its source.

use askama::Template;

use super::{Tab, tabs};
use crate::answer::{Answer, page};
use crate::backstage::operate::Section;
use crate::chrome::{Chrome, Spot};
use crate::form::address;
use crate::place::Place;
use crate::place::operate::Operate;
use crate::visit::Visit;

#[derive(Template)]
#[template(path = "settings/general.html")]
struct Page {
    chrome: Chrome,
    tabs: Vec<(&'static str, Place, bool)>,
    external_url: String,
    sections: Vec<Section>,
    search: String,
    is_all: bool,
    form: Place,
    written: String,
    all: String,
}

/// `GET /console/settings/general`
pub(crate) async fn show(visit: &Visit) -> Answer {
    let search = visit.query.text("q").trim().to_lowercase();
    let is_all = visit.query.text("show") == "all" || !search.is_empty();
    let mut sections = visit.console.backstage.settings();
    for section in &mut sections {
        section.settings.retain(|it| {
            let is_found = it.key.contains(&search) || it.variable.to_lowercase().contains(&search);
            is_found && (is_all || !it.is_default)
        });
    }
    sections.retain(|it| !it.settings.is_empty());
    let path = Place::Operate(Operate::Settings).to_string();
    page(&Page {
        chrome: Chrome::new(visit, t!("settings.title"), Spot::Settings),
        tabs: tabs(Tab::General),
        external_url: visit.console.settings.external_url.to_string(),
        sections,
        search,
        is_all,
        form: Place::Operate(Operate::Settings),
        written: path.clone(),
        all: address(&path, &[("show", "all")]),
    })
}

/// The meaning of a key without the marks of Markdown.
fn plain(meaning: &str) -> String {
    meaning.replace('`', "")
}
