//! Review and publication: what differs, for whom it is wider, which tests fail, and why it is
//! done; then the file is written, and the page waits until it is in force.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use askama::Template;
use serde_json::{Map, Value, json};

use super::checked::{Change, changes};
use super::draft::{Draft, Outcome};
use super::lines::{Hunk, Line, hunks, patch};
use super::suites::Tested;
use crate::answer::{Answer, page, see_other};
use crate::backstage::{PolicyEdit, PublishFault};
use crate::chrome::{Chrome, Spot};
use crate::failure::Failure;
use crate::form::address;
use crate::place::Place;
use crate::visit::Visit;

/// What the log calls a publication.
pub(crate) const PUBLISHED: &str = "admin_policy_published";
/// Longest reason, in characters.
const REASON_CHARS_MAX: usize = 500;
/// How often to look whether the file is in force.
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// How often at most.
const LOOKS_MAX: usize = 300;

#[derive(Template)]
#[template(path = "policy_review.html")]
struct Page<'d> {
    chrome: Chrome,
    nonce: String,
    text: &'d str,
    stored: &'d str,
    is_new: bool,
    is_changed: bool,
    hunks: Vec<Hunk<'d>>,
    errors: usize,
    changes: Vec<Change>,
    more: usize,
    tables: Vec<String>,
    tested: Option<Tested>,
    reason: String,
    problem: Option<String>,
    seen: String,
    edit: Place,
    publish: Place,
    patch: Place,
    author: String,
}

/// `POST /console/policies/{file}/review`: changes nothing.
pub(crate) async fn review(visit: &Visit) -> Answer {
    let draft = Draft::read(visit).await?;
    show(visit, &draft, None).await
}

async fn show(visit: &Visit, draft: &Draft, problem: Option<String>) -> Answer {
    let outcome = draft.check(visit).await;
    let live = visit.console.rest.snapshot();
    let stored = draft.stored.as_deref().unwrap_or_default();
    let (mut changed, mut tables, mut tested) = (Vec::new(), Vec::new(), None);
    if let Outcome::Fine(_) = &outcome
        && let Some(bundle) = outcome.bundle()
    {
        changed = changes(&live.bundle, bundle);
        let has = |name: &str| changed.iter().any(|it| it.subject.starts_with(name));
        let names = live.catalog.relations().map(|it| it.name.to_string());
        tables = names.filter(|it| has(it)).collect();
        tested = Tested::where_it_harms_nobody(visit, Some(&draft.edit())).await;
    }
    let part = |part| Place::Policy(draft.file.clone(), part);
    let chrome = Chrome::new(
        visit,
        t!("policies.review_title", draft.file),
        Spot::Policies,
    );
    page(&Page {
        author: chrome
            .admin
            .as_ref()
            .map(|it| it.email.clone())
            .unwrap_or_default(),
        chrome: chrome.below(part(""), t!("policies.title")),
        nonce: visit.nonce.clone(),
        text: &draft.text,
        stored,
        is_new: draft.stored.is_none(),
        is_changed: draft.is_changed(),
        hunks: hunks(stored, &draft.text),
        errors: outcome.errors(),
        changes: changed,
        more: 0,
        tables,
        tested,
        reason: visit.form.text("reason").to_owned(),
        problem,
        seen: mark_of(draft.stored.as_deref()),
        edit: part("/check"),
        publish: part("/publish"),
        patch: part("/patch"),
    })
}

