//! A case of the bench as a test file: who asks, for what, given which rows, and what comes of it.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use postern_base::{Identity, RelationName};
use postern_catalog::{Generated, Relation};
use postern_policy::{Bundle, Side, Verb, toml_quoted};
use postern_query::View;
use postern_rest::Snapshot;
use postern_trial::{SampleQuestion, SampledRow, sample};
use serde_json::{Map, Value};

use super::caller::{Caller, Who};
use super::draft::{Outcome, with_bundle};
use super::trial::{Form, Tried, passes};
use crate::visit::Visit;

/// Most rows of each table that a rule looks into.
const LOOKED_INTO_MAX: u64 = 20;
/// What every token says about itself, and no policy should rest on.
const PASSING: [&str; 11] = [
    "iss",
    "sub",
    "aud",
    "exp",
    "iat",
    "role",
    "amr",
    "session_id",
    "phone",
    "user_metadata",
    "is_anonymous",
];

/// The test file of what the form asks for.
///
/// # Errors
/// Why there is none, in a sentence.
pub(crate) async fn case_text(
    visit: &Visit,
    outcome: &Outcome,
    form: &Form,
) -> Result<String, String> {
    let bundle = outcome.bundle();
    let bundle = bundle.ok_or_else(|| t!("policies.mend_first").to_owned())?;
    let snapshot = with_bundle(&visit.console.rest.snapshot(), bundle);
    let trial = visit.console.backstage.policy_trial().await?;
    let tried = Tried::of(visit, &trial, &snapshot, form).await;
    let given = match &tried {
        Ok(tried) => looked_into(&trial, &snapshot, &tried.asked.relation).await,
        Err(_) => Ok(Vec::new()),
    };
    // A transaction that only reads ends with its connection as well.
    let _ = trial.end().await;
    let (tried, given) = (tried?, given?);
    let relation = snapshot.catalog.relation(&tried.asked.relation);
    let relation = relation.ok_or_else(|| t!("policies.no_case").to_owned())?;
    let is_default = visit.console.rest.settings().schemas.first() == Some(&relation.name.schema);
    if !is_default || (tried.sample.rows.is_empty() && tried.sample.granted) {
        return Err(t!("policies.no_case").to_owned());
    }
    let case = Case {
        relation,
        tried: &tried,
        refused: !tried.refusals.is_empty(),
    };
    let mut text = String::from("[given]\n");
    case.given(&mut text);
    for (other, rows) in &given {
        if *other != relation.name
            && let Some(other) = snapshot.catalog.relation(other)
        {
            rows_of(&mut text, other, rows.iter());
        }
    }
    case.case(&mut text, form.caller.who);
    Ok(text)
}

/// The rows of the tables that the rules of this one look into.
async fn looked_into(
    trial: &postern_db::Trial,
    snapshot: &Snapshot,
    name: &RelationName,
) -> Result<Vec<(RelationName, Vec<SampledRow>)>, String> {
    let service = Identity::service();
    let view = View::new(&snapshot.catalog, &snapshot.bundle, &service);
    let view = view.map_err(|error| error.message)?;
    let mut all = Vec::new();
    for relation in sources(&snapshot.bundle, name) {
        if snapshot.catalog.relation(&relation).is_none() {
            continue;
        }
        let question = SampleQuestion {
            relation: &relation,
            verb: Verb::Select,
            sought: None,
            values: &[],
            rows_max: LOOKED_INTO_MAX,
        };
        let found = sample(trial, &view, question).await;
        let found = found.map_err(|error| error.to_string())?;
        all.push((relation, found.rows));
    }
    Ok(all)
}

fn sources(bundle: &Bundle, name: &RelationName) -> BTreeSet<RelationName> {
    let mut all = BTreeSet::new();
    for rule in bundle.rules().iter().filter(|it| it.relation == *name) {
        for side in [Side::Existing, Side::New] {
            rule.text(side).walk(&mut |it| {
                let items = it.subquery().into_iter().flat_map(|query| &query.from);
                all.extend(items.map(|item| item.relation.clone()));
            });
        }
    }
    all
}

struct Case<'t> {
    relation: &'t Relation,
    tried: &'t Tried,
    /// Whether the request is refused whatever the row.
    refused: bool,
}

