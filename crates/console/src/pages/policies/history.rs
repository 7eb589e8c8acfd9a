//! The versions of a file that were published here, from the audit log: who, when, why, and the
//! way back.

use askama::Template;
use postern_auth::admin::PageWish;
use postern_auth::audit::{AuditOut, AuditQuery};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::draft::Draft;
use super::lines::{Line, hunks};
use super::review::PUBLISHED;
use crate::answer::{Answer, page};
use crate::chrome::{Chrome, Spot};
use crate::place::Place;
use crate::visit::Visit;

/// Most publications that are looked through.
const ENTRIES_MAX: &str = "500";

#[derive(Template)]
#[template(path = "policy_history.html")]
struct Page {
    chrome: Chrome,
    versions: Vec<Version>,
    review: Place,
    remove: Place,
    is_there: bool,
}

/// A publication.
struct Version {
    at: Option<OffsetDateTime>,
    author: String,
    reason: String,
    bundle: String,
    /// The text before; none where the file was not there.
    before: Option<String>,
    /// The text from then on; none where the file was taken away.
    after: Option<String>,
    is_current: bool,
}

impl Version {
    fn read(entry: &AuditOut, stored: Option<&str>) -> Self {
        let traits = &entry.payload["traits"];
        let text = |name: &str| traits[name].as_str().map(ToOwned::to_owned);
        let at = entry.created_at.as_deref();
        let after = text("after");
        Self {
            at: at.and_then(|it| OffsetDateTime::parse(it, &Rfc3339).ok()),
            author: entry.payload["actor_username"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
            reason: text("reason").unwrap_or_default(),
            bundle: text("bundle")
                .unwrap_or_default()
                .chars()
                .take(12)
                .collect(),
            is_current: after.as_deref() == stored,
            before: text("before"),
            after,
        }
    }

    fn hunks(&self) -> Vec<super::lines::Hunk<'_>> {
        let (before, after) = (self.before.as_deref(), self.after.as_deref());
        hunks(before.unwrap_or_default(), after.unwrap_or_default())
    }
}

/// `GET /console/policies/{file}/history`
pub(crate) async fn show(visit: &Visit) -> Answer {
    let draft = Draft::read(visit).await?;
    let wish = PageWish::parse(None, Some(ENTRIES_MAX))?;
    let query = AuditQuery::narrowed("", PUBLISHED, "");
    let entries = visit.console.auth.audit_page(&query, wish).await?.items;
    let mine = entries
        .iter()
        .filter(|it| it.payload["traits"]["file"] == *draft.file);
    let mut versions: Vec<_> = mine
        .map(|it| Version::read(it, draft.stored.as_deref()))
        .collect();
    let newest = versions.iter().position(|it| it.is_current);
    for (index, version) in versions.iter_mut().enumerate() {
        version.is_current = Some(index) == newest;
    }
    let part = |part| Place::Policy(draft.file.clone(), part);
    let chrome = Chrome::new(
        visit,
        t!("policies.history_title", draft.file),
        Spot::Policies,
    );
    page(&Page {
        chrome: chrome.below(part(""), t!("policies.title")),
        is_there: draft.stored.is_some(),
        review: part("/review"),
        remove: part("/remove"),
        versions,
    })
}
