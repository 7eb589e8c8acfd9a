//! A pasted request on its way through the gateway: its own parser, its own planner.

use postern_base::limits::Limits;
use postern_base::{Identity, RelationName};
use postern_catalog::Catalog;
use postern_policy::Bundle;
use postern_query::request::{Method, RawRequest, Representation, Target};
use postern_query::{Rewritten, Sought, View};
use serde_json::{Map, Value};
use url::form_urlencoded::Serializer;

use super::Pasted;
use crate::Error;

impl Pasted {
    /// The table, in the schema that the request speaks of.
    pub fn relation(&self, schema: &str) -> RelationName {
        RelationName::new(self.schema.as_deref().unwrap_or(schema), &self.relation)
    }

    /// The rows that the body brings.
    ///
    /// # Errors
    /// When they are no objects.
    pub fn rows(&self) -> Result<Vec<Map<String, Value>>, Error> {
        let items = match &self.body {
            None => return Ok(Vec::new()),
            Some(Value::Array(items)) => items.as_slice(),
            Some(other) => std::slice::from_ref(other),
        };
        let row = |it: &Value| match it {
            Value::Object(fields) => Ok(fields.clone()),
            _ => Err(super::wrong("a row is a JSON object")),
        };
        items.iter().map(row).collect()
    }

    /// The stored rows that the request names, whoever asks.
    ///
    /// # Errors
    /// When there is no such table or column, or a parameter cannot be read.
    pub fn sought(
        &self,
        catalog: &Catalog,
        schema: &str,
        limits: &Limits,
    ) -> Result<Sought, Error> {
        let name = self.relation(schema);
        let relation = catalog.relation(&name);
        let relation = relation.ok_or_else(|| Error::NoRelation(name.clone()))?;
        let query = self.query();
        let told = |error: postern_query::Error| super::wrong(&told(&error));
        // The body says nothing about stored rows, and the log of requests keeps none.
        let is_read = matches!(self.method, Method::Get | Method::Head);
        let bare = RawRequest {
            method: if is_read { Method::Get } else { Method::Delete },
            body: None,
            ..self.raw(&name.schema, &query)
        };
        let parsed = postern_query::parse(&bare, limits).map_err(told)?;
        let (service, bundle) = (Identity::service(), Bundle::default());
        let view = View::new(catalog, &bundle, &service).map_err(told)?;
        Sought::of(&parsed, relation, &view, limits).map_err(told)
    }

    /// The statement that the gateway makes of the request for a caller.
    ///
    /// # Errors
    /// The refusal that the caller would get.
    pub fn statement(
        &self,
        view: &View<'_>,
        schema: &str,
        limits: &Limits,
    ) -> Result<Rewritten, postern_query::Error> {
        let (query, name) = (self.query(), self.relation(schema));
        let raw = self.raw(&name.schema, &query);
        let parsed = postern_query::parse(&raw, limits)?;
        let plan = postern_query::plan(parsed, view, limits)?;
        postern_query::rewrite(&plan, view)
    }

    fn query(&self) -> String {
        let mut query = Serializer::new(String::new());
        query.extend_pairs(&self.parameters);
        query.finish()
    }

    fn raw<'r>(&'r self, schema: &'r str, query: &'r str) -> RawRequest<'r> {
        RawRequest {
            method: self.method,
            target: Target::Relation(self.relation.clone()),
            schema,
            query,
            prefer: self.prefer.iter().map(String::as_str).collect(),
            range: None,
            representation: Representation::default(),
            body: self.body.as_ref().map(|it| it.to_string().into()),
        }
    }
}

/// A refusal in a sentence.
fn told(error: &postern_query::Error) -> String {
    match &error.details {
        Some(details) => format!("{} ({details})", error.message),
        None => error.message.clone(),
    }
}
