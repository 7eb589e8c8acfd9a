//! Which relationship an embed means.
//!
//! The target may be a relation, a foreign key's name, or the foreign key's column; the hint
//! narrows to a constraint, a column, or a junction (PostgREST's rules). Several that are left
//! answer 300 with the candidates.

use postern_base::codes;
use postern_catalog::{Cardinality, OTHER_LIKENESS, Relation, RelationKind, Relationship, likest};
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
        let computed = all
            .iter()
            .copied()
            .find(|it| hint.is_none() && it.function.is_some() && it.constraint == item.target);
        if let Some(computed) = computed {
            // COMPAT(postgrest 14): a function stands for whatever else has its name.
            return Ok(computed);
        }
        let matching: Vec<_> = all
            .iter()
            .copied()
            .filter(|it| {
                self.is_target(it, &item.target) && hint.is_none_or(|hint| is_hinted(it, hint))
            })
            .collect();
        // A view on a junction shows a way that is there already; it is taken when it is named.
        let by_view = |it: &Relationship| it.junction.as_ref().is_some_and(|it| it.is_view);
        let direct: Vec<_> = matching.iter().copied().filter(|it| !by_view(it)).collect();
        match (direct.as_slice(), matching.as_slice()) {
            (_, []) => Err(no_relationship(near, item, &all)),
            ([one], _) | ([], [one]) => Ok(one),
            (several, all) => {
                unhinted_choice(several, item).ok_or_else(|| ambiguous(near, item, all))
            }
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

    fn is_target(&self, it: &Relationship, target: &str) -> bool {
        if it.function.is_some() {
            return false;
        }
        if it.far.name == target {
            return true;
        }
        // A foreign key and its column mean the table that they refer to, not the views on it.
        let far = self.view.catalog().relation(&it.far);
        let is_view = far.is_some_and(|far| {
            matches!(
                far.kind,
                RelationKind::View | RelationKind::MaterializedView
            )
        });
        let by_constraint = it.junction.is_none() && it.constraint == target;
        let to_one = matches!(
            it.cardinality,
            Cardinality::ManyToOne | Cardinality::OneToOne
        );
        let by_column = to_one && matches!(it.columns.as_slice(), [(near, _)] if near == target);
        (it.is_self() || !is_view) && (by_constraint || by_column)
    }
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
    let others = all.iter().map(|it| name_of(it)).filter(|it| it != far);
    match likest(far, others, OTHER_LIKENESS) {
        Some(meant) => error.with_hint(format!("Perhaps you meant '{meant}' instead of '{far}'.")),
        None => error,
    }
}

/// The name under which a relationship is asked for.
fn name_of(it: &Relationship) -> &str {
    match &it.function {
        Some(function) => &function.name,
        None => &it.far.name,
    }
}

fn ambiguous(near: &Relation, item: &SelectEmbed, several: &[&Relationship]) -> Error {
    let mut several = several.to_vec();
    // COMPAT(postgrest 14): the candidates in its order, which clients may compare.
    several.sort_by(|left, right| rank(left).cmp(&rank(right)));
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

fn rank(it: &Relationship) -> (u8, &str, &[(String, String)]) {
    let kind = match it.cardinality {
        Cardinality::OneToMany => 0,
        Cardinality::ManyToOne => 1,
        Cardinality::OneToOne => 2,
        Cardinality::ManyToMany => 3,
    };
    (kind, hint_of(it), &it.columns)
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
