//! `POST /policy/v1/can`: whether the caller might do something, for apps that show or hide a
//! button.
//!
//! SECURITY: the answer is what the real request would have told, and no more: a table that is not
//! there, a column that is hidden, a row that is missing, hidden or refused all give the same
//! bytes. The statement carries the policies of the caller, reads only, and is the only one.

mod native;

use std::sync::Arc;

use actix_web::HttpRequest;
use actix_web::web::{Data, Json, Payload};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use postern_base::{Identity, codes};
use postern_db::RequestSettings;
use postern_http::{ApiError, RequestId};
use postern_query::Can;
use postern_query::request::{Method, RawBody, RawRequest, Representation, Target};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{Enforce, Failure, RestService, body, routes, session};

/// Most columns in a key.
const KEY_COLUMNS_MAX: usize = 32;

/// What is asked.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CanQuestion {
    /// The table, with its schema or without.
    pub table: String,
    /// The verb of the policy files.
    pub verb: CanVerb,
    /// Which row: columns and values that name it. Without it the question is whether the verb
    /// might be allowed at all.
    #[serde(default)]
    pub pk: Map<String, Value>,
    /// The new row of an insert, or what an update assigns.
    #[serde(default)]
    pub row: Option<Map<String, Value>>,
    /// The columns that are to be read or written.
    #[serde(default)]
    pub columns: Vec<String>,
}

/// The verbs.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names say it")]
pub enum CanVerb {
    Select,
    Insert,
    Update,
    Delete,
}

/// The answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct CanAnswer {
    /// Whether the policies of the caller allow it.
    pub allowed: bool,
}

/// `POST /policy/v1/can`.
pub(crate) async fn handle(
    service: Data<RestService>,
    request: HttpRequest,
    payload: Payload,
) -> Result<Json<CanAnswer>, ApiError> {
    let id = RequestId::from_request(&request);
    let telemetry = service.telemetry();
    let identity =
        routes::authenticate(&service, &request).map_err(|it| it.render(None, &id, telemetry))?;
    let answer = async {
        let limit = service.settings().limits.body_bytes_max;
        let text = body::read_json(request.headers(), payload, limit).await?;
        let question = parse(&text)?;
        service
            .can(&identity, &question, || {
                session::settings(&request, &service.settings().base_path)
            })
            .await
    };
    let answer = answer.await;
    answer
        .map(Json)
        .map_err(|it| it.render(Some(&identity), &id, telemetry))
}

fn parse(text: &str) -> Result<CanQuestion, Failure> {
    let question: CanQuestion = serde_json::from_str(text).map_err(|error| {
        ApiError::new(&codes::BODY, "The question is malformed").with_details(error.to_string())
    })?;
    if question.pk.len() > KEY_COLUMNS_MAX {
        let message = format!("`pk` has more than {KEY_COLUMNS_MAX} columns");
        return Err(Failure::new(&codes::REQUEST_LIMIT, message));
    }
    Ok(question)
}

impl RestService {
    /// Whether the policies of the caller allow something; nothing is written.
    ///
    /// # Errors
    /// When the database cannot be asked; whatever speaks against it is an answer, not an error.
    pub async fn can(
        &self,
        identity: &Identity,
        question: &CanQuestion,
        session: impl FnOnce() -> RequestSettings,
    ) -> Result<CanAnswer, Failure> {
        let denied = CanAnswer { allowed: false };
        let enforce = self.settings().enforce;
        let reads = (enforce == Enforce::Native).then(|| native::reads(question));
        let question = reads.as_ref().unwrap_or(question);
        let Some(request) = Asked::of(question, &self.settings().schemas) else {
            return Ok(denied);
        };
        if enforce == Enforce::Native && request.asks_rows && question.verb != CanVerb::Select {
            // SECURITY: refused before anything is looked up, so that it tells nothing of tables.
            let message = "Row-level security cannot be asked about a write before the write; \
                           leave `pk` and `row` out to ask for the rights to the verb";
            return Err(Failure::new(&codes::NOT_IMPLEMENTED, message));
        }
        let snapshot = self.snapshot();
        let view = self.view(&snapshot, identity)?;
        if enforce != Enforce::Rewrite && !self.has_rights(identity, &request, question).await? {
            return Ok(denied);
        }
        if enforce == Enforce::Native && !request.asks_rows {
            return Ok(CanAnswer { allowed: true });
        }
        let limits = &self.settings().limits;
        let raw = request.raw();
        let plan = postern_query::parse(&raw, limits)
            .and_then(|parsed| postern_query::plan(parsed, &view, limits));
        let Ok(plan) = plan else {
            return Ok(denied);
        };
        let Ok(Some(rewritten)) = postern_query::can(&plan, &view, request.can) else {
            return Ok(denied);
        };
        if !request.asks_rows {
            return Ok(CanAnswer { allowed: true });
        }
        match self.run(&rewritten, &view, session).await {
            Ok(answer) => Ok(CanAnswer {
                allowed: answer.page_rows > 0,
            }),
            // The database's own no, such as a value of the wrong type.
            Err(error) if error.rejection().is_some() && error.status() < 500 => Ok(denied),
            Err(error) => Err(error.into()),
        }
    }
}

