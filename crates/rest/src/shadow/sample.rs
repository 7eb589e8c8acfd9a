//! A request as it is kept until it is compared.

use std::sync::Arc;

use postern_base::Identity;
use postern_query::request::{Method, RawBody, RawRequest, Representation, Target};

use crate::Snapshot;

/// Larger bodies are not kept: the queue must stay small.
const BODY_BYTES_MAX: usize = 64 * 1024;

/// A request that was answered, with the snapshot that answered it.
pub(super) struct Sample {
    pub(super) snapshot: Arc<Snapshot>,
    pub(super) identity: Identity,
    method: Method,
    target: Target,
    schema: String,
    query: String,
    prefer: Vec<String>,
    range: Option<String>,
    representation: Representation,
    body: Option<RawBody>,
}

impl Sample {
    /// Copies a request; `None` when it is too large.
    pub(super) fn of(
        snapshot: &Arc<Snapshot>,
        identity: &Identity,
        request: &RawRequest<'_>,
    ) -> Option<Self> {
        let bytes = request.body.as_ref().map_or(0, length);
        (bytes <= BODY_BYTES_MAX).then(|| Self {
            snapshot: Arc::clone(snapshot),
            identity: identity.clone(),
            method: request.method,
            target: request.target.clone(),
            schema: request.schema.to_owned(),
            query: request.query.to_owned(),
            prefer: request.prefer.iter().map(|it| (*it).to_owned()).collect(),
            range: request.range.map(str::to_owned),
            representation: request.representation,
            body: request.body.clone(),
        })
    }

    /// The request as it came.
    pub(super) fn request(&self) -> RawRequest<'_> {
        RawRequest {
            method: self.method,
            target: self.target.clone(),
            schema: &self.schema,
            query: &self.query,
            prefer: self.prefer.iter().map(String::as_str).collect(),
            range: self.range.as_deref(),
            representation: self.representation,
            body: self.body.clone(),
        }
    }

    /// The verb's name.
    pub(super) fn method(&self) -> &'static str {
        match self.method {
            Method::Get => "GET",
            Method::Head => "HEAD",
            Method::Post => "POST",
            Method::Patch => "PATCH",
            Method::Put => "PUT",
            Method::Delete => "DELETE",
        }
    }

    /// The relation or function with its schema.
    pub(super) fn name(&self) -> String {
        let (Target::Relation(name) | Target::Function(name)) = &self.target;
        format!("{}.{name}", self.schema)
    }
}

fn length(body: &RawBody) -> usize {
    match body {
        RawBody::Json(text)
        | RawBody::Form(text)
        | RawBody::Text(text)
        | RawBody::Xml(text)
        | RawBody::Bytes(text) => text.len(),
    }
}
