//! The console as a client of the data API, in process.
//!
//! SECURITY: requests are written in the API's own grammar and answered by
//! [`RestService::answer`](postern_rest::RestService::answer) under the service identity, so that
//! every statement on a user's table is one that the rewriter made. No SQL is put together here,
//! and what an admin types reaches a statement as a bound parameter only.

use std::fmt::Write as _;
use std::sync::Arc;

use postern_base::{Identity, RelationName};
use postern_db::RequestSettings;
use postern_query::request::{Method, RawBody, RawRequest, Representation, Target};
use postern_rest::{Outcome, RestService};
use postern_telemetry::{Event, Telemetry};
use serde_json::{Map, Value};
use url::form_urlencoded;

use crate::refusal::Refusal;
use crate::visit::Visit;

/// Names that a parameter of the grammar already has.
const RESERVED: [&str; 9] = [
    "select",
    "columns",
    "on_conflict",
    "order",
    "limit",
    "offset",
    "and",
    "or",
    "not",
];

/// A request in the making.
pub(crate) struct Ask {
    method: Method,
    relation: RelationName,
    query: form_urlencoded::Serializer<'static, String>,
    prefer: Vec<&'static str>,
    body: Option<String>,
}

/// Who asks, for requests that go on when the visit is over.
pub(crate) struct Asker {
    rest: Arc<RestService>,
    telemetry: Telemetry,
    request_id: String,
}

impl Asker {
    /// On behalf of a visit.
    pub(crate) fn of(visit: &Visit) -> Self {
        Self {
            rest: Arc::clone(&visit.console.rest),
            telemetry: visit.console.telemetry.clone(),
            request_id: visit.context.request_id.clone(),
        }
    }
}

/// What came back.
pub(crate) struct Found {
    /// The rows, where they were asked for.
    pub(crate) rows: Vec<Map<String, Value>>,
    /// How many rows were touched, or are on this page.
    pub(crate) touched: u64,
    /// How many there are, where that was asked for.
    pub(crate) total: Option<u64>,
}

impl Ask {
    /// A request on a relation.
    pub(crate) fn new(method: Method, relation: &RelationName) -> Self {
        Self {
            method,
            relation: relation.clone(),
            query: form_urlencoded::Serializer::new(String::new()),
            prefer: Vec::new(),
            body: None,
        }
    }

    /// Adds a parameter.
    #[must_use]
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.query.append_pair(name, value);
        self
    }

    /// Adds a filter: a column, and an operator with its value.
    #[must_use]
    pub(crate) fn filtered(self, column: &str, operation: &str) -> Self {
        let name = name(column);
        self.with(&name, operation)
    }

    /// Adds a preference.
    #[must_use]
    pub(crate) fn preferring(mut self, preference: &'static str) -> Self {
        self.prefer.push(preference);
        self
    }

    /// Sets the body.
    #[must_use]
    pub(crate) fn with_body(mut self, body: String) -> Self {
        self.body = Some(body);
        self
    }

    /// Has it answered.
    pub(crate) async fn send(self, visit: &Visit) -> Result<Found, Box<Refusal>> {
        let writes = !matches!(self.method, Method::Get | Method::Head);
        let outcome = self.outcome(&Asker::of(visit)).await?;
        let rows = match outcome.answer.body.as_deref() {
            Some(body) if body.starts_with('[') => serde_json::from_str(body).unwrap_or_default(),
            _ => Vec::new(),
        };
        debug_assert!(writes || outcome.chunks.is_none(), "a page is one value");
        Ok(Found {
            rows,
            touched: outcome.answer.page_rows,
            total: outcome.answer.total_rows,
        })
    }

    /// Has it answered; the rows as the API's clients get them.
    pub(crate) async fn send_raw(self, asker: &Asker) -> Result<String, Box<Refusal>> {
        let outcome = self.outcome(asker).await?;
        Ok(outcome.answer.body.unwrap_or_default())
    }

    async fn outcome(mut self, asker: &Asker) -> Result<Outcome, Box<Refusal>> {
        let query = self.query.finish();
        let path = format!("/{}", self.relation.name);
        asker.telemetry.report(&Event::PoliciesBypassed {
            method: word(self.method),
            path: &path,
            request_id: &asker.request_id,
        });
        let request = RawRequest {
            method: self.method,
            target: Target::Relation(self.relation.name),
            schema: &self.relation.schema,
            query: &query,
            prefer: self.prefer,
            range: None,
            representation: Representation::default(),
            body: self.body.map(RawBody::from),
        };
        let settings = || RequestSettings {
            method: word(self.method).to_owned(),
            path: path.clone(),
            headers_json: "{}".to_owned(),
            cookies_json: "{}".to_owned(),
        };
        let identity = Identity::service();
        let answered = asker.rest.answer(&identity, &request, settings);
        answered
            .await
            .map_err(|failure| Box::new(Refusal::of(failure)))
    }
}

fn word(method: Method) -> &'static str {
    match method {
        Method::Get => "GET",
        Method::Head => "HEAD",
        Method::Post => "POST",
        Method::Patch => "PATCH",
        Method::Put => "PUT",
        Method::Delete => "DELETE",
    }
}

/// A column's name as filters, orders and selects write it: quoted unless it is plain, because a
/// quoted one makes a shape of its own.
pub(crate) fn name(column: &str) -> String {
    let is_plain = |it: char| it.is_ascii_alphanumeric() || it == '_';
    if !column.is_empty() && column.chars().all(is_plain) && !RESERVED.contains(&column) {
        return column.to_owned();
    }
    quoted(column)
}

/// A text in the quotes of the grammar.
pub(crate) fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for letter in text.chars() {
        if matches!(letter, '"' | '\\') {
            quoted.push('\\');
        }
        quoted.push(letter);
    }
    quoted.push('"');
    quoted
}

/// One item of a select list: a column under an alias, cut behind so many characters.
pub(crate) fn cut(list: &mut String, alias: &str, column: &str, chars_max: usize) {
    let comma = if list.is_empty() { "" } else { "," };
    let _ = write!(list, "{comma}{alias}:{}::varchar {chars_max}", name(column));
}

/// One item of a select list: a column under an alias, as its whole text.
pub(crate) fn whole(list: &mut String, alias: &str, column: &str) {
    let comma = if list.is_empty() { "" } else { "," };
    let _ = write!(list, "{comma}{alias}:{}::text", name(column));
}

/// The text of a row's field.
pub(crate) fn text<'r>(row: &'r Map<String, Value>, alias: &str) -> Option<&'r str> {
    row.get(alias).and_then(Value::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_mean_something_else_are_quoted() {
        assert_eq!(name("id"), "id");
        for (column, written) in [
            ("order", "\"order\""),
            ("a b", "\"a b\""),
            ("a.b", "\"a.b\""),
            ("a\"b\\", "\"a\\\"b\\\\\""),
            ("größe", "\"größe\""),
            ("", "\"\""),
        ] {
            assert_eq!(name(column), written);
        }
    }
}