impl Case<'_> {
    fn given(&self, text: &mut String) {
        if self.tried.asked.verb != Verb::Insert {
            rows_of(text, self.relation, self.tried.sample.rows.iter());
        }
    }

    fn case(&self, text: &mut String, who: Who) {
        let asked = &self.tried.asked;
        let name = format!(
            "{}: {} {}",
            self.tried.caller.name,
            asked.verb.as_str(),
            asked.relation
        );
        // Writing to a string cannot fail.
        let _ = write!(
            text,
            "\n[[case]]\nname = {}\nas = {}\nrequest = {}\n",
            toml_quoted(&name),
            caller(&self.tried.caller, who),
            toml_quoted(&self.request()),
        );
        if !asked.request.prefer.is_empty() {
            let prefer = asked.request.prefer.join(", ");
            let _ = writeln!(text, "prefer = {}", toml_quoted(&prefer));
        }
        if let Some(body) = &asked.request.body {
            let _ = writeln!(text, "body = {}", toml(body));
        }
        let _ = writeln!(text, "expect = {}", self.expected());
    }

    /// The columns that name a row in the answer: those of the key that the caller may read.
    fn shown(&self) -> Vec<&str> {
        let columns = &self.tried.sample.columns;
        let key = self
            .relation
            .primary_key
            .iter()
            .filter(|it| columns.contains(it));
        let mut shown: Vec<_> = key.map(String::as_str).collect();
        if shown.is_empty() {
            shown.extend(columns.first().map(String::as_str));
        }
        shown
    }

    fn request(&self) -> String {
        let asked = &self.tried.asked;
        let mut request = asked.request.clone();
        if asked.is_pasted {
            return request.line();
        }
        let shown = self.shown();
        match asked.verb {
            Verb::Select if !shown.is_empty() => {
                let select = ("select".to_owned(), shown.join(","));
                request.parameters.insert(0, select);
            }
            Verb::Update | Verb::Delete if request.parameters.is_empty() => {
                request.parameters.extend(self.every_row());
            }
            Verb::Select | Verb::Insert | Verb::Update | Verb::Delete => {}
        }
        request.line()
    }

    /// A filter that names the rows that were judged.
    fn every_row(&self) -> Option<(String, String)> {
        let [key] = self.relation.primary_key.as_slice() else {
            return None;
        };
        let values = self
            .tried
            .sample
            .rows
            .iter()
            .filter_map(|it| it.cells.get(key));
        let values: Vec<_> = values
            .map(|it| {
                it.as_str()
                    .map_or_else(|| it.to_string(), ToOwned::to_owned)
            })
            .collect();
        Some((key.clone(), format!("in.({})", values.join(","))))
    }

    fn expected(&self) -> String {
        let sample = &self.tried.sample;
        let allowed: Vec<_> = sample.rows.iter().filter(|it| passes(sample, it)).collect();
        let outcome = |is_allowed: bool| {
            if is_allowed {
                "\"allowed\""
            } else {
                "\"denied\""
            }
        };
        match self.tried.asked.verb {
            _ if self.refused || allowed.is_empty() => outcome(false).into(),
            Verb::Insert => outcome(true).into(),
            Verb::Select if !self.tried.asked.is_pasted => {
                let shown = self.shown();
                let row = |row: &&SampledRow| {
                    let cells = shown
                        .iter()
                        .filter_map(|it| Some(((*it).to_owned(), row.cells.get(*it)?.clone())));
                    toml(&Value::Object(cells.collect()))
                };
                let rows: Vec<_> = allowed.iter().map(row).collect();
                format!("{{ status = 200, rows = [{}] }}", rows.join(", "))
            }
            Verb::Select => outcome(true).into(),
            // One row that is found and may not become what it would: the whole request ends.
            Verb::Update if self.is_refused_on_the_way() => outcome(false).into(),
            Verb::Update | Verb::Delete => format!("{{ affected = {} }}", allowed.len()),
        }
    }

    fn is_refused_on_the_way(&self) -> bool {
        let mut rows = self.tried.sample.rows.iter();
        rows.any(|it| {
            it.stopped_by()
                .is_some_and(|hurdle| hurdle.side == Side::New)
        })
    }
}

/// Who asks: a name, or what their token says.
fn caller(caller: &Caller, who: Who) -> String {
    if who == Who::Anon || caller.identity.is_anonymous() {
        return "\"anon\"".into();
    }
    let claims = caller.identity.claims();
    let Value::Object(all) = claims.as_value() else {
        return "\"anon\"".into();
    };
    let mut text = format!(
        "{{ role = {}",
        toml_quoted(claims.role().unwrap_or("authenticated"))
    );
    if let Some(sub) = claims.sub() {
        let _ = write!(text, ", sub = {}", toml_quoted(sub));
    }
    let own = all.iter().filter(|(name, value)| {
        let is_empty = value.as_str() == Some("") || value.as_object().is_some_and(Map::is_empty);
        !PASSING.contains(&name.as_str()) && !is_empty
    });
    let own: Map<_, _> = own
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    if !own.is_empty() {
        let _ = write!(text, ", claims = {}", toml(&Value::Object(own)));
    }
    text + " }"
}

fn rows_of<'r>(text: &mut String, relation: &Relation, rows: impl Iterator<Item = &'r SampledRow>) {
    let _ = writeln!(text, "{} = [", toml_quoted(&relation.name.to_string()));
    for row in rows {
        let is_written = |name: &str| {
            let column = relation.column(name);
            column.is_some_and(|it| it.generated != Generated::Stored)
        };
        let cells = row
            .cells
            .iter()
            .filter(|(name, value)| is_written(name) && !value.is_null());
        let cells = cells.map(|(name, value)| (name.clone(), value.clone()));
        let _ = writeln!(text, "  {},", toml(&Value::Object(cells.collect())));
    }
    text.push_str("]\n");
}

/// A value in TOML; `$null` stands for what TOML cannot write.
fn toml(value: &Value) -> String {
    match value {
        Value::Null => "\"$null\"".into(),
        Value::Bool(truth) => truth.to_string(),
        Value::Number(number) if number.is_u64() && number.as_i64().is_none() => {
            toml_quoted(&number.to_string())
        }
        Value::Number(number) => number.to_string(),
        Value::String(text) => toml_quoted(text),
        Value::Array(items) => {
            let items: Vec<_> = items.iter().map(toml).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(fields) => {
            let fields = fields.iter();
            let fields: Vec<_> = fields
                .map(|(name, it)| format!("{} = {}", toml_quoted(name), toml(it)))
                .collect();
            match fields.is_empty() {
                true => "{}".into(),
                false => format!("{{ {} }}", fields.join(", ")),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::toml;

    #[test]
    fn values_are_written_as_toml_reads_them() {
        let value = json!({ "a b": null, "c": [1, 1.5, true], "d": { "e": "\"x\"\n" }, "f": {} });

        let text = toml(&value);

        let expected = "{ \"a b\" = \"$null\", \"c\" = [1, 1.5, true], \
                        \"d\" = { \"e\" = \"\\\"x\\\"\\u000A\" }, \"f\" = {} }";
        assert_eq!(text, expected);
    }
}
