//! `/rest/v1/query/<name>`: saved queries with typed parameters.
//!
//! A query that is not there and one that the caller's role may not ask give the same bytes.

use std::collections::HashMap;

use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse};
use postern_base::{Identity, RoleName, codes};
use postern_db::RequestSettings;
use postern_http::{ApiError, RequestId};
use postern_policy::saved::{SavedParam, SavedQuery};
use postern_query::{SavedArguments, View};
use serde_json::{Map, Value};

use crate::{Failure, RestService, body, routes, session, told};

/// The saved queries of a project, by name.
#[derive(Clone, Debug, Default)]
pub struct SavedQueries(HashMap<String, SavedQuery>);

impl SavedQueries {
    /// Those that were read and found safe.
    pub fn new(queries: Vec<SavedQuery>) -> Self {
        Self(
            queries
                .into_iter()
                .map(|it| (it.name.clone(), it))
                .collect(),
        )
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The query of this name, if the caller may ask it.
    fn find(&self, name: &str, view: &View<'_>) -> Option<&SavedQuery> {
        let query = self.0.get(name)?;
        let may = match (view.role(), view.database_role()) {
            _ if view.identity().is_service() => true,
            (Some(role), _) => {
                let chain: Vec<RoleName> = view.bundle().role_chain(role);
                query.roles.iter().any(|it| chain.contains(it))
            }
            // Where the database decides, the roles of the file are those of the database.
            (None, Some(role)) => query.roles.contains(role),
            (None, None) => false,
        };
        may.then_some(query)
    }
}

/// `GET` and `POST /rest/v1/query/<name>`.
pub(crate) async fn handle(
    service: Data<RestService>,
    name: Path<String>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, ApiError> {
    let id = RequestId::from_request(&request);
    let telemetry = service.telemetry();
    let identity =
        routes::authenticate(&service, &request).map_err(|it| it.render(None, &id, telemetry))?;
    told::note(&service, &request, &identity, (&name, "query"));
    let answer = async {
        let given = match *request.method() == actix_web::http::Method::POST {
            true => from_body(&service, &request, payload).await?,
            false => from_query(request.query_string())?,
        };
        service
            .saved(&identity, &name, given, || {
                session::settings(&request, &service.settings().base_path)
            })
            .await
    };
    match answer.await {
        Ok(json) => Ok(HttpResponse::Ok()
            .content_type("application/json; charset=utf-8")
            .body(json)),
        Err(failure) => Err(failure.render(Some(&identity), &id, telemetry)),
    }
}

async fn from_body(
    service: &RestService,
    request: &HttpRequest,
    payload: Payload,
) -> Result<Map<String, Value>, Failure> {
    let limit = service.settings().limits.body_bytes_max;
    let text = body::read_json(request.headers(), payload, limit).await?;
    serde_json::from_str(&text).map_err(|error| {
        let message = "The parameters of a saved query are one JSON object";
        ApiError::new(&codes::BODY, message)
            .with_details(error.to_string())
            .into()
    })
}

fn from_query(query: &str) -> Result<Map<String, Value>, Failure> {
    let mut given = Map::new();
    for pair in query.split('&').filter(|it| !it.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (name, value) = (decoded(name)?, decoded(value)?);
        if given.insert(name.clone(), Value::String(value)).is_some() {
            return Err(parameter(&format!("Parameter `{name}` is given twice")));
        }
    }
    Ok(given)
}

fn decoded(text: &str) -> Result<String, Failure> {
    let spaced = text.replace('+', " ");
    let decoded = percent_encoding::percent_decode_str(&spaced).decode_utf8();
    match decoded {
        Ok(text) if !text.contains('\0') => Ok(text.into_owned()),
        _ => Err(parameter("A parameter is no text")),
    }
}

fn parameter(message: &str) -> Failure {
    Failure::new(&codes::PARSE, message)
}

impl RestService {
    /// Answers a saved query with the JSON array of its rows.
    ///
    /// # Errors
    /// The refusal in the dialect's terms, or the database's.
    pub async fn saved(
        &self,
        identity: &Identity,
        name: &str,
        given: Map<String, Value>,
        session: impl FnOnce() -> RequestSettings,
    ) -> Result<String, Failure> {
        let snapshot = self.snapshot();
        let view = self.view(&snapshot, identity)?;
        let Some(query) = snapshot.queries.find(name, &view) else {
            let message = "There is no such saved query, or it is not for the caller";
            return Err(Failure::new(&codes::PATH, message));
        };
        let arguments = arguments(&query.params, given)?;
        let rows_max = self.settings().limits.rows_max;
        let rewritten = postern_query::rewrite_saved(query, &view, &arguments, rows_max)?;
        let answer = self.run(&rewritten, &view, session).await?;
        Ok(answer.body.unwrap_or_else(|| "[]".into()))
    }
}

/// The answer to a query that is tried out.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The statement that ran, parameters as `$n`.
    pub sql: String,
    /// The JSON array of its rows.
    pub rows: String,
}

impl RestService {
    /// Answers a query that is not served, for whoever tries it out: what this caller would get.
    /// Parameters have their defaults.
    ///
    /// # Errors
    /// The refusal in the dialect's terms, or the database's.
    pub async fn ask(&self, identity: &Identity, query: &SavedQuery) -> Result<Asked, Failure> {
        let snapshot = self.snapshot();
        let view = self.view(&snapshot, identity)?;
        let arguments = arguments(&query.params, Map::new())?;
        let rows_max = self.settings().limits.rows_max;
        let rewritten = postern_query::rewrite_saved(query, &view, &arguments, rows_max)?;
        let answer = self
            .run(&rewritten, &view, RequestSettings::default)
            .await?;
        Ok(Asked {
            sql: rewritten.sql().to_owned(),
            rows: answer.body.unwrap_or_else(|| "[]".into()),
        })
    }
}

/// The values in the order of the query's parameters; the database checks them against the types.
fn arguments(
    params: &[SavedParam],
    mut given: Map<String, Value>,
) -> Result<SavedArguments, Failure> {
    let mut arguments = Vec::new();
    for param in params {
        arguments.push(match given.remove(&param.name) {
            Some(Value::Null) => None,
            Some(Value::String(text)) => Some(text),
            Some(Value::Number(number)) => Some(number.to_string()),
            Some(Value::Bool(truth)) => Some(truth.to_string()),
            Some(json) if matches!(param.ty, "json" | "jsonb") => Some(json.to_string()),
            Some(Value::Array(items)) if param.ty.ends_with("[]") => Some(array(&items)),
            Some(_) => {
                let message = format!("Parameter `{}` is no {}", param.name, param.ty);
                return Err(parameter(&message));
            }
            None => match &param.default {
                Some(default) => Some(default.clone()),
                None => {
                    let message = format!("Parameter `{}` is missing", param.name);
                    return Err(parameter(&message));
                }
            },
        });
    }
    match given.keys().next() {
        Some(name) => Err(parameter(&format!("There is no parameter `{name}`"))),
        None => Ok(arguments),
    }
}

/// An array literal with every element quoted.
fn array(items: &[Value]) -> String {
    let element = |item: &Value| match item {
        Value::Null => "NULL".to_owned(),
        Value::String(text) => quoted(text),
        other => quoted(&other.to_string()),
    };
    let elements: Vec<_> = items.iter().map(element).collect();
    format!("{{{}}}", elements.join(","))
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
