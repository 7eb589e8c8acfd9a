//! The OpenAPI 2.0 description that the data API answers with at its root.
//!
//! It has the shape of PostgREST's: a definition for each relation, parameters, and a path for
//! each relation and function.
//!
//! SECURITY: [`outline`] alone looks at the catalogue, through the caller's view; the other
//! modules print what it found. What the caller may not see is therefore not in the document, and
//! neither is a reference to it.

mod definitions;
mod outline;
mod parameters;
mod paths;
mod types;

use postern_query::View;
use serde_json::{Value, json};

use self::outline::Outline;

/// What the document says about the server itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// The API's name.
    pub title: String,
    /// More about it.
    pub description: String,
    /// The server's version.
    pub version: String,
    /// `http` or `https`, as clients see it.
    pub scheme: String,
    /// Host and port, as clients see them.
    pub host: String,
    /// Where the data API stands, such as `/rest/v1`.
    pub base_path: String,
    /// Whether it says how a caller tells who they are.
    pub security: Security,
}

/// Whether the document says how a caller tells who they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Security {
    /// It says nothing.
    #[default]
    Unsaid,
    /// By a token in `Authorization`.
    Token,
}

/// Describes a schema as it exists for one caller.
pub fn describe(view: &View<'_>, schema: &str, site: &Site) -> Value {
    let outline = Outline::of(view, schema);
    let types = [
        "application/json",
        "application/vnd.pgrst.object+json;nulls=stripped",
        "application/vnd.pgrst.object+json",
        "text/csv",
    ];
    // COMPAT(postgrest 14): the first line of the schema's comment is the title.
    let comment = view.catalog().schema_comment(schema);
    let (title, description) = match comment.map(|it| it.split_once('\n').unwrap_or((it, ""))) {
        Some((title, rest)) => (title, rest.trim_start_matches('\n')),
        None => (site.title.as_str(), site.description.as_str()),
    };
    let mut document = json!({
        "swagger": "2.0",
        "info": {
            "title": title,
            "description": description,
            "version": site.version,
        },
        "host": site.host,
        "basePath": site.base_path,
        "schemes": [site.scheme],
        "consumes": types,
        "produces": types,
        "paths": paths::all(&outline),
        "definitions": definitions::all(&outline),
        "parameters": parameters::all(&outline),
    });
    if site.security == Security::Token {
        document["securityDefinitions"] = json!({
            "JWT": {
                "description": "Add the token prepending \"Bearer \" (without quotes) to it",
                "type": "apiKey",
                "name": "Authorization",
                "in": "header",
            },
        });
        document["security"] = json!([{ "JWT": [] }]);
    }
    document
}

#[cfg(test)]
mod tests;
