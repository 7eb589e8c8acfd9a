//! `paths`: the root, each relation with the verbs that are granted, each function.

use postern_catalog::{Argument, Function, Volatility};
use serde_json::{Map, Value, json};

use super::outline::{Outline, Shown};
use super::{parameters, types};

/// All paths.
pub(super) fn all(outline: &Outline<'_>) -> Map<String, Value> {
    let mut all = Map::new();
    all.insert("/".into(), root());
    for relation in &outline.relations {
        all.insert(format!("/{}", relation.name), relation_path(relation));
    }
    for function in &outline.functions {
        let path = format!("/rpc/{}", function.name.name);
        all.insert(path, function_path(function));
    }
    all
}

fn root() -> Value {
    json!({
        "get": {
            "tags": ["Introspection"],
            "summary": "OpenAPI description (this document)",
            "produces": ["application/openapi+json", "application/json"],
            "responses": { "200": { "description": "OK" } },
        },
    })
}

fn relation_path(relation: &Shown<'_>) -> Value {
    let mut path = Map::new();
    if relation.select {
        path.insert("get".into(), get(relation));
    }
    let filters = parameters::filters(relation);
    let body = parameters::body_reference(relation);
    let shared = parameters::reference;
    if relation.insert {
        let parameters = vec![body.clone(), shared("select"), shared("preferPost")];
        path.insert("post".into(), write(relation, parameters, "201", "Created"));
    }
    if relation.delete {
        let parameters = [filters.clone(), vec![shared("preferReturn")]].concat();
        path.insert(
            "delete".into(),
            write(relation, parameters, "204", "No Content"),
        );
    }
    if relation.update {
        let parameters = [filters, vec![body, shared("preferReturn")]].concat();
        path.insert(
            "patch".into(),
            write(relation, parameters, "204", "No Content"),
        );
    }
    path.into()
}

fn get(relation: &Shown<'_>) -> Value {
    const SHARED: [&str; 7] = [
        "select",
        "order",
        "range",
        "rangeUnit",
        "offset",
        "limit",
        "preferCount",
    ];
    let mut references = parameters::filters(relation);
    references.extend(SHARED.map(parameters::reference));

    let rows = json!({
        "type": "array",
        "items": { "$ref": format!("#/definitions/{}", relation.name) },
    });
    let mut operation = operation(relation.name.to_owned(), relation.comment);
    operation.insert("parameters".into(), references.into());
    operation.insert(
        "responses".into(),
        json!({
            "200": { "description": "OK", "schema": rows },
            "206": { "description": "Partial Content" },
        }),
    );
    operation.into()
}

fn write(relation: &Shown<'_>, parameters: Vec<Value>, status: &str, meaning: &str) -> Value {
    let mut operation = operation(relation.name.to_owned(), relation.comment);
    operation.insert("parameters".into(), parameters.into());
    operation.insert(
        "responses".into(),
        json!({ status: { "description": meaning } }),
    );
    operation.into()
}

fn function_path(function: &Function) -> Value {
    let mut path = Map::new();
    let named = function.arguments.iter().filter(|it| !it.name.is_empty());
    if function.volatility != Volatility::Volatile {
        let parameters = named.clone().map(argument_parameter).collect();
        path.insert("get".into(), call(function, parameters));
    }
    let arguments = json!({
        "name": "args",
        "required": true,
        "in": "body",
        "schema": arguments_schema(function, &named.collect::<Vec<_>>()),
    });
    let parameters = vec![arguments, parameters::reference("preferParams")];
    path.insert("post".into(), call(function, parameters));
    path.into()
}

fn call(function: &Function, parameters: Vec<Value>) -> Value {
    let tag = format!("(rpc) {}", function.name.name);
    let mut operation = operation(tag, function.comment.as_deref());
    operation.insert(
        "produces".into(),
        json!([
            "application/json",
            "application/vnd.pgrst.object+json;nulls=stripped",
            "application/vnd.pgrst.object+json",
        ]),
    );
    operation.insert("parameters".into(), parameters.into());
    operation.insert(
        "responses".into(),
        json!({ "200": { "description": "OK" } }),
    );
    operation.into()
}

fn argument_parameter(argument: &Argument) -> Value {
    let mut parameter = Map::new();
    parameter.insert("name".into(), argument.name.clone().into());
    parameter.insert("required".into(), (!argument.has_default).into());
    parameter.insert("in".into(), "query".into());
    parameter.extend(if argument.variadic {
        types::repeated(&argument.ty)
    } else {
        types::parameter(&argument.ty)
    });
    parameter.into()
}

fn arguments_schema(function: &Function, named: &[&Argument]) -> Value {
    let required: Vec<&str> = named
        .iter()
        .filter(|it| !it.has_default)
        .map(|it| it.name.as_str())
        .collect();
    let properties: Map<String, Value> = named
        .iter()
        .map(|it| (it.name.clone(), types::properties(&it.ty).into()))
        .collect();

    let mut schema = Map::new();
    if let Some(comment) = &function.comment {
        schema.insert("description".into(), comment.clone().into());
    }
    if !required.is_empty() {
        schema.insert("required".into(), required.into());
    }
    schema.insert("type".into(), "object".into());
    schema.insert("properties".into(), properties.into());
    schema.into()
}

/// An operation's tag, and the comment: its first line as summary, the rest as description.
fn operation(tag: String, comment: Option<&str>) -> Map<String, Value> {
    let mut operation = Map::new();
    operation.insert("tags".into(), vec![tag].into());
    if let Some(comment) = comment {
        let (summary, rest) = comment.split_once('\n').unwrap_or((comment, ""));
        operation.insert("summary".into(), summary.into());
        let rest = rest.trim_start_matches('\n');
        if !rest.is_empty() {
            operation.insert("description".into(), rest.into());
        }
    }
    operation
}
