//! "Why was this denied?": what is in force, asked about a table, a verb, a caller and rows, with
//! every rule and each of its conditions.

use askama::Template;
use postern_policy::{RuleKind, Truths, Verb};
use postern_trial::{Hurdle, SampledRow};

use super::files::file_name;
use super::trial::{Form, Tried, passes, persona_names, refusals};
use crate::answer::{Answer, page};
use crate::chrome::{Chrome, Spot};
use crate::place::Place;
use crate::visit::Visit;

/// The page.
#[derive(Template)]
#[template(path = "policy_why.html")]
struct Page {
    chrome: Chrome,
    form: Form,
    personas: Vec<String>,
    told: Option<Result<Told, String>>,
    users: Place,
}

/// The answer.
pub(crate) struct Told {
    caller: String,
    role: String,
    verb: &'static str,
    relation: String,
    refusals: Vec<String>,
    not_simulated: Vec<String>,
    rows: Vec<RowTold>,
}

/// A row with every rule.
struct RowTold {
    key: String,
    is_allowed: bool,
    hurdles: Vec<HurdleTold>,
}

/// A condition that must hold.
struct HurdleTold {
    what: &'static str,
    is_passed: bool,
    rules: Vec<RuleTold>,
}

/// A rule, with what it is for the row.
struct RuleTold {
    icon: &'static str,
    tint: &'static str,
    word: &'static str,
    name: String,
    file: String,
    place: Place,
    line: usize,
    parts: Vec<(String, &'static str)>,
}

/// `GET /console/policies/why?table=&verb=&user=&key=&request=`
pub(crate) async fn show(visit: &Visit) -> Answer {
    let mut form = Form::read(visit, None);
    // The log names a request that it keeps by its id; what was asked stands beside it.
    if is_id(&form.request) {
        form.request.clear();
    }
    let is_asked = !form.request.is_empty() || !visit.query.text("table").is_empty();
    let told = match is_asked {
        true => Some(tell(visit, &form).await),
        false => None,
    };
    let chrome = Chrome::new(visit, t!("policies.why"), Spot::Policies);
    page(&Page {
        chrome: chrome.below(Place::Policies, t!("policies.title")),
        personas: persona_names(visit).await,
        users: Place::PolicyUsers,
        told,
        form,
    })
}

/// Whether this is the id of a request, and no request.
fn is_id(text: &str) -> bool {
    let is_plain = |it: char| it.is_ascii_alphanumeric() || "-_".contains(it);
    !text.is_empty() && text.chars().all(is_plain)
}

async fn tell(visit: &Visit, form: &Form) -> Result<Told, String> {
    let snapshot = visit.console.rest.snapshot();
    let trial = visit.console.backstage.policy_trial().await?;
    let tried = Tried::of(visit, &trial, &snapshot, form).await;
    // A transaction that only reads ends with its connection as well.
    let _ = trial.end().await;
    let tried = tried?;
    let refused = refusals(&tried.sample, &tried.asked);
    let row = |row: &SampledRow| RowTold {
        key: row.key.to_string(),
        is_allowed: refused.is_empty() && passes(&tried.sample, row),
        hurdles: row.hurdles.iter().map(hurdle).collect(),
    };
    Ok(Told {
        caller: tried.caller.name.clone(),
        role: tried.sample.role.clone(),
        verb: tried.asked.verb.as_str(),
        relation: tried.asked.relation.to_string(),
        rows: tried.sample.rows.iter().map(row).collect(),
        not_simulated: super::trial::not_simulated(&snapshot, &tried.asked),
        refusals: refused,
    })
}

fn hurdle(hurdle: &Hurdle) -> HurdleTold {
    let rule = |truth: &postern_policy::RuleTruth| {
        let is_satisfied = truth.is_satisfied();
        let (icon, tint) = match (is_satisfied, truth.kind) {
            (true, _) => ("allow", "allow"),
            (false, RuleKind::Allow) => ("close", ""),
            (false, RuleKind::Require | RuleKind::Deny) => ("deny", "deny"),
        };
        let name = file_name(&truth.rule.file).to_owned();
        RuleTold {
            icon,
            tint,
            word: word(truth.whole),
            name: format!("{} \"{}\"", truth.rule.kind, truth.rule.name),
            place: Place::Policy(name, ""),
            file: truth.rule.file.clone(),
            line: truth.rule.line,
            parts: match truth.parts.as_slice() {
                [] => vec![(truth.text.clone(), word(truth.whole))],
                parts => parts
                    .iter()
                    .map(|(text, is)| (text.clone(), word(*is)))
                    .collect(),
            },
        }
    };
    HurdleTold {
        what: super::verdict::what(hurdle),
        is_passed: hurdle.verdict().is_allowed(),
        rules: hurdle.truths.iter().map(rule).collect(),
    }
}

fn word(truth: Truths) -> &'static str {
    super::verdict::word(truth)
}

/// The address that asks about a verb on a table.
pub(crate) fn address_of(table: &str, verb: Verb) -> String {
    let parameters = [("table", table), ("verb", verb.as_str())];
    crate::form::address(&Place::PolicyWhy.to_string(), &parameters)
}
