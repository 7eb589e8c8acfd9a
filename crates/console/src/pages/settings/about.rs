//! What runs here, since when, how it is, and under which licences.

use askama::Template;
use time::OffsetDateTime;

use super::{Tab, tabs};
use crate::answer::{Answer, page};
use crate::backstage::{Health, Part};
use crate::chrome::{Chrome, Spot};
use crate::place::Place;
use crate::visit::Visit;

#[derive(Template)]
#[template(path = "settings/about.html")]
struct Page {
    chrome: Chrome,
    tabs: Vec<(&'static str, Place, bool)>,
    version: &'static str,
    since: OffsetDateTime,
    policies: String,
    parts: Vec<Part>,
    licences: Vec<(&'static str, &'static str, Option<String>)>,
}

/// `GET /console/settings/about`
pub(crate) async fn show(visit: &Visit) -> Answer {
    let backstage = &visit.console.backstage;
    let up = i64::try_from(backstage.uptime_secs()).unwrap_or(i64::MAX);
    let snapshot = visit.console.rest.snapshot();
    let text = |name: &str| Some(format!("/console/assets/{name}"));
    page(&Page {
        chrome: Chrome::new(visit, t!("settings.title"), Spot::Settings),
        tabs: tabs(Tab::About),
        version: backstage.version(),
        since: visit
            .context
            .now
            .saturating_sub(time::Duration::seconds(up)),
        policies: snapshot.bundle.hash.chars().take(12).collect(),
        parts: backstage.health().await,
        licences: vec![
            ("Postern", "Apache-2.0", None),
            ("Atkinson Hyperlegible", "OFL-1.1", text("OFL.txt")),
            ("htmx", "0BSD", text("HTMX-LICENSE.txt")),
            ("CodeMirror", "MIT", text("CODEMIRROR-LICENSE.txt")),
            ("uPlot", "MIT", text("UPLOT-LICENSE.txt")),
        ],
    })
}

/// Icon, tint and word.
fn mark(part: &Part) -> (&'static str, &'static str, &'static str) {
    match part.health {
        Health::Well => ("allow", "allow", t!("overview.well")),
        Health::Off => ("info", "", t!("overview.off")),
        Health::Ill => ("warn", "deny", t!("overview.ill")),
    }
}
