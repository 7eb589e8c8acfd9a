//! "Test as": a draft judged with somebody's eyes, beside what is in force.
//!
//! SECURITY: nothing is written. Rows are judged in a transaction that can only read and has
//! little time, and rows that would be written are values of a `SELECT`.

use askama::Template;
use postern_base::RelationName;
use postern_policy::{Bundle, Verb};
use postern_query::View;
use postern_rest::Snapshot;
use postern_trial::{Pasted, Sample, SampleQuestion, SampledRow, sample, sample_keys};
use serde_json::{Map, Value};

use super::caller::{Caller, CallerForm, Who, personas, users};
use super::draft::{Draft, Outcome, with_bundle};
use super::verdict::{Judged, VerdictRow};
use crate::answer::{Answer, page};
use crate::visit::Visit;

/// Most rows of each kind, allowed and denied.
const ROWS_MAX: u64 = 20;

/// What the form asks for.
pub(crate) struct Form {
    pub(crate) caller: CallerForm,
    pub(crate) verb: Verb,
    pub(crate) table: String,
    pub(crate) key: String,
    pub(crate) values: String,
    pub(crate) request: String,
    pub(crate) tables: Vec<String>,
}

impl Form {
    /// Reads the form, or the address that leads to it.
    pub(crate) fn read(visit: &Visit, relation: Option<&RelationName>) -> Self {
        let text = |name| visit.given(name).trim().to_owned();
        let table = text("table");
        let own = relation.map(ToString::to_string).unwrap_or_default();
        let snapshot = visit.console.rest.snapshot();
        let mut tables: Vec<_> = snapshot
            .catalog
            .relations()
            .map(|it| it.name.to_string())
            .collect();
        tables.sort();
        Self {
            caller: CallerForm::read(visit),
            verb: Verb::parse(visit.given("verb")).unwrap_or(Verb::Select),
            table: if table.is_empty() { own } else { table },
            key: text("key"),
            values: text("values"),
            request: text("request"),
            tables,
        }
    }

    /// The choices of a caller, and whether each is made.
    pub(crate) fn whos(&self) -> Vec<(Who, bool)> {
        Who::ALL.map(|it| (it, it == self.caller.who)).to_vec()
    }

    /// The verbs, and whether each is chosen.
    pub(crate) fn verbs(&self) -> Vec<(&'static str, bool)> {
        Verb::ALL.map(|it| (it.as_str(), it == self.verb)).to_vec()
    }
}

/// What is asked, once the form is understood.
pub(crate) struct Asked {
    pub(crate) relation: RelationName,
    pub(crate) verb: Verb,
    pub(crate) of: Vec<(String, String)>,
    pub(crate) values: Option<Map<String, Value>>,
    /// The request's line, for a test.
    pub(crate) line: Option<String>,
    /// What of the request is left out.
    pub(crate) left_out: Vec<String>,
}

impl Asked {
    /// Understands the form.
    ///
    /// # Errors
    /// What is wrong with it, in a sentence.
    pub(crate) fn of(form: &Form, schema: &str) -> Result<Self, String> {
        if !form.request.is_empty() {
            return Self::of_request(&form.request, schema);
        }
        let (schema, name) = form.table.split_once('.').unwrap_or((schema, &form.table));
        if name.is_empty() {
            return Err(t!("policies.no_table").to_owned());
        }
        let mut of = Vec::new();
        for pair in form
            .key
            .split([',', '\n'])
            .filter(|it| !it.trim().is_empty())
        {
            let (column, value) = pair
                .split_once('=')
                .ok_or_else(|| t!("policies.bad_key", pair.trim()))?;
            of.push((column.trim().to_owned(), value.trim().to_owned()));
        }
        let writes = matches!(form.verb, Verb::Insert | Verb::Update);
        let values = match form.values.as_str() {
            text if !writes || text.is_empty() => None,
            text => {
                Some(serde_json::from_str(text).map_err(|error| t!("policies.bad_values", error))?)
            }
        };
        if form.verb == Verb::Insert && values.is_none() {
            return Err(t!("policies.no_values").to_owned());
        }
        Ok(Self {
            relation: RelationName::new(schema, name),
            verb: form.verb,
            of,
            values,
            line: None,
            left_out: Vec::new(),
        })
    }

