//! "Test as": a draft judged with somebody's eyes, beside what is in force.
//!
//! SECURITY: nothing is written. Rows are judged in a transaction that can only read and has
//! little time, and rows that would be written are values of a `SELECT`.

mod asked;
mod effort;
mod form;
pub(crate) mod logged;
mod pair;
mod refused;

use askama::Template;

pub(crate) use asked::Asked;
pub(crate) use form::Form;
pub(crate) use pair::Tried;
pub(crate) use refused::{not_simulated, passes};

use self::effort::Effort;
use self::pair::{Comparison, Pair};
use super::caller::{Caller, personas, users};
use super::draft::{Draft, Outcome, with_bundle};
use super::verdict::{Judged, VerdictRow};
use crate::answer::{Answer, page};
use crate::visit::Visit;

/// What came of it.
#[derive(Template)]
#[template(path = "policy_verdict.html")]
pub(crate) struct TryOut {
    /// Why there is nothing to show.
    problem: Option<String>,
    caller: String,
    role: String,
    claims: String,
    relation: String,
    verb: &'static str,
    is_service: bool,
    /// Why everything is denied, whatever the row.
    refusals: Vec<String>,
    columns: Vec<String>,
    rows: Vec<VerdictRow>,
    /// Rows that pass, under the draft and in force.
    passing: Option<u64>,
    passing_live: Option<u64>,
    is_compared: bool,
    effort: Option<Effort>,
    not_simulated: Vec<String>,
}

/// `POST /console/policies/{file}/judge`: changes nothing.
pub(crate) async fn judge(visit: &Visit) -> Answer {
    let draft = Draft::read(visit).await?;
    if !visit.wants_part() {
        return super::bench::page_of(visit, draft).await;
    }
    let outcome = draft.check(visit).await;
    let form = Form::read(visit, draft.relation.as_ref());
    page(&TryOut::of(visit, &draft, &outcome, &form).await)
}

#[derive(Template)]
#[template(path = "policy_people.html")]
struct People {
    names: Vec<(String, String)>,
}

/// `GET /console/policies/users`: who is meant, while somebody types.
pub(crate) async fn people(visit: &Visit) -> Answer {
    let found = users(visit, visit.query.text("user").trim()).await?;
    let names = found
        .iter()
        .map(|it| (crate::pages::users::name(it), it.id.to_string()));
    page(&People {
        names: names.collect(),
    })
}

/// The names of the personas of the tests.
pub(crate) async fn persona_names(visit: &Visit) -> Vec<String> {
    let all = personas(visit).await;
    all.into_iter().map(|it| it.name).collect()
}

impl TryOut {
    /// Judges what the form asks for.
    pub(crate) async fn of(visit: &Visit, draft: &Draft, outcome: &Outcome, form: &Form) -> Self {
        match Self::try_of(visit, draft, outcome, form).await {
            Ok(found) => found,
            Err(problem) => Self::problem(problem, form),
        }
    }

    fn problem(problem: String, form: &Form) -> Self {
        Self {
            problem: Some(problem),
            caller: String::new(),
            role: String::new(),
            claims: String::new(),
            relation: form.table.clone(),
            verb: form.verb.as_str(),
            is_service: false,
            refusals: Vec::new(),
            columns: Vec::new(),
            rows: Vec::new(),
            passing: None,
            passing_live: None,
            is_compared: false,
            effort: None,
            not_simulated: Vec::new(),
        }
    }

    async fn try_of(
        visit: &Visit,
        draft: &Draft,
        outcome: &Outcome,
        form: &Form,
    ) -> Result<Self, String> {
        let bundle = outcome.bundle();
        let bundle = bundle.ok_or_else(|| t!("policies.mend_first").to_owned())?;
        let caller = form.caller.caller(visit, bundle).await?;
        let settings = visit.console.rest.settings();
        let live = visit.console.rest.snapshot();
        let asked = Asked::of(form, &live, settings)?;
        let (old, new) = (&live.bundle, bundle);
        let pair = Pair {
            settings,
            live: &live,
            drafted: &with_bundle(&live, new),
            is_compared: draft.is_changed() && old.hash != new.hash,
            now: visit.context.now.unix_timestamp(),
        };
        let trial = visit.console.backstage.policy_trial().await?;
        let judged = pair.judge(&trial, &caller, &asked).await;
        // A transaction that only reads ends with its connection as well.
        let _ = trial.end().await;
        let judged = judged?;
        Ok(Self::told(draft, (&caller, &asked), (&pair, judged)))
    }

    fn told(
        draft: &Draft,
        (caller, asked): (&Caller, &Asked),
        (pair, judged): (&Pair<'_>, Comparison),
    ) -> Self {
        let relation = pair.drafted.catalog.relation(&asked.relation);
        let names = relation.into_iter().flat_map(|it| &it.columns);
        let columns: Vec<_> = names.map(|it| it.name.clone()).collect();
        let refusals = judged.refusals;
        let rows = judged.rows.iter().map(|(row, was)| {
            let judged = Judged {
                row,
                sample: &judged.drafted,
                refused: !refusals.is_empty(),
                was: *was,
            };
            VerdictRow::of(&judged, &columns, &draft.path())
        });
        let claims = serde_json::to_string_pretty(caller.identity.claims().as_value());
        Self {
            problem: None,
            caller: caller.name.clone(),
            role: judged.drafted.role.clone(),
            claims: claims.unwrap_or_default(),
            relation: asked.relation.to_string(),
            verb: asked.verb.as_str(),
            is_service: caller.identity.is_service(),
            rows: rows.collect(),
            columns,
            passing: judged.drafted.passing.filter(|_| refusals.is_empty()),
            passing_live: judged.passing_live,
            refusals,
            is_compared: pair.is_compared,
            effort: judged.effort,
            not_simulated: not_simulated(pair.drafted, asked, &judged.drafted.role),
        }
    }

    fn counted(&self, allowed: bool) -> usize {
        self.rows
            .iter()
            .filter(|it| it.is_allowed == allowed)
            .count()
    }

    fn gains(&self) -> usize {
        self.rows
            .iter()
            .filter(|it| it.change == Some(true))
            .count()
    }

    fn losses(&self) -> usize {
        self.rows
            .iter()
            .filter(|it| it.change == Some(false))
            .count()
    }
}
