//! Data representations: how a domain looks to clients, where its casts say so.
//!
//! COMPAT(postgrest 14): an implicit cast between a domain and `json` or `text` with a function is
//! ignored by the server itself, and means that clients get and send what the function makes.

use postern_base::FunctionName;

/// A function that turns one form into another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Converter {
    /// Its name.
    pub function: FunctionName,
    /// Whether it is immutable, so that it surely does not read the session.
    pub immutable: bool,
}

/// The converters of one domain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Representation {
    /// Makes what clients get.
    pub to_json: Option<Converter>,
    /// Makes what stands in CSV.
    pub to_text: Option<Converter>,
    /// Reads what clients send in a body.
    pub from_json: Option<Converter>,
    /// Reads what clients compare with.
    pub from_text: Option<Converter>,
}
