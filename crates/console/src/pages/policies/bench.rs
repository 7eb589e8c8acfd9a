//! The bench: the file on the left, who sees what of it on the right.

use askama::Template;
use postern_policy::{Template as Starter, Verb, template};

use super::checked::Checked;
use super::draft::{Draft, with_bundle};
use super::trial::{Form, TryOut, persona_names};
use super::why::address_of;
use super::words::{Word, words};
use crate::answer::{Answer, page};
use crate::chrome::{Chrome, Spot};
use crate::place::Place;
use crate::visit::Visit;

/// The page.
#[derive(Template)]
#[template(path = "policy.html")]
struct Page {
    chrome: Chrome,
    nonce: String,
    text: String,
    is_new: bool,
    published: String,
    why: String,
    starters: Vec<(&'static str, &'static str, String)>,
    words: Vec<Word>,
    checked: Checked,
    form: Form,
    try_out: Option<TryOut>,
    personas: Vec<String>,
    places: Places,
}

/// Where the forms of the page lead.
struct Places {
    here: Place,
    check: Place,
    judge: Place,
    review: Place,
    history: Place,
    tests: Place,
    case: Place,
    users: Place,
}

impl Places {
    fn of(file: &str) -> Self {
        let part = |part| Place::Policy(file.to_owned(), part);
        Self {
            here: part(""),
            check: part("/check"),
            judge: part("/judge"),
            review: part("/review"),
            history: part("/history"),
            tests: part("/tests"),
            case: part("/case"),
            users: Place::PolicyUsers,
        }
    }
}

/// `GET /console/policies/{file}`
pub(crate) async fn show(visit: &Visit) -> Answer {
    let mut draft = Draft::read(visit).await?;
    if draft.stored.is_none() {
        let snapshot = visit.console.rest.snapshot();
        let relation = draft.relation.as_ref();
        let relation = relation.and_then(|it| snapshot.catalog.relation(it));
        let chosen = Starter::parse(visit.query.text("template"));
        let text = chosen.and_then(|it| template(it, relation?));
        draft.text = text.unwrap_or_default();
    }
    page_of(visit, draft).await
}

/// The page of a draft, tried out where the form asks for it.
pub(crate) async fn page_of(visit: &Visit, draft: Draft) -> Answer {
    let snapshot = visit.console.rest.snapshot();
    let outcome = draft.check(visit).await;
    let checked = Checked::of(visit, &draft, &outcome);
    let form = Form::read(visit, draft.relation.as_ref());
    let try_out = match visit.form.text("try") {
        "" => None,
        _ => Some(TryOut::of(visit, &draft, &outcome, &form).await),
    };
    let bundle = outcome.bundle().unwrap_or(&snapshot.bundle);
    let words = words(&with_bundle(&snapshot, bundle), draft.relation.as_ref());
    let chrome = Chrome::new(visit, draft.file.clone(), Spot::Policies);
    page(&Page {
        personas: persona_names(visit).await,
        chrome: chrome.below(Place::Policies, t!("policies.title")),
        nonce: visit.nonce.clone(),
        is_new: draft.stored.is_none(),
        starters: starters(visit, &draft),
        places: Places::of(&draft.file),
        words,
        checked,
        form,
        try_out,
        published: visit.query.text("published").to_owned(),
        why: draft
            .relation
            .as_ref()
            .map(|it| address_of(&it.to_string(), Verb::Select))
            .unwrap_or_default(),
        text: draft.text,
    })
}

/// The starter files that fit the table: name, what it is for, address.
fn starters(visit: &Visit, draft: &Draft) -> Vec<(&'static str, &'static str, String)> {
    let snapshot = visit.console.rest.snapshot();
    let relation = draft.relation.as_ref();
    let Some(relation) = relation.and_then(|it| snapshot.catalog.relation(it)) else {
        return Vec::new();
    };
    if draft.stored.is_some() {
        return Vec::new();
    }
    let here = Place::Policy(draft.file.clone(), "").to_string();
    let fitting = Starter::ALL.into_iter();
    let fitting = fitting.filter(|it| template(*it, relation).is_some());
    fitting
        .map(|it| {
            let address = crate::form::address(&here, &[("template", it.as_str())]);
            (it.as_str(), purpose(it), address)
        })
        .collect()
}

fn purpose(starter: Starter) -> &'static str {
    match starter {
        Starter::Owner => t!("policies.starter_owner"),
        Starter::Team => t!("policies.starter_team"),
        Starter::PublicRead => t!("policies.starter_public_read"),
        Starter::Private => t!("policies.starter_private"),
        Starter::InsertOnly => t!("policies.starter_insert_only"),
        Starter::ReadOnly => t!("policies.starter_read_only"),
        Starter::AdminOnly => t!("policies.starter_admin_only"),
        Starter::Public => t!("policies.starter_public"),
    }
}
