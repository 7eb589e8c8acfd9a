//! What should be put right, by gravity; what somebody chose to live with, and why.

use std::collections::HashMap;

use actix_web::http::StatusCode;
use askama::Template;
use postern_auth::Error;
use postern_auth::upkeep::IgnoredFinding;
use postern_base::RelationName;

use crate::answer::{Answer, html, page, see};
use crate::backstage::{Finding, Gravity};
use crate::chrome::{Chrome, Spot};
use crate::failure::{Failure, sentence};
use crate::place::operate::Operate;
use crate::place::{Place, TablePage};
use crate::visit::Visit;

#[derive(Template)]
#[template(path = "advisors.html")]
struct Page {
    chrome: Chrome,
    refusal: Option<String>,
    groups: Vec<Group>,
    ignored: Vec<(IgnoredFinding, bool)>,
    /// Why nobody could look.
    trouble: Option<String>,
    run: Place,
    ignore: Place,
    heed: Place,
}

/// Findings of one gravity.
struct Group {
    title: &'static str,
    text: &'static str,
    advice: Vec<Advice>,
}

/// One of them.
pub(crate) struct Advice {
    /// Its own words, by which it is ignored.
    pub(crate) id: String,
    pub(crate) finding: Finding,
    pub(crate) table: Option<(Place, String)>,
}

impl Advice {
    /// What was found, as a sentence: names, which stand in backticks, and what is between them.
    pub(crate) fn what(&self) -> Vec<(bool, String)> {
        let text = sentence(&self.finding.what);
        let parts = text.split('`').enumerate();
        parts
            .map(|(index, part)| (index % 2 == 1, part.to_owned()))
            .collect()
    }

    /// Why it matters, as a sentence.
    pub(crate) fn why(&self) -> String {
        sentence(&self.finding.why)
    }

    /// Icon, tint and word.
    pub(crate) fn mark(&self) -> (&'static str, &'static str, &'static str) {
        match self.finding.gravity {
            Gravity::Grave => ("deny", "deny", t!("overview.grave")),
            Gravity::Warning => ("warn", "warn", t!("overview.warning")),
        }
    }
}

/// What is found and not ignored, the grave first.
pub(crate) async fn heeded(visit: &Visit) -> Result<Result<Vec<Advice>, String>, Failure> {
    let found = match visit.console.backstage.findings().await {
        Ok(found) => found,
        Err(why) => return Ok(Err(why)),
    };
    let ignored = visit.console.auth.ignored_findings().await?;
    let is_heeded = |it: &Advice| !ignored.iter().any(|no| no.finding == it.id);
    let advice = found.into_iter().map(|it| advice(visit, it));
    Ok(Ok(advice.filter(is_heeded).collect()))
}

/// `GET /console/advisors`
pub(crate) async fn show(visit: &Visit) -> Answer {
    page(&of(visit, None).await?)
}

/// `POST /console/advisors/run`: looks again, where a look of the last minute would do otherwise.
pub(crate) async fn run(visit: &Visit) -> Answer {
    visit.console.backstage.look_again().await;
    see(&Place::Operate(Operate::Advisors))
}

/// `POST /console/advisors/ignore`
pub(crate) async fn ignore(visit: &Visit) -> Answer {
    let (finding, reason) = (visit.form.text("finding"), visit.form.text("reason"));
    let auth = &visit.console.auth;
    let outcome = match is_there(visit, finding).await {
        true => auth.ignore_finding(finding, reason, &visit.context).await,
        false => Err(Error::invalid(t!("advisors.gone"))),
    };
    match outcome {
        Ok(()) => see(&Place::Operate(Operate::Advisors)),
        Err(error) if error.status() >= 500 => Err(error.into()),
        Err(error) => {
            let refusal = Some(sentence(error.message()));
            html(StatusCode::BAD_REQUEST, &of(visit, refusal).await?)
        }
    }
}

/// `POST /console/advisors/heed`
pub(crate) async fn heed(visit: &Visit) -> Answer {
    let finding = visit.form.text("finding");
    let auth = &visit.console.auth;
    auth.heed_finding(finding, &visit.context).await?;
    see(&Place::Operate(Operate::Advisors))
}

/// Whether the server finds this now: nothing else can be ignored in advance.
async fn is_there(visit: &Visit, finding: &str) -> bool {
    let found = visit.console.backstage.findings().await;
    found.is_ok_and(|found| found.iter().any(|it| id(it) == finding))
}

async fn of(visit: &Visit, refusal: Option<String>) -> Result<Page, Failure> {
    let (found, trouble) = match visit.console.backstage.findings().await {
        Ok(found) => (found, None),
        Err(why) => (Vec::new(), Some(why)),
    };
    let ignored = visit.console.auth.ignored_findings().await?;
    let mut by_id: HashMap<String, Advice> = HashMap::new();
    let mut heeded = Vec::new();
    for advice in found.into_iter().map(|it| advice(visit, it)) {
        match ignored.iter().any(|it| it.finding == advice.id) {
            true => drop(by_id.insert(advice.id.clone(), advice)),
            false => heeded.push(advice),
        }
    }
    let (grave, warnings): (Vec<_>, Vec<_>) = heeded
        .into_iter()
        .partition(|it| it.finding.gravity == Gravity::Grave);
    let group = |title, text, advice| Group {
        title,
        text,
        advice,
    };
    let groups = [
        group(t!("advisors.grave"), t!("advisors.grave_text"), grave),
        group(
            t!("advisors.warnings"),
            t!("advisors.warnings_text"),
            warnings,
        ),
    ];
    Ok(Page {
        chrome: Chrome::new(visit, t!("advisors.title"), Spot::Advisors),
        refusal,
        groups: groups
            .into_iter()
            .filter(|it| !it.advice.is_empty())
            .collect(),
        ignored: ignored
            .into_iter()
            .map(|it| {
                let is_there = by_id.contains_key(&it.finding);
                (it, is_there)
            })
            .collect(),
        trouble,
        run: Place::Operate(Operate::AdvisorsRun),
        ignore: Place::Operate(Operate::AdvisorsIgnore),
        heed: Place::Operate(Operate::AdvisorsHeed),
    })
}

fn advice(visit: &Visit, finding: Finding) -> Advice {
    Advice {
        id: id(&finding),
        table: table(visit, &finding.what),
        finding,
    }
}

/// A finding by its kind and its words: one about another table is another finding.
fn id(finding: &Finding) -> String {
    format!("{}: {}", finding.code, finding.what)
}

/// The table that a finding speaks of: names stand in backticks.
fn table(visit: &Visit, what: &str) -> Option<(Place, String)> {
    let snapshot = visit.console.rest.snapshot();
    let quoted = what.split('`').skip(1).step_by(2);
    let named = quoted.filter_map(|it| it.split_once('.'));
    let mut tables = named.map(|(schema, name)| RelationName::new(schema, name));
    let found = tables.find(|it| snapshot.catalog.relation(it).is_some())?;
    let name = format!("{}.{}", found.schema, found.name);
    Some((Place::Table(found, TablePage::Rows), name))
}
