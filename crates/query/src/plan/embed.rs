//! Which relationship an embed means.
//!
//! The target may be a relation, a foreign key's name, or the foreign key's column; the hint
//! narrows to a constraint, a column, or a junction (PostgREST's rules). Several that are left
//! answer 300 with the candidates.

use postern_base::codes;
use postern_catalog::{Cardinality, Relation, Relationship, nearest};
use serde_json::{Value, json};

use super::{Planner, is_result};
use crate::Error;
use crate::request::SelectEmbed;

impl<'a> Planner<'_, 'a> {
    /// Finds the one relationship that the embed means.
    pub(super) fn relationship(
        &self,
        near: &Relation,
        item: &SelectEmbed,
    ) -> Result<&'a Relationship, Error> {
        let near = match self.result_of.get() {
            Some(returned) if is_result(near) => returned,
            _ => near,
        };
        let all = self.visible_relationships(near);
        let hint = item.hint.as_deref();
        let matching: Vec<_> = all
            .iter()
            .copied()
            .filter(|it| is_target(it, &item.target) && hint.is_none_or(|hint| is_hinted(it, hint)))
            .collect();
        match matching.as_slice() {
            [] => Err(no_relationship(near, item, &all)),
            [one] => Ok(one),
            several => unhinted_choice(several, item).ok_or_else(|| ambiguous(near, item, several)),
        }
    }

    /// The relation that a relationship leads to.
    pub(super) fn far_side(&self, relationship: &Relationship) -> Result<&'a Relation, Error> {
        self.relation(&relationship.far.schema, &relationship.far.name)
    }

    fn visible_relationships(&self, near: &Relation) -> Vec<&'a Relationship> {
        match self.view.catalog().relation(&near.name) {
            Some(known) => self.view.relationships(known),
            None => Vec::new(),
        }
    }
}

fn is_target(it: &Relationship, target: &str) -> bool {
    if it.far.name == target {
        return true;
    }
    let by_constraint = it.junction.is_none() && it.constraint == target;
    let by_column =
        it.cardinality == Cardinality::ManyToOne || it.cardinality == Cardinality::OneToOne;
    by_constraint || (by_column && matches!(it.columns.as_slice(), [(near, _)] if near == target))
}

fn is_hinted(it: &Relationship, hint: &str) -> bool {
    match &it.junction {
        Some(junction) => {
            junction.relation.name == hint
                || junction.constraints.0 == hint
                || junction.constraints.1 == hint
        }
        None => {
            let columns = it.columns.as_slice();
            it.constraint == hint || matches!(columns, [(near, far)] if near == hint || far == hint)
        }
    }
}

/// Two ways that only differ in direction on a self reference are told apart by the target:
/// the relation's name means the many side, the column's name the one side.
fn unhinted_choice<'a>(
    several: &[&'a Relationship],
    item: &SelectEmbed,
) -> Option<&'a Relationship> {
    let named_by_column = |it: &&&'a Relationship| {
        it.is_to_one() && matches!(it.columns.as_slice(), [(near, _)] if *near == item.target)
    };
    let to_one: Vec<_> = several.iter().filter(named_by_column).collect();
    let is_one_key = several
        .iter()
        .all(|it| it.is_self() && it.constraint == several[0].constraint);
    match (to_one.as_slice(), is_one_key) {
        ([one], true) => Some(one),
        ([], true) => several.iter().copied().find(|it| !it.is_to_one()),
        _ => None,
    }
}

fn no_relationship(near: &Relation, item: &SelectEmbed, all: &[&Relationship]) -> Error {
    let schema = &near.name.schema;
    let (near, far) = (&near.name.name, &item.target);
    let with_hint = item
        .hint
        .as_ref()
        .map_or(String::new(), |it| format!(" using the hint '{it}'"));
    let message =
        format!("Could not find a relationship between '{near}' and '{far}' in the schema cache");
    let details = format!(
        "Searched for a foreign key relationship between '{near}' and '{far}'{with_hint} in the \
         schema '{schema}', but no matches were found."
    );
    let error = Error::new(&codes::NO_RELATIONSHIP, message).with_details(details);
    match nearest(far, all.iter().map(|it| it.far.name.as_str())) {
        Some(meant) if meant != far => {
            error.with_hint(format!("Perhaps you meant '{meant}' instead of '{far}'."))
        }
        _ => error,
    }
}

fn ambiguous(near: &Relation, item: &SelectEmbed, several: &[&Relationship]) -> Error {
    let (near, far) = (&near.name.name, &item.target);
    let message = format!(
        "Could not embed because more than one relationship was found for '{near}' and '{far}'"
    );
    let candidates: Vec<Value> = several.iter().map(|it| candidate(it)).collect();
    let hints: Vec<_> = several
        .iter()
        .map(|it| format!("'{}!{}'", it.far.name, hint_of(it)))
        .collect();
    let hint = format!(
        "Try changing '{far}' to one of the following: {}. Find the desired relationship in the \
         'details' key.",
        hints.join(", ")
    );
    Error::new(&codes::AMBIGUOUS_EMBED, message)
        .with_details(Value::Array(candidates))
        .with_hint(hint)
}

fn hint_of(it: &Relationship) -> &str {
    it.junction
        .as_ref()
        .map_or(it.constraint.as_str(), |junction| {
            junction.relation.name.as_str()
        })
}

fn candidate(it: &Relationship) -> Value {
    let cardinality = match it.cardinality {
        Cardinality::ManyToOne => "many-to-one",
        Cardinality::OneToMany => "one-to-many",
        Cardinality::OneToOne => "one-to-one",
        Cardinality::ManyToMany => "many-to-many",
    };
    json!({
        "cardinality": cardinality,
        "embedding": format!("{} with {}", it.near.name, it.far.name),
        "relationship": relationship_text(it),
    })
}

fn relationship_text(it: &Relationship) -> String {
    let names = |columns: &mut dyn Iterator<Item = &String>| {
        columns.map(String::as_str).collect::<Vec<_>>().join(", ")
    };
    match &it.junction {
        Some(junction) => format!(
            "{} using {}({}) and {}({})",
            junction.relation.name,
            junction.constraints.0,
            names(&mut junction.near.iter().map(|(_, inside)| inside)),
            junction.constraints.1,
            names(&mut junction.far.iter().map(|(inside, _)| inside)),
        ),
        None => format!(
            "{} using {}({}) and {}({})",
            it.constraint,
            it.near.name,
            names(&mut it.columns.iter().map(|(near, _)| near)),
            it.far.name,
            names(&mut it.columns.iter().map(|(_, far)| far)),
        ),
    }
}
