//! What is asked, once the form is understood: always a request, pasted or made of the fields, so
//! that the gateway's own parser reads both.

use postern_base::RelationName;
use postern_policy::Verb;
use postern_query::request::Method;
use postern_query::{Rewritten, Sought, View};
use postern_rest::{RestSettings, Snapshot};
use postern_trial::{Pasted, SampleQuestion};
use serde_json::{Map, Value};

use super::form::Form;

/// Most rows of each kind, allowed and denied.
pub(crate) const ROWS_MAX: u64 = 20;

/// What is asked.
pub(crate) struct Asked {
    pub(crate) relation: RelationName,
    pub(crate) verb: Verb,
    pub(crate) request: Pasted,
    /// Whether somebody wrote the request, rather than filled in the fields.
    pub(crate) is_pasted: bool,
    /// The stored rows that it names.
    pub(crate) sought: Sought,
    /// The rows that it brings.
    pub(crate) rows: Vec<Map<String, Value>>,
}

impl Asked {
    /// Understands the form.
    ///
    /// # Errors
    /// What is wrong with it, in a sentence.
    pub(crate) fn of(
        form: &Form,
        snapshot: &Snapshot,
        settings: &RestSettings,
    ) -> Result<Self, String> {
        let schema = settings.schemas.first().map_or("public", String::as_str);
        let is_pasted = !form.request.is_empty();
        let told = |error: postern_trial::Error| error.to_string();
        let mut request = match is_pasted {
            true => Pasted::parse(&form.request).map_err(told)?,
            false => composed(form, schema)?,
        };
        let verb = request.verb();
        let writes = matches!(verb, Verb::Insert | Verb::Update);
        if writes && request.body.is_none() && !form.values.is_empty() {
            let values: Map<String, Value> = serde_json::from_str(&form.values)
                .map_err(|error| t!("policies.bad_values", error))?;
            request.body = Some(Value::Object(values));
        }
        let rows = match writes {
            true => request.rows().map_err(told)?,
            false => Vec::new(),
        };
        if verb == Verb::Insert && rows.is_empty() && !form.is_logged {
            return Err(t!("policies.no_values").to_owned());
        }
        let sought = request.sought(&snapshot.catalog, schema, &settings.limits);
        Ok(Self {
            relation: request.relation(schema),
            verb,
            is_pasted,
            sought: sought.map_err(told)?,
            rows,
            request,
        })
    }

    /// As the trial asks it.
    pub(crate) fn question(&self) -> SampleQuestion<'_> {
        SampleQuestion {
            relation: &self.relation,
            verb: self.verb,
            sought: Some(&self.sought),
            values: &self.rows,
            rows_max: ROWS_MAX,
        }
    }

    /// Whether it writes rows and nobody knows which.
    pub(crate) fn lacks_rows(&self) -> bool {
        matches!(self.verb, Verb::Insert | Verb::Update) && self.rows.is_empty()
    }

    /// The statement that the gateway makes of it; none where the rows are not known.
    ///
    /// # Errors
    /// The refusal that the caller would get.
    pub(crate) fn statement(
        &self,
        view: &View<'_>,
        settings: &RestSettings,
    ) -> Result<Option<Rewritten>, postern_query::Error> {
        if self.lacks_rows() {
            return Ok(None);
        }
        let schema = &self.relation.schema;
        let made = self.request.statement(view, schema, &settings.limits);
        made.map(Some)
    }
}

/// The request that the fields stand for.
fn composed(form: &Form, schema: &str) -> Result<Pasted, String> {
    let (schema, name) = form.table.split_once('.').unwrap_or((schema, &form.table));
    if name.is_empty() {
        return Err(t!("policies.no_table").to_owned());
    }
    let method = match form.verb {
        Verb::Select => Method::Get,
        Verb::Insert => Method::Post,
        Verb::Update => Method::Patch,
        Verb::Delete => Method::Delete,
    };
    let mut request = Pasted {
        schema: Some(schema.to_owned()),
        ..Pasted::new(method, name)
    };
    let pairs = form.key.split([',', '\n']);
    for pair in pairs.filter(|it| !it.trim().is_empty()) {
        let (column, value) = pair
            .split_once('=')
            .ok_or_else(|| t!("policies.bad_key", pair.trim()))?;
        let filter = format!("eq.{}", value.trim());
        request.parameters.push((quoted(column.trim()), filter));
    }
    Ok(request)
}

/// A name as addresses spell it: in quotes where it holds what would end it.
fn quoted(name: &str) -> String {
    let is_plain = name.chars().all(|it| it.is_alphanumeric() || it == '_');
    match is_plain {
        true => name.to_owned(),
        false => format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\"")),
    }
}
