//! The audit log, narrowed by who and what.

pub(crate) mod check;

use askama::Template;
use postern_auth::admin::PageWish;
use postern_auth::audit::{AuditOut, AuditQuery};
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::pager::Pager;
use crate::answer::{Answer, page};
use crate::chrome::{Chrome, Spot};
use crate::place::Place;
use crate::place::operate::Operate;
use crate::visit::Visit;

/// The groups that entries are filed under.
const KINDS: [&str; 6] = ["account", "admin", "factor", "team", "token", "user"];

#[derive(Template)]
#[template(path = "audit.html")]
struct Page {
    chrome: Chrome,
    actor: String,
    action: String,
    kinds: Vec<(&'static str, bool)>,
    form: Place,
    check: Place,
    rows: Rows,
}

#[derive(Template)]
#[template(path = "audit_rows.html")]
struct Rows {
    entries: Vec<Entry>,
    pager: Pager,
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
        let subject = ["user_email", "user_phone", "admin_email", "user_id"]
            .into_iter()
            .map(|name| text(&traits[name]))
            .find(|it| !it.is_empty());
        let id = traits["user_id"].as_str().and_then(|it| it.parse().ok());
        let at = entry.created_at.as_deref();
        Self {
            at: at.and_then(|it| OffsetDateTime::parse(it, &Rfc3339).ok()),
            actor: text(&entry.payload["actor_username"]),
            // `user_signedup` is the dialect's word; people read it with spaces.
            action: text(&entry.payload["action"]).replace('_', " "),
            subject: subject.unwrap_or_default(),
            subject_place: id.map(Place::User),
            ip: entry.ip_address.clone(),
            is_sealed: entry.seq.is_some(),
        }
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// `GET /console/audit`
pub(crate) async fn list(visit: &Visit) -> Answer {
    let query = &visit.query;
    let (actor, kind) = (query.text("actor").trim(), query.text("kind"));
    let action = query.text("action").trim().replace(' ', "_");
    let wish = PageWish::parse(Some(query.text("page")), None);
    let wish = wish.or_else(|_| PageWish::parse(None, None))?;
    let narrowed = AuditQuery::narrowed(actor, &action, kind);
    let found = visit.console.auth.audit_page(&narrowed, wish).await?;
    let path = Place::Audit.to_string();
    let parameters = [
        ("actor", actor),
        ("action", action.as_str()),
        ("kind", kind),
    ];
    let rows = Rows {
        entries: found.items.iter().map(Entry::read).collect(),
        pager: Pager::new(&found, &path, &parameters, "#rows"),
    };
    if visit.wants_part() {
        return page(&rows);
    }
    page(&Page {
        chrome: Chrome::new(visit, t!("audit.title"), Spot::Audit),
        actor: actor.to_owned(),
        action: action.replace('_', " "),
        kinds: KINDS.map(|it| (it, it == kind)).to_vec(),
        form: Place::Audit,
        check: Place::Operate(Operate::AuditCheck),
        rows,
    })
}
