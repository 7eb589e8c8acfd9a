//! Which columns of the written rows the answer reads.
//!
//! Where the database decides, RETURNING names no other: a column that the role may not select
//! would have the whole write refused.

use std::collections::BTreeSet;

use crate::plan::{BoundField, Condition, Embed, Node, OrderBy, Output};

/// The columns that a node reads of its own rows: what it shows, what it orders and filters by,
/// and what its embeds hang on.
pub(super) fn columns(node: &Node<'_>) -> BTreeSet<String> {
    let mut needed = BTreeSet::new();
    for output in &node.outputs {
        if let Output::Value(value) = output {
            add(&mut needed, value.column.as_ref());
        }
    }
    for term in &node.order {
        if let OrderBy::Field(field) = &term.by {
            add(&mut needed, Some(field));
        }
    }
    for condition in &node.conditions {
        of_condition(&mut needed, condition);
    }
    for embed in &node.embeds {
        needed.extend(near_columns(embed).cloned());
    }
    needed
}

fn add(needed: &mut BTreeSet<String>, field: Option<&BoundField>) {
    needed.extend(field.map(|it| it.column.clone()));
}

fn of_condition(needed: &mut BTreeSet<String>, condition: &Condition) {
    match condition {
        Condition::Filter { field, .. } => add(needed, Some(field)),
        Condition::Tree { children, .. } => {
            children.iter().for_each(|it| of_condition(needed, it));
        }
        Condition::Related { .. } => {}
    }
}

/// The near side of an embed's join.
fn near_columns<'e>(embed: &'e Embed<'_>) -> impl Iterator<Item = &'e String> {
    let relationship = embed.relationship;
    let pairs = match &relationship.junction {
        Some(junction) => &junction.near,
        None => &relationship.columns,
    };
    pairs.iter().map(|(near, _)| near)
}
