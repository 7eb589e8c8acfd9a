//! "Why was this denied?": what is in force, asked about a table, a verb, a caller and rows, with
//! every rule and each of its conditions.

use askama::Template;
use postern_policy::{RuleKind, Truths, Verb};
use postern_trial::{Hurdle, SampledRow};

use super::files::file_name;
use super::trial::logged::{Logged, fill, is_id};
use super::trial::{Form, Tried, not_simulated, passes, persona_names};
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
    /// The request of the log that it is about.
    logged: Option<Logged>,
    /// Whether the log has forgotten that request.
    is_forgotten: bool,
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
    /// The role that decided in the log, where it is another one by now.
    other_role: Option<String>,
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

/// `GET /console/policies/why?table=&verb=&user=&key=&request=`; the request is a pasted one, or
/// the id of one in the log.
pub(crate) async fn show(visit: &Visit) -> Answer {
    let mut form = Form::read(visit, None);
    let mut logged = None;
    if is_id(&form.request) {
        let id = std::mem::take(&mut form.request);
        logged = Some(fill(visit, &id, &mut form).await);
    }
    let is_asked = !form.request.is_empty() || !visit.query.text("table").is_empty();
    let told = match is_asked {
        true => Some(tell(visit, &form, logged.as_ref().and_then(Option::as_ref)).await),
        false => None,
    };
    let chrome = Chrome::new(visit, t!("policies.why"), Spot::Policies);
    page(&Page {
        chrome: chrome.below(Place::Policies, t!("policies.title")),
        personas: persona_names(visit).await,
        users: Place::PolicyUsers,
        is_forgotten: matches!(logged, Some(None)),
        logged: logged.flatten(),
        told,
        form,
    })
}

async fn tell(visit: &Visit, form: &Form, logged: Option<&Logged>) -> Result<Told, String> {
    let snapshot = visit.console.rest.snapshot();
    let trial = visit.console.backstage.policy_trial().await?;
    let tried = Tried::of(visit, &trial, &snapshot, form).await;
    // A transaction that only reads ends with its connection as well.
    let _ = trial.end().await;
    let tried = tried?;
    let refused = tried.refusals;
    let role = logged.map(|it| it.role.as_str());
    let other_role = role.filter(|it| *it != tried.sample.role);
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
        not_simulated: not_simulated(&snapshot, &tried.asked, &tried.sample.role),
        other_role: other_role.map(ToOwned::to_owned),
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
