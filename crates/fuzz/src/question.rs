//! The text form of a request to the data API, and its way to a statement.
//!
//! ```text
//! GET todos?select=id,title&order=id      (a function: POST rpc/search?…)
//! as: user                                (anon, user, editor, service)
//! prefer: count=exact
//! range: 0-9
//! accept: object                          (json, object, csv, plan, stripped)
//! body: json                              (json, form, text, xml, bytes)
//!
//! [{"title": "x"}]
//! ```

use std::sync::Arc;

use postern_base::Identity;
use postern_base::limits::Limits;
use postern_query::request::ApiRequest;
use postern_query::request::{
    Explain, Format, Logic, Method, Operation, RawBody, RawRequest, Representation, Target,
};
use postern_query::{Error, Rewritten, View, parse, plan, rewrite};

use crate::world::{World, caller};

/// A request as text says it.
#[derive(Clone, Debug)]
pub struct Question<'t> {
    method: Method,
    target: Target,
    query: &'t str,
    caller: Identity,
    prefer: Vec<&'t str>,
    range: Option<&'t str>,
    representation: Representation,
    body: Option<RawBody>,
}

impl<'t> Question<'t> {
    /// Reads any text as a request; what is not understood is left out.
    pub fn read(text: &'t str) -> Self {
        let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
        let mut lines = head.lines();
        let (method, address) = lines
            .next()
            .and_then(|it| it.split_once(' '))
            .unwrap_or(("GET", "todos"));
        let (path, query) = address.split_once('?').unwrap_or((address, ""));
        let target = match path.strip_prefix("rpc/") {
            Some(name) => Target::Function(name.into()),
            None => Target::Relation(path.into()),
        };
        let mut question = Self {
            method: verb(method),
            target,
            query,
            caller: caller("user"),
            prefer: Vec::new(),
            range: None,
            representation: Representation::default(),
            body: (!body.is_empty()).then(|| RawBody::Json(body.into())),
        };
        for (name, value) in lines.filter_map(|it| it.split_once(": ")) {
            question.header(name, value, body);
        }
        question
    }

    fn header(&mut self, name: &str, value: &'t str, body: &str) {
        match name {
            "as" => self.caller = caller(value),
            "prefer" => self.prefer.push(value),
            "range" => self.range = Some(value),
            "accept" => accept(&mut self.representation, value),
            "body" => {
                let text: Arc<str> = body.into();
                self.body = match value {
                    "form" => Some(RawBody::Form(text)),
                    "text" => Some(RawBody::Text(text)),
                    "xml" => Some(RawBody::Xml(text)),
                    "bytes" => Some(RawBody::Bytes(text)),
                    _ => Some(RawBody::Json(text)),
                };
            }
            _ => {}
        }
    }

    /// The grammar's answer.
    ///
    /// # Errors
    /// The refusal that a client would get.
    pub fn parsed(&self, limits: &Limits) -> Result<ApiRequest, Error> {
        let raw = RawRequest {
            method: self.method,
            target: self.target.clone(),
            schema: "public",
            query: self.query,
            prefer: self.prefer.clone(),
            range: self.range,
            representation: self.representation,
            body: self.body.clone(),
        };
        parse(&raw, limits)
    }

    /// The statement for a parsed request.
    ///
    /// # Errors
    /// The refusal that a client would get.
    pub fn statement(&self, request: ApiRequest, limits: &Limits) -> Result<Rewritten, Error> {
        let world = World::get();
        let view = View::new(&world.catalog, &world.bundle, &self.caller)?;
        rewrite(&plan(request, &view, limits)?, &view)
    }
}

fn verb(name: &str) -> Method {
    match name {
        "HEAD" => Method::Head,
        "POST" => Method::Post,
        "PATCH" => Method::Patch,
        "PUT" => Method::Put,
        "DELETE" => Method::Delete,
        _ => Method::Get,
    }
}

fn accept(representation: &mut Representation, value: &str) {
    match value {
        "object" => representation.format = Format::Object,
        "csv" => representation.format = Format::Csv,
        "value" => representation.format = Format::Value,
        "plan" => representation.explain = Some(Explain::default()),
        "stripped" => representation.strip_nulls = true,
        _ => {}
    }
}

/// Changes every value that the client filters by, and nothing else: the statement's text must
/// stay the same.
pub fn with_other_values(mut request: ApiRequest) -> ApiRequest {
    for (_, scope) in &mut request.query.scopes {
        scope.filters.iter_mut().for_each(change);
    }
    request
}

fn change(logic: &mut Logic) {
    match logic {
        Logic::Tree { children, .. } => children.iter_mut().for_each(change),
        Logic::Filter(filter) => match &mut filter.operation {
            Operation::Compare { value, .. }
            | Operation::Quantified { value, .. }
            | Operation::IsDistinct(value)
            | Operation::FullText { value, .. } => *value = OTHER.into(),
            Operation::In(values) => values.iter_mut().for_each(|it| *it = OTHER.into()),
            Operation::Is(_) => {}
        },
    }
}

/// A value that would be noticed in a statement.
const OTHER: &str = "1'); DROP TABLE \"x\" --\\";
