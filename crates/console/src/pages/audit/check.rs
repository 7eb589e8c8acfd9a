//! Whether the chain of the audit log is whole.

use askama::Template;
use postern_auth::audit::Findings;

use crate::answer::{Answer, page};
use crate::chrome::{Chrome, Spot};
use crate::place::Place;
use crate::visit::Visit;

#[derive(Template)]
#[template(path = "audit_check.html")]
struct Page {
    chrome: Chrome,
    findings: Findings,
    /// Where the chain ends, to be written down elsewhere.
    mark: Option<String>,
}

/// `GET /console/audit/check`: reads the whole log.
pub(crate) async fn show(visit: &Visit) -> Answer {
    let findings = visit.console.auth.audit_log().verify(None).await?;
    let head = findings.head.as_ref().filter(|_| findings.is_sound());
    page(&Page {
        chrome: Chrome::new(visit, t!("chain.title"), Spot::Audit)
            .below(Place::Audit, t!("audit.title")),
        mark: head.map(ToString::to_string),
        findings,
    })
}
