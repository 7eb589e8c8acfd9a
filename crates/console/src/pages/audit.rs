//! The audit log, narrowed by who did what to whom, and when.

pub(crate) mod check;
pub(crate) mod export;
mod wish;

use askama::Template;
use postern_auth::admin::PageWish;
use postern_auth::audit::AuditOut;
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use self::wish::Wish;
use super::pager::Pager;
use crate::answer::{Answer, page};
use crate::chrome::{Chrome, Spot};
use crate::place::Place;
use crate::place::operate::Operate;
use crate::visit::Visit;

#[derive(Template)]
#[template(path = "audit.html")]
struct Page {
    chrome: Chrome,
    wish: Wish,
    /// The action as people read it.
    action: String,
    form: Place,
    check: Place,
    rows: Rows,
}

#[derive(Template)]
#[template(path = "audit_rows.html")]
struct Rows {
    entries: Vec<Entry>,
    pager: Pager,
    export: String,
}

/// One entry in words.
pub(crate) struct Entry {
    pub(crate) at: Option<OffsetDateTime>,
    pub(crate) actor: String,
    pub(crate) action: String,
    pub(crate) subject: String,
    pub(crate) subject_place: Option<Place>,
    pub(crate) ip: String,
    pub(crate) is_sealed: bool,
}

impl Entry {
    /// Reads an entry of the log.
    pub(crate) fn read(entry: &AuditOut) -> Self {
        let traits = &entry.payload["traits"];
        let id = traits["user_id"].as_str().and_then(|it| it.parse().ok());
        let at = entry.created_at.as_deref();
        Self {
            at: at.and_then(|it| OffsetDateTime::parse(it, &Rfc3339).ok()),
            actor: text(&entry.payload["actor_username"]),
            // `user_signedup` is the dialect's word; people read it with spaces.
            action: text(&entry.payload["action"]).replace('_', " "),
            subject: subject(entry),
            subject_place: id.map(Place::User),
            ip: entry.ip_address.clone(),
            is_sealed: entry.seq.is_some(),
        }
    }
}

/// To whom or what it was done.
fn subject(entry: &AuditOut) -> String {
    let traits = &entry.payload["traits"];
    let names = [
        "user_email",
        "user_phone",
        "admin_email",
        "user_id",
        "table",
        "name",
    ];
    let mut found = names.into_iter().map(|name| text(&traits[name]));
    found.find(|it| !it.is_empty()).unwrap_or_default()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// `GET /console/audit`
pub(crate) async fn list(visit: &Visit) -> Answer {
    let wanted = Wish::read(&visit.query);
    let wish = PageWish::parse(Some(visit.query.text("page")), None);
    let wish = wish.or_else(|_| PageWish::parse(None, None))?;
    let found = visit.console.auth.audit_page(&wanted.query(), wish).await?;
    let path = Place::Audit.to_string();
    let rows = Rows {
        entries: found.items.iter().map(Entry::read).collect(),
        pager: Pager::new(&found, &path, &wanted.parameters(), "#rows"),
        export: wanted.at(&Place::Operate(Operate::AuditExport).to_string()),
    };
    if visit.wants_part() {
        return page(&rows);
    }
    page(&Page {
        chrome: Chrome::new(visit, t!("audit.title"), Spot::Audit),
        action: wanted.action.replace('_', " "),
        wish: wanted,
        form: Place::Audit,
        check: Place::Operate(Operate::AuditCheck),
        rows,
    })
}
