//! What the client asked for, parsed and bounded but not yet bound to the schema.
//!
//! The grammar is PostgREST's; each submodule carries its part as BNF. Errors are
//! [`crate::Error`]s with the dialect's own codes.

mod ast;
mod budget;
mod cursor;
mod failure;
mod field;
mod filter;
mod logic;
mod name;
mod order;
mod parameters;
mod payload;
mod prefer;
mod select;
mod value;
mod window;

use std::sync::Arc;

pub use ast::*;
pub(crate) use parameters::decoded;
use postern_base::{codes, limits::Limits};

use crate::Error;

/// A request as it comes off the wire, without HTTP types.
#[derive(Clone, Debug)]
pub struct RawRequest<'a> {
    /// The verb.
    pub method: Method,
    /// What the path names.
    pub target: Target,
    /// The schema of the profile header, or the default one; checked by the caller to be served.
    pub schema: &'a str,
    /// The raw query string, without `?`.
    pub query: &'a str,
    /// The values of all `Prefer` headers.
    pub prefer: Vec<&'a str>,
    /// The `Range` header (`0-9`, `10-`), when `Range-Unit` is absent or `items`.
    pub range: Option<&'a str>,
    /// The negotiated representation.
    pub representation: Representation,
    /// The body of POST, PATCH and PUT.
    pub body: Option<RawBody>,
}

/// A body as it came, by its media type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RawBody {
    /// JSON text; for relations forms and CSV are made into it.
    Json(Arc<str>),
    /// The fields of a form that calls a function.
    Form(Arc<str>),
    /// Plain text for a function.
    Text(Arc<str>),
    /// XML for a function.
    Xml(Arc<str>),
    /// Bytes for a function, in Postgres's notation: `\x` and hexadecimal digits.
    Bytes(Arc<str>),
}

impl<T: Into<Arc<str>>> From<T> for RawBody {
    fn from(json: T) -> Self {
        Self::Json(json.into())
    }
}

/// The HTTP method, as far as the dialect knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Method {
    Get,
    Head,
    Post,
    Patch,
    Put,
    Delete,
}

/// What the path names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// `/rest/v1/<relation>`
    Relation(String),
    /// `/rest/v1/rpc/<function>`
    Function(String),
}

/// A parsed request: within all limits, its grammar understood.
#[derive(Clone, Debug)]
pub struct ApiRequest {
    /// The verb.
    pub method: Method,
    /// What the path names.
    pub target: Target,
    /// The schema it is looked up in.
    pub schema: String,
    /// The query string.
    pub query: QueryString,
    /// The preferences.
    pub preferences: Preferences,
    /// The form of the answer.
    pub representation: Representation,
    /// The body.
    pub payload: Payload,
    /// How the transaction ends, after the operator's choice and the preference.
    pub end: Tx,
}

/// A parsed body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Payload {
    /// No body, or one that is not looked at (GET, HEAD, DELETE).
    None,
    /// JSON: one object or an array of objects.
    Json(JsonPayload),
    /// A function's arguments by name, repeated ones repeated.
    Form(Vec<(String, String)>),
    /// A body that is one value, for a function with one unnamed argument.
    Whole(Whole),
}

/// A body that is one value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Whole {
    /// What it is.
    pub media: WholeMedia,
    /// Its text.
    pub text: Arc<str>,
}

/// What a body that is one value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum WholeMedia {
    Json,
    Text,
    Xml,
    Bytes,
}

/// A JSON body, checked and kept as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonPayload {
    /// The text, always an array of objects (a single object is wrapped in brackets).
    pub array: Arc<str>,
    /// The text as it came.
    pub whole: Arc<str>,
    /// The keys of the objects in order of first appearance; the same in all of them unless
    /// `columns=` was given.
    pub keys: Vec<String>,
    /// How many objects there are.
    pub rows: usize,
    /// Whether the client sent a single object.
    pub single: bool,
}

/// Parses a request: the grammar alone, without knowing what exists.
///
/// # Errors
/// With the dialect's own code when the query string, the body or a header does not parse, and
/// with [`codes::REQUEST_LIMIT`] when it has more parts than a limit allows.
pub fn parse(raw: &RawRequest<'_>, limits: &Limits) -> Result<ApiRequest, Error> {
    check_method(raw)?;
    let query = parameters::parse(raw, limits)?;
    let payload = payload::parse(raw, query.columns.is_some(), limits)?;
    let preferences = prefer::parse(&raw.prefer)?;
    Ok(ApiRequest {
        method: raw.method,
        target: raw.target.clone(),
        schema: raw.schema.to_owned(),
        query,
        preferences,
        representation: raw.representation,
        payload,
        end: Tx::Commit,
    })
}

fn check_method(raw: &RawRequest<'_>) -> Result<(), Error> {
    let verb = match (raw.method, &raw.target) {
        (Method::Patch, Target::Function(_)) => "PATCH",
        (Method::Put, Target::Function(_)) => "PUT",
        (Method::Delete, Target::Function(_)) => "DELETE",
        _ => return Ok(()),
    };
    let message = format!("Cannot use the {verb} method on RPC");
    Err(Error::new(&codes::RPC_METHOD, message))
}

#[cfg(test)]
mod tests;