    /// As the trial asks it.
    fn question(&self) -> SampleQuestion<'_> {
        SampleQuestion {
            relation: &self.relation,
            verb: self.verb,
            of: &self.of,
            values: self.values.as_ref(),
            rows_max: ROWS_MAX,
        }
    }

    fn of_request(text: &str, schema: &str) -> Result<Self, String> {
        let pasted = Pasted::parse(text).map_err(|error| error.to_string())?;
        let verb = pasted.verb();
        let (of, left_out) = pasted.equalities();
        let values = match &pasted.body {
            Some(Value::Object(fields)) => Some(fields.clone()),
            Some(Value::Array(rows)) => match rows.first() {
                Some(Value::Object(fields)) => Some(fields.clone()),
                _ => None,
            },
            _ => None,
        };
        if verb == Verb::Insert && values.is_none() {
            return Err(t!("policies.no_values").to_owned());
        }
        Ok(Self {
            relation: RelationName::new(schema, &pasted.relation),
            verb,
            of,
            values,
            line: Some(pasted.line()),
            left_out,
        })
    }
}

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
        let schema = settings.schemas.first().map_or("public", String::as_str);
        let asked = Asked::of(form, schema)?;
        let live = visit.console.rest.snapshot();
        let (old, new) = (&live.bundle, bundle);
        let pair = Pair {
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
        let refusals = refusals(&judged.drafted, asked);
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
            not_simulated: not_simulated(pair.drafted, asked),
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

/// What somebody asks for under one set of policies, judged.
pub(crate) struct Tried {
    pub(crate) caller: Caller,
    pub(crate) asked: Asked,
    pub(crate) sample: Sample,
}

impl Tried {
    /// Judges what the form asks for.
    ///
    /// # Errors
    /// Why it cannot be tried, in a sentence.
    pub(crate) async fn of(
        visit: &Visit,
        trial: &postern_db::Trial,
        snapshot: &Snapshot,
        form: &Form,
    ) -> Result<Self, String> {
        let caller = form.caller.caller(visit, &snapshot.bundle).await?;
        let schemas = &visit.console.rest.settings().schemas;
        let schema = schemas.first().map_or("public", String::as_str);
        let asked = Asked::of(form, schema)?;
        let now = visit.context.now.unix_timestamp();
        let view = view(snapshot, &snapshot.bundle, &caller, now)?;
        let sample = sample(trial, &view, asked.question()).await;
        Ok(Self {
            sample: sample.map_err(|error| error.to_string())?,
            caller,
            asked,
        })
    }
}

/// What is in force and what would be.
struct Pair<'s> {
    live: &'s Snapshot,
    drafted: &'s Snapshot,
    is_compared: bool,
    now: i64,
}

/// Rows under the draft, each with whether it passes in force.
struct Comparison {
    drafted: Sample,
    passing_live: Option<u64>,
    rows: Vec<(SampledRow, Option<bool>)>,
}

