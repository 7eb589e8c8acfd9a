//! `parameters`: what the paths refer to, shared ones and those of each relation.

use serde_json::{Map, Value, json};

use super::outline::{Outline, Shown};

/// All parameters, by name.
pub(super) fn all(outline: &Outline<'_>) -> Map<String, Value> {
    let mut all = shared();
    for relation in &outline.relations {
        if relation.insert || relation.update {
            all.insert(body_name(relation), body(relation));
        }
        for column in &relation.readable {
            let filter = query(&column.name, column.comment.as_deref());
            all.insert(filter_name(relation, &column.name), filter);
        }
    }
    all
}

/// References to the filters of a relation.
pub(super) fn filters(relation: &Shown<'_>) -> Vec<Value> {
    let columns = relation.readable.iter();
    columns
        .map(|it| reference(&filter_name(relation, &it.name)))
        .collect()
}

/// The reference to the body of a relation.
pub(super) fn body_reference(relation: &Shown<'_>) -> Value {
    reference(&body_name(relation))
}

/// A reference to a parameter.
pub(super) fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/parameters/{name}") })
}

fn body_name(relation: &Shown<'_>) -> String {
    format!("body.{}", relation.name)
}

fn filter_name(relation: &Shown<'_>, column: &str) -> String {
    format!("rowFilter.{}.{column}", relation.name)
}

fn body(relation: &Shown<'_>) -> Value {
    json!({
        "name": relation.name,
        "description": relation.name,
        "required": false,
        "in": "body",
        "schema": { "$ref": format!("#/definitions/{}", relation.name) },
    })
}

fn shared() -> Map<String, Value> {
    let paging = Some("Limiting and Pagination");
    let mut range_unit = header("Range-Unit", "Limiting and Pagination");
    range_unit["default"] = json!("items");
    let all = [
        ("preferParams", prefer(&[])),
        ("preferReturn", prefer(&RETURN)),
        ("preferCount", prefer(&COUNT)),
        (
            "preferPost",
            prefer(&[RETURN.as_slice(), &RESOLUTION].concat()),
        ),
        ("select", query("select", Some("Filtering Columns"))),
        ("on_conflict", query("on_conflict", Some("On Conflict"))),
        ("order", query("order", Some("Ordering"))),
        ("range", header("Range", "Limiting and Pagination")),
        ("rangeUnit", range_unit),
        ("offset", query("offset", paging)),
        ("limit", query("limit", paging)),
    ];
    all.map(|(name, parameter)| (name.to_owned(), parameter))
        .into_iter()
        .collect()
}

const RETURN: [&str; 3] = ["return=representation", "return=minimal", "return=none"];
const COUNT: [&str; 1] = ["count=none"];
const RESOLUTION: [&str; 2] = [
    "resolution=ignore-duplicates",
    "resolution=merge-duplicates",
];

fn prefer(values: &[&str]) -> Value {
    let mut parameter = header("Prefer", "Preference");
    if !values.is_empty() {
        parameter["enum"] = json!(values);
    }
    parameter
}

fn header(name: &str, description: &str) -> Value {
    json!({
        "name": name,
        "description": description,
        "required": false,
        "in": "header",
        "type": "string",
    })
}

fn query(name: &str, description: Option<&str>) -> Value {
    let mut parameter = Map::new();
    parameter.insert("name".into(), name.into());
    if let Some(description) = description {
        parameter.insert("description".into(), description.into());
    }
    parameter.insert("required".into(), false.into());
    parameter.insert("in".into(), "query".into());
    parameter.insert("type".into(), "string".into());
    parameter.into()
}
