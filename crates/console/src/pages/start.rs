//! The wizard's second step: what a project needs before its first app, what of it is there, and
//! the first lines of that app. All of it can be skipped and found again under its own page.

use askama::Template;

use super::policies::files::FileNames;
use crate::answer::{Answer, page};
use crate::backstage::Part;
use crate::chrome::{Chrome, Spot};
use crate::pages::tables::api::site;
use crate::place::Place;
use crate::place::operate::Operate;
use crate::snippets::Language;
use crate::visit::Visit;

/// Most tables that are named.
const TABLES_MAX: usize = 6;

#[derive(Template)]
#[template(path = "start.html")]
struct Page {
    chrome: Chrome,
    address: String,
    is_loopback: bool,
    /// The lines that come first in an app; none without a key.
    connect: Option<String>,
    parts: Vec<Part>,
    /// Whether letters leave at all.
    has_post: bool,
    mail: Place,
    /// Tables that no policy file speaks of, with where one is begun.
    closed: Vec<(String, Place)>,
    more_closed: usize,
    has_tables: bool,
    onward: Place,
}

/// `GET /console/start`
pub(crate) async fn show(visit: &Visit) -> Answer {
    let settings = &visit.console.settings;
    let site = site(visit);
    let backstage = &visit.console.backstage;
    let (closed, has_tables) = closed(visit).await;
    page(&Page {
        chrome: Chrome::new(visit, t!("start.title"), Spot::Elsewhere),
        connect: (!settings.publishable_keys.is_empty())
            .then(|| Language::JavaScript.connect(&site))
            .flatten(),
        address: site.address,
        is_loopback: settings.external_url.scheme() != "https",
        parts: backstage.health().await,
        has_post: backstage.post().is_on,
        mail: Place::Operate(Operate::SettingsMail),
        more_closed: closed.len().saturating_sub(TABLES_MAX),
        closed: closed.into_iter().take(TABLES_MAX).collect(),
        has_tables,
        onward: Place::Overview,
    })
}

/// The tables that nobody can reach yet; where the folder cannot be read, its own page says so.
async fn closed(visit: &Visit) -> (Vec<(String, Place)>, bool) {
    let snapshot = visit.console.rest.snapshot();
    let Ok(folder) = visit.console.backstage.policy_files().await else {
        return (Vec::new(), true);
    };
    let files = FileNames::of(&folder);
    let tables = snapshot.catalog.relations();
    let closed = tables.filter(|it| files.of_table(&it.name).is_none());
    let place = |name: String| {
        let place = Place::Policy(format!("{name}.toml"), "");
        (name, place)
    };
    let closed = closed.map(|it| place(it.name.to_string())).collect();
    (closed, snapshot.catalog.relations().next().is_some())
}