/// A mark of the text that somebody saw, so that a change of somebody else's is noticed. Nobody
/// gains by forging it: whoever sends it may publish anyway.
fn mark_of(text: Option<&str>) -> String {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

/// `POST /console/policies/{file}/publish`
pub(crate) async fn publish(visit: &Visit) -> Answer {
    let draft = Draft::read(visit).await?;
    let reason = reason(visit);
    let problem = if reason.is_empty() {
        Some(t!("policies.no_reason").to_owned())
    } else if !draft.is_changed() {
        Some(t!("policies.nothing_changed").to_owned())
    } else if visit.form.text("seen") != mark_of(draft.stored.as_deref()) {
        Some(t!("policies.moved").to_owned())
    } else {
        None
    };
    if problem.is_some() {
        return show(visit, &draft, problem).await;
    }
    let outcome = draft.check(visit).await;
    let Some(bundle) = outcome.bundle() else {
        return show(visit, &draft, Some(t!("policies.has_errors").to_owned())).await;
    };
    let hash = bundle.hash.clone();
    match write(visit, &draft, draft.edit(), (&reason, &hash)).await? {
        Ok(()) => {}
        Err(problem) => return show(visit, &draft, Some(problem)).await,
    }
    let word = if is_in_force(visit, &hash).await {
        "live"
    } else {
        "later"
    };
    let here = Place::Policy(draft.file.clone(), "").to_string();
    Ok(see_other(&address(&here, &[("published", word)])))
}

/// `POST /console/policies/{file}/remove`: closes the table to everybody.
pub(crate) async fn remove(visit: &Visit) -> Answer {
    let draft = Draft::read(visit).await?;
    let reason = reason(visit);
    if draft.stored.is_none() {
        return Err(Failure::Missing);
    }
    if reason.is_empty() {
        return show(visit, &draft, Some(t!("policies.no_reason").to_owned())).await;
    }
    let edit = PolicyEdit {
        file: draft.file.clone(),
        text: None,
    };
    let checked = visit.console.backstage.check_policies(&edit).await;
    let Ok(checked) = checked else {
        return show(visit, &draft, Some(t!("policies.rests_on").to_owned())).await;
    };
    let hash = checked.bundle.hash.clone();
    match write(visit, &draft, edit, (&reason, &hash)).await? {
        Ok(()) => {}
        Err(problem) => return show(visit, &draft, Some(problem)).await,
    }
    is_in_force(visit, &hash).await;
    Ok(see_other(&Place::Policies.to_string()))
}

/// Why it is done.
fn reason(visit: &Visit) -> String {
    let text = visit.form.text("reason").trim();
    text.chars().take(REASON_CHARS_MAX).collect()
}

/// Writes the file: aside first, then the log, then in its place.
async fn write(
    visit: &Visit,
    draft: &Draft,
    edit: PolicyEdit,
    (reason, bundle): (&str, &str),
) -> Result<Result<(), String>, Failure> {
    let backstage = &visit.console.backstage;
    let staged = match backstage.stage_policy(&edit, draft.stored.as_deref()).await {
        Ok(staged) => staged,
        Err(PublishFault::ReadOnly(message)) => {
            return Ok(Err(t!("policies.read_only", message)));
        }
        Err(PublishFault::Moved) => return Ok(Err(t!("policies.moved").to_owned())),
        Err(PublishFault::Failed(message)) => return Ok(Err(message)),
    };
    let traits = [
        ("file", json!(edit.file)),
        ("reason", json!(reason)),
        ("bundle", json!(bundle)),
        ("before", json!(draft.stored)),
        ("after", json!(edit.text)),
    ];
    let traits: Map<String, Value> = traits
        .map(|(name, it)| (name.to_owned(), it))
        .into_iter()
        .collect();
    let auth = &visit.console.auth;
    auth.note_admin(PUBLISHED, traits, &visit.context).await?;
    Ok(staged.commit())
}

/// Waits until the reload has picked the file up.
async fn is_in_force(visit: &Visit, hash: &str) -> bool {
    for _ in 0..LOOKS_MAX {
        if visit.console.rest.snapshot().bundle.hash == hash {
            return true;
        }
        actix_web::rt::time::sleep(LOOK_EVERY).await;
    }
    false
}

/// `POST /console/policies/{file}/patch`: the change as a file, for folders that only deployments
/// write.
pub(crate) async fn patch_file(visit: &Visit) -> Answer {
    let draft = Draft::read(visit).await?;
    let text = patch(&draft.path(), draft.stored.as_deref(), &draft.text);
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/x-diff; charset=utf-8"))
        .insert_header((
            CONTENT_DISPOSITION,
            "attachment; filename=\"policies.patch\"",
        ))
        .body(text))
}
