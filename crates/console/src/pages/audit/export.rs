//! The entries of the log as a file, sent as they are read, so that no log is too long for it.
//!
//! SECURITY: names and reasons in it were typed by others, and spreadsheets run what begins like a
//! formula (attack 80).

use std::io;

use actix_web::HttpResponse;
use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::web::Bytes;
use futures_util::stream;
use postern_auth::audit::{AuditOut, AuditQuery};
use time::OffsetDateTime;
use uuid::Uuid;

use super::wish::Wish;
use crate::answer::Answer;
use crate::csv;
use crate::visit::Visit;

/// Entries of one stretch.
const ENTRIES: i64 = 1_000;
const HEAD: [&str; 10] = [
    "time", "kind", "action", "actor", "actor_id", "subject", "ip", "request", "number", "traits",
];

/// Reads the log for a file.
struct Reader {
    visit: Visit,
    query: AuditQuery,
    /// Where the next stretch begins; none once the last one is read.
    next: Option<Option<(OffsetDateTime, Uuid)>>,
    /// What stands before the next stretch.
    head: String,
}

/// `GET /console/audit/export`: the same entries as the page, all of them.
pub(crate) async fn send(visit: &Visit) -> Answer {
    let mut head = String::new();
    csv::line(&mut head, HEAD.map(Some));
    let reader = Reader {
        visit: visit.follow_up(),
        query: Wish::read(&visit.query).query(),
        next: Some(None),
        head,
    };
    // Noted first: what was taken along and is noted nowhere would be the worse half.
    visit.console.auth.note_audit_export(&visit.context).await?;
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/csv; charset=utf-8"))
        .insert_header((CONTENT_DISPOSITION, "attachment; filename=\"audit.csv\""))
        .streaming(stream::try_unfold(reader, Reader::next)))
}

impl Reader {
    /// The next stretch of the file; one that cannot be read ends it early.
    async fn next(mut self) -> Result<Option<(Bytes, Self)>, io::Error> {
        let Some(before) = self.next.take() else {
            return Ok(None);
        };
        let auth = &self.visit.console.auth;
        let read = auth.audit_before(&self.query, before, ENTRIES).await;
        let read = read.map_err(|error| io::Error::other(error.message().to_owned()))?;
        let mut text = std::mem::take(&mut self.head);
        for entry in &read.entries {
            add(&mut text, entry);
        }
        let is_full = i64::try_from(read.entries.len()).is_ok_and(|it| it == ENTRIES);
        self.next = is_full.then_some(read.last);
        Ok(Some((Bytes::from(text), self)))
    }
}

fn add(out: &mut String, entry: &AuditOut) {
    let payload = &entry.payload;
    let text = |name: &str| payload[name].as_str().unwrap_or_default();
    let subject = super::subject(entry);
    let number = entry.seq.map(|it| it.to_string());
    let traits = payload["traits"].to_string();
    csv::line(
        out,
        [
            entry.created_at.as_deref(),
            Some(text("log_type")),
            Some(text("action")),
            Some(text("actor_username")),
            Some(text("actor_id")),
            Some(subject.as_str()),
            Some(entry.ip_address.as_str()),
            Some(text("request_id")),
            number.as_deref(),
            Some(traits.as_str()),
        ],
    );
}
