//! The project's keys: what apps carry, and what signs tokens.

use askama::Template;
use postern_auth::keys::StoredKey;

use crate::answer::{Answer, page, see};
use crate::chrome::{Chrome, Spot};
use crate::place::Place;
use crate::visit::Visit;

#[derive(Template)]
#[template(path = "keys.html")]
struct Page {
    chrome: Chrome,
    publishable: Vec<String>,
    secret_keys: usize,
    signing: Vec<StoredKey>,
    rotate: Place,
}

/// `GET /console/keys`
pub(crate) async fn show(visit: &Visit) -> Answer {
    let settings = &visit.console.settings;
    page(&Page {
        chrome: Chrome::new(visit, t!("keys.title"), Spot::Keys),
        publishable: settings.publishable_keys.clone(),
        secret_keys: settings.secret_keys,
        signing: visit.console.auth.keys().list().await?,
        rotate: Place::KeysRotate,
    })
}

/// `POST /console/keys/rotate`
pub(crate) async fn rotate(visit: &Visit) -> Answer {
    let auth = &visit.console.auth;
    auth.rotate_signing_keys(&visit.context).await?;
    see(&Place::Keys)
}

/// Icon, tint, word and meaning of a key's state.
fn state(key: &StoredKey) -> (&'static str, &'static str, &'static str, &'static str) {
    match key.state_name() {
        "current" => (
            "allow",
            "allow",
            t!("keys.current"),
            t!("keys.current_text"),
        ),
        "standby" => ("info", "info", t!("keys.standby"), t!("keys.standby_text")),
        "previous" => ("info", "", t!("keys.previous"), t!("keys.previous_text")),
        _ => ("deny", "deny", t!("keys.revoked"), t!("keys.revoked_text")),
    }
}
