//! The wizard's second step: the public address, and the first lines of an app.

use askama::Template;

use crate::answer::{Answer, page};
use crate::chrome::{Chrome, Spot};
use crate::place::Place;
use crate::visit::Visit;

#[derive(Template)]
#[template(path = "start.html")]
struct Page {
    chrome: Chrome,
    address: String,
    is_loopback: bool,
    publishable_key: Option<String>,
    onward: Place,
}

/// `GET /console/start`
pub(crate) async fn show(visit: &Visit) -> Answer {
    let settings = &visit.console.settings;
    let address = settings.external_url.as_str().trim_end_matches('/');
    page(&Page {
        chrome: Chrome::new(visit, t!("start.title"), Spot::Elsewhere),
        address: address.to_owned(),
        is_loopback: settings.external_url.scheme() != "https",
        publishable_key: settings.publishable_keys.first().cloned(),
        onward: Place::Overview,
    })
}
