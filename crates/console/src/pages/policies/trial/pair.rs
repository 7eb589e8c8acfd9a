//! Rows under one set of policies, and under two: what is in force and what would be.

use postern_db::Trial;
use postern_policy::{Bundle, Verb};
use postern_query::View;
use postern_rest::{RestSettings, Snapshot};
use postern_trial::{Cost, Sample, SampledRow, sample, sample_keys};
use serde_json::Value;

use super::asked::Asked;
use super::effort::{Effort, of_request};
use super::form::Form;
use super::refused::{passes, refusals};
use crate::pages::policies::caller::Caller;
use crate::visit::Visit;

/// What somebody asks for under one set of policies, judged.
pub(crate) struct Tried {
    pub(crate) caller: Caller,
    pub(crate) asked: Asked,
    pub(crate) sample: Sample,
    /// Why everything is refused, whatever the row.
    pub(crate) refusals: Vec<String>,
}

impl Tried {
    /// Judges what the form asks for.
    ///
    /// # Errors
    /// Why it cannot be tried, in a sentence.
    pub(crate) async fn of(
        visit: &Visit,
        trial: &Trial,
        snapshot: &Snapshot,
        form: &Form,
    ) -> Result<Self, String> {
        let caller = form.caller.caller(visit, &snapshot.bundle).await?;
        let settings = visit.console.rest.settings();
        let asked = Asked::of(form, snapshot, settings)?;
        let now = visit.context.now.unix_timestamp();
        let view = view(snapshot, &snapshot.bundle, &caller, now)?;
        let sample = sample(trial, &view, asked.question()).await;
        let sample = sample.map_err(|error| error.to_string())?;
        let refusals = refusals(&sample, &asked, (&view, settings));
        Ok(Self {
            sample,
            refusals,
            caller,
            asked,
        })
    }
}

/// What is in force and what would be.
pub(super) struct Pair<'s> {
    pub(super) settings: &'s RestSettings,
    pub(super) live: &'s Snapshot,
    pub(super) drafted: &'s Snapshot,
    pub(super) is_compared: bool,
    pub(super) now: i64,
}

/// Rows under the draft, each with whether it passes in force.
pub(super) struct Comparison {
    pub(super) drafted: Sample,
    pub(super) refusals: Vec<String>,
    pub(super) passing_live: Option<u64>,
    pub(super) rows: Vec<(SampledRow, Option<bool>)>,
    /// What the planner expects; none where the request is refused.
    pub(super) effort: Option<Effort>,
}

/// What passes in force, by key.
#[derive(Default)]
struct Before {
    passing: Option<u64>,
    known: Vec<(Value, bool)>,
    cost: Option<Cost>,
}

impl Pair<'_> {
    pub(super) async fn judge(
        &self,
        trial: &Trial,
        caller: &Caller,
        asked: &Asked,
    ) -> Result<Comparison, String> {
        let new = view(self.drafted, &self.drafted.bundle, caller, self.now)?;
        let drafted = sample(trial, &new, asked.question()).await;
        let mut drafted = drafted.map_err(|it| told(&it))?;
        let mut rows = std::mem::take(&mut drafted.rows);
        let mut before = Before::default();
        // A token that names a role which is not there yet reaches nothing in force.
        let old = view(self.live, &self.live.bundle, caller, self.now);
        if self.is_compared
            && let Ok(old) = &old
        {
            before = self.before(trial, (old, &new), asked, &mut rows).await?;
        }
        let cost = of_request(trial, &new, (asked, self.settings)).await;
        let effort = cost.map(|it| Effort::of(&it, before.cost.as_ref()));
        let is_insert = asked.verb == Verb::Insert;
        let was = |(index, row): (usize, SampledRow)| {
            // New rows have no key yet; they come in their order.
            let found = match is_insert {
                true => before.known.get(index),
                false => before.known.iter().find(|(key, _)| *key == row.key),
            };
            let was = found.is_some_and(|(_, passed)| *passed);
            (row, self.is_compared.then_some(was))
        };
        Ok(Comparison {
            refusals: refusals(&drafted, asked, (&new, self.settings)),
            rows: rows.into_iter().enumerate().map(was).collect(),
            passing_live: before.passing,
            effort,
            drafted,
        })
    }

    /// What passes in force; rows that only that reaches are judged by the draft as well.
    async fn before(
        &self,
        trial: &Trial,
        (old, new): (&View<'_>, &View<'_>),
        asked: &Asked,
        rows: &mut Vec<SampledRow>,
    ) -> Result<Before, String> {
        let question = asked.question();
        let live = sample(trial, old, question).await.map_err(|it| told(&it))?;
        let is_refused = !refusals(&live, asked, (old, self.settings)).is_empty();
        let judged = |live: &Sample| -> Vec<(Value, bool)> {
            let all = live.rows.iter();
            all.map(|it| (it.key.clone(), !is_refused && passes(live, it)))
                .collect()
        };
        let mut known = judged(&live);
        if asked.verb != Verb::Insert {
            let others = keys_of(rows, &known);
            let missing = known.iter().map(|(key, _)| key);
            let missing = missing.filter(|key| !rows.iter().any(|row| row.key == **key));
            let missing: Vec<_> = missing.cloned().collect();
            if !missing.is_empty() {
                let more = sample_keys(trial, new, question, &missing).await;
                rows.extend(more.map_err(|it| told(&it))?.rows);
            }
            if !others.is_empty() {
                let more = sample_keys(trial, old, question, &others).await;
                known.extend(judged(&more.map_err(|it| told(&it))?));
            }
        }
        Ok(Before {
            cost: of_request(trial, old, (asked, self.settings)).await,
            passing: live.passing.filter(|_| !is_refused),
            known,
        })
    }
}

fn told(error: &postern_trial::Error) -> String {
    error.to_string()
}

/// The keys of rows that were not judged before.
fn keys_of(rows: &[SampledRow], before: &[(Value, bool)]) -> Vec<Value> {
    let unknown = |it: &&SampledRow| !before.iter().any(|(key, _)| *key == it.key);
    rows.iter()
        .filter(unknown)
        .map(|it| it.key.clone())
        .collect()
}

/// A caller's view of policies.
pub(super) fn view<'v>(
    snapshot: &'v Snapshot,
    bundle: &'v Bundle,
    caller: &'v Caller,
    now: i64,
) -> Result<View<'v>, String> {
    let view = View::new(&snapshot.catalog, bundle, &caller.identity);
    view.map(|it| it.at(now)).map_err(|error| error.message)
}
