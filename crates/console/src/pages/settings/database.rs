//! The database as its server tells of it, and how we reach it.

use askama::Template;
use postern_db::about::About;

use super::{Tab, tabs};
use crate::answer::{Answer, page};
use crate::backstage::operate::Pool;
use crate::chrome::{Chrome, Spot};
use crate::place::Place;
use crate::sizes::bytes;
use crate::visit::Visit;

#[derive(Template)]
#[template(path = "settings/database.html")]
struct Page {
    chrome: Chrome,
    tabs: Vec<(&'static str, Place, bool)>,
    /// None where it does not answer.
    about: Option<About>,
    pool: Pool,
}

/// `GET /console/settings/database`
pub(crate) async fn show(visit: &Visit) -> Answer {
    page(&Page {
        chrome: Chrome::new(visit, t!("settings.title"), Spot::Settings),
        tabs: tabs(Tab::Database),
        about: visit.console.db.about().await.ok(),
        pool: visit.console.backstage.pool(),
    })
}

impl Page {
    fn size(&self) -> String {
        self.about
            .as_ref()
            .map_or(String::new(), |it| bytes(it.bytes))
    }

    fn largest(&self) -> Vec<(String, String)> {
        let largest = self.about.iter().flat_map(|it| &it.largest);
        largest
            .map(|(name, size)| (name.clone(), bytes(*size)))
            .collect()
    }
}

/// What a kind of connection is for.
fn lane(name: &str) -> &'static str {
    match name {
        "read" => t!("database.lane_read"),
        "write" => t!("database.lane_write"),
        "session" => t!("database.lane_session"),
        _ => t!("database.lane_auth"),
    }
}

/// Whose statements a limit is for.
fn caller(name: &str) -> &'static str {
    match name {
        "anon" => t!("logs.anonymous"),
        "user" => t!("database.users"),
        _ => t!("logs.secret"),
    }
}