/// The question as the request that it is about.
struct Asked<'q> {
    schema: &'q str,
    name: &'q str,
    method: Method,
    query: String,
    body: Option<Arc<str>>,
    can: Can,
    /// Whether it is about a row; else about the verb as such.
    asks_rows: bool,
}

impl<'q> Asked<'q> {
    /// `None` where no request could say this.
    fn of(question: &'q CanQuestion, schemas: &'q [String]) -> Option<Self> {
        let (schema, name) = match question.table.split_once('.') {
            Some((schema, name)) => (schemas.iter().find(|it| *it == schema)?.as_str(), name),
            None => (schemas.first()?.as_str(), question.table.as_str()),
        };
        let mut query = String::new();
        for (column, value) in &question.pk {
            let value = match value {
                Value::String(text) => text.clone(),
                Value::Number(number) => number.to_string(),
                Value::Bool(truth) => truth.to_string(),
                Value::Null | Value::Array(_) | Value::Object(_) => return None,
            };
            let column = encoded(&quoted(column));
            query.push_str(&format!("{column}=eq.{}&", encoded(&value)));
        }
        let (method, row) = match question.verb {
            CanVerb::Select => (Method::Get, None),
            CanVerb::Delete => (Method::Delete, None),
            CanVerb::Insert => (Method::Post, Some(question.row.clone().unwrap_or_default())),
            CanVerb::Update => (
                Method::Patch,
                Some(question.row.clone().unwrap_or_default()),
            ),
        };
        let row = row.map(|mut row| {
            for column in &question.columns {
                row.entry(column.clone()).or_insert(Value::Null);
            }
            Arc::from(Value::Object(row).to_string())
        });
        if question.verb == CanVerb::Select && !question.columns.is_empty() {
            let columns: Vec<_> = question.columns.iter().map(|it| quoted(it)).collect();
            query.push_str(&format!("select={}&", encoded(&columns.join(","))));
        }
        if question.verb == CanVerb::Select {
            query.push_str("limit=1");
        }
        let has_row = question.row.is_some();
        Some(Self {
            schema,
            name,
            method,
            query,
            body: row,
            can: if has_row { Can::Write } else { Can::Reach },
            asks_rows: match question.verb {
                CanVerb::Insert => has_row,
                CanVerb::Select | CanVerb::Update | CanVerb::Delete => !question.pk.is_empty(),
            },
        })
    }

    fn raw(&self) -> RawRequest<'_> {
        RawRequest {
            method: self.method,
            target: Target::Relation(self.name.to_owned()),
            schema: self.schema,
            query: self.query.trim_end_matches('&'),
            prefer: Vec::new(),
            range: None,
            representation: Representation::default(),
            body: self.body.clone().map(RawBody::Json),
        }
    }
}

/// A name as the grammar of query strings takes it, whatever it holds.
fn quoted(name: &str) -> String {
    const RESERVED: [&str; 9] = [
        "select",
        "columns",
        "order",
        "limit",
        "offset",
        "and",
        "or",
        "not",
        "on_conflict",
    ];
    let plain = !name.is_empty() && name.chars().all(|it| it.is_alphanumeric() || it == '_');
    match plain && !RESERVED.contains(&name) {
        true => name.to_owned(),
        false => format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\"")),
    }
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}
