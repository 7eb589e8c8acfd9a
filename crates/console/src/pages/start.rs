//! The wizard's second step: the public address, and the first lines of an app.

use askama::Template;

use crate::answer::{Answer, page};
use crate::chrome::{Chrome, Spot};
use crate::pages::tables::api::site;
use crate::place::Place;
use crate::snippets::Language;
use crate::visit::Visit;

#[derive(Template)]
#[template(path = "start.html")]
struct Page {
    chrome: Chrome,
    address: String,
    is_loopback: bool,
    /// The lines that come first in an app; none without a key.
    connect: Option<String>,
    onward: Place,
}

/// `GET /console/start`
pub(crate) async fn show(visit: &Visit) -> Answer {
    let settings = &visit.console.settings;
    let site = site(visit);
    page(&Page {
        chrome: Chrome::new(visit, t!("start.title"), Spot::Elsewhere),
        connect: (!settings.publishable_keys.is_empty())
            .then(|| Language::JavaScript.connect(&site))
            .flatten(),
        address: site.address,
        is_loopback: settings.external_url.scheme() != "https",
        onward: Place::Overview,
    })
}