impl Pair<'_> {
    async fn judge(
        &self,
        trial: &postern_db::Trial,
        caller: &Caller,
        asked: &Asked,
    ) -> Result<Comparison, String> {
        let question = asked.question();
        let told = |error: postern_trial::Error| error.to_string();
        let new = view(self.drafted, &self.drafted.bundle, caller, self.now)?;
        let mut drafted = sample(trial, &new, question).await.map_err(told)?;
        let mut rows: Vec<_> = std::mem::take(&mut drafted.rows);
        let mut passing_live = None;
        let mut before: Vec<(Value, bool)> = Vec::new();
        // A token that names a role which is not there yet reaches nothing in force.
        let old = view(self.live, &self.live.bundle, caller, self.now);
        if self.is_compared
            && let Ok(old) = &old
        {
            let mut live = sample(trial, old, question).await.map_err(told)?;
            passing_live = live.passing;
            let reached = std::mem::take(&mut live.rows);
            before.extend(reached.iter().map(|it| (it.key.clone(), passes(&live, it))));
            if asked.verb != Verb::Insert {
                let missing = |it: &&SampledRow| !rows.iter().any(|row| row.key == it.key);
                let keys: Vec<_> = reached
                    .iter()
                    .filter(missing)
                    .map(|it| it.key.clone())
                    .collect();
                let others = keys_of(&rows, &before);
                if !keys.is_empty() {
                    let more = sample_keys(trial, &new, question, &keys)
                        .await
                        .map_err(told)?;
                    rows.extend(more.rows);
                }
                if !others.is_empty() {
                    let mut more = sample_keys(trial, old, question, &others)
                        .await
                        .map_err(told)?;
                    let found = std::mem::take(&mut more.rows);
                    before.extend(found.iter().map(|it| (it.key.clone(), passes(&more, it))));
                }
            }
        }
        let is_new_row = asked.verb == Verb::Insert;
        let was = |row: &SampledRow| {
            if !self.is_compared {
                return None;
            }
            let found = before.iter().find(|(key, _)| is_new_row || *key == row.key);
            Some(found.is_some_and(|(_, passed)| *passed))
        };
        Ok(Comparison {
            rows: rows
                .into_iter()
                .map(|row| {
                    let was = was(&row);
                    (row, was)
                })
                .collect(),
            drafted,
            passing_live,
        })
    }
}

/// The keys of rows that were not judged before.
fn keys_of(rows: &[SampledRow], before: &[(Value, bool)]) -> Vec<Value> {
    let unknown = |it: &&SampledRow| !before.iter().any(|(key, _)| *key == it.key);
    rows.iter()
        .filter(unknown)
        .map(|it| it.key.clone())
        .collect()
}

fn view<'v>(
    snapshot: &'v Snapshot,
    bundle: &'v Bundle,
    caller: &'v Caller,
    now: i64,
) -> Result<View<'v>, String> {
    let view = View::new(&snapshot.catalog, bundle, &caller.identity);
    view.map(|it| it.at(now)).map_err(|error| error.message)
}

/// Whether a row passes everything.
pub(crate) fn passes(sample: &Sample, row: &SampledRow) -> bool {
    sample.granted
        && sample.assurance.is_none_or(|(_, is_met)| is_met)
        && row.stopped_by().is_none()
}

/// Why everything is refused, whatever the row.
pub(crate) fn refusals(sample: &Sample, asked: &Asked) -> Vec<String> {
    let mut refusals = Vec::new();
    if !sample.granted {
        refusals.push(t!("policies.not_granted", sample.role, asked.verb.as_str()));
        return refusals;
    }
    if let Some((demand, false)) = sample.assurance {
        refusals.push(t!("policies.sign_in_unmet", demand));
    }
    let writes = matches!(asked.verb, Verb::Insert | Verb::Update) && !sample.bypasses;
    let sent = asked.values.iter().flat_map(Map::keys).filter(|_| writes);
    for column in sent.filter(|it| !sample.columns.contains(it)) {
        refusals.push(t!(
            "policies.column_not_granted",
            column,
            asked.verb.as_str()
        ));
    }
    refusals
}

/// What happens in earnest and not here.
pub(crate) fn not_simulated(snapshot: &Snapshot, asked: &Asked) -> Vec<String> {
    let mut all = Vec::new();
    let relation = snapshot.catalog.relation(&asked.relation);
    let triggers = relation.map(|it| it.triggers).unwrap_or_default();
    let has_trigger = match asked.verb {
        Verb::Select => false,
        Verb::Insert => triggers.before_insert,
        Verb::Update => triggers.before_update,
        Verb::Delete => triggers.before_delete,
    };
    if has_trigger {
        all.push(t!("policies.no_triggers").to_owned());
    }
    match asked.verb {
        Verb::Insert => all.push(t!("policies.no_defaults").to_owned()),
        Verb::Update => all.push(t!("policies.no_constraints").to_owned()),
        Verb::Delete => all.push(t!("policies.no_cascades").to_owned()),
        Verb::Select => {}
    }
    for left_out in &asked.left_out {
        all.push(t!("policies.left_out", left_out));
    }
    all
}
