//! `definitions`: the shape of each relation's rows.

use postern_catalog::TypeKind;
use serde_json::{Map, Value, json};

use super::outline::{Outline, Shown, ShownColumn};
use super::types;

/// All definitions, by relation.
pub(super) fn all(outline: &Outline<'_>) -> Map<String, Value> {
    let relations = outline.relations.iter();
    relations
        .map(|it| (it.name.to_owned(), definition(it)))
        .collect()
}

fn definition(relation: &Shown<'_>) -> Value {
    let columns = relation.columns.iter();
    let required: Vec<&str> = columns
        .clone()
        .filter(|it| !it.column.nullable)
        .map(|it| it.column.name.as_str())
        .collect();
    let properties: Map<String, Value> = columns
        .map(|it| (it.column.name.clone(), property(it).into()))
        .collect();

    let mut definition = Map::new();
    if let Some(comment) = relation.comment {
        definition.insert("description".into(), comment.into());
    }
    if !required.is_empty() {
        definition.insert("required".into(), required.into());
    }
    definition.insert("type".into(), "object".into());
    definition.insert("properties".into(), properties.into());
    definition.into()
}

fn property(shown: &ShownColumn<'_>) -> Map<String, Value> {
    let column = shown.column;
    let mut property = types::properties(&column.ty);
    if let Some(default) = &column.default
        && let Some(value) = types::default(&column.ty, default)
    {
        property.insert("default".into(), value);
    }
    if let TypeKind::Enum(labels) = &column.ty.kind {
        property.insert("enum".into(), json!(labels));
    }
    if let Some(description) = description(shown) {
        property.insert("description".into(), description.into());
    }
    property
}

/// The comment, and the notes on keys that generators of clients look for.
fn description(shown: &ShownColumn<'_>) -> Option<String> {
    let mut notes = Vec::new();
    if shown.is_key {
        notes.push("This is a Primary Key.<pk/>".to_owned());
    }
    if let Some((table, column)) = shown.target {
        notes.push(format!(
            "This is a Foreign Key to `{table}.{column}`.<fk table='{table}' column='{column}'/>"
        ));
    }
    let comment = shown.column.comment.clone();
    if notes.is_empty() {
        return comment;
    }
    let notes = format!("Note:\n{}", notes.join("\n"));
    Some(comment.map_or(notes.clone(), |it| format!("{it}\n\n{notes}")))
}
