//! Relationships between relations, as the foreign keys make them.
//!
//! Each foreign key makes a way there (many to one, or one to one when its columns are unique)
//! and a way back. A table whose primary key holds two foreign keys joins their targets many to
//! many (the rule is PostgREST's). A function that takes a row and returns rows of a relation makes
//! a computed relationship. A view that passes on the columns that a foreign key refers to is
//! referred to like its table.

use std::collections::{HashMap, HashSet};

use postern_base::{FunctionName, RelationName};

use crate::{Catalog, ForeignKey, Function, Relation, RelationKind, Returns};

/// How many rows stand on the far side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cardinality {
    /// The foreign key is here: at most one row there.
    ManyToOne,
    /// The foreign key is there: many rows.
    OneToMany,
    /// A unique foreign key, on either side.
    OneToOne,
    /// Through a junction table.
    ManyToMany,
}

/// The table in the middle of a many-to-many relationship.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Junction {
    /// The junction table.
    pub relation: RelationName,
    /// Whether it is a view: it shows the way of its table once more, for those who name it.
    pub is_view: bool,
    /// The constraint towards the near side and the one towards the far side.
    pub constraints: (String, String),
    /// `(near column, junction column)` pairs.
    pub near: Vec<(String, String)>,
    /// `(junction column, far column)` pairs.
    pub far: Vec<(String, String)>,
}

/// A way from one relation to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relationship {
    /// Where it starts.
    pub near: RelationName,
    /// Where it leads.
    pub far: RelationName,
    /// How many rows stand there.
    pub cardinality: Cardinality,
    /// The foreign key's name; for many-to-many both are in `junction`; for a computed one the
    /// function's name.
    pub constraint: String,
    /// `(near column, far column)` pairs; empty for many-to-many.
    pub columns: Vec<(String, String)>,
    /// The table in the middle of a many-to-many relationship.
    pub junction: Option<Junction>,
    /// The function that computes the rows of the far side.
    pub function: Option<FunctionName>,
}

impl Relationship {
    /// Whether at most one row stands on the far side.
    pub fn is_to_one(&self) -> bool {
        matches!(
            self.cardinality,
            Cardinality::ManyToOne | Cardinality::OneToOne
        )
    }

    /// Whether it leads back to where it starts.
    pub fn is_self(&self) -> bool {
        self.near == self.far
    }
}

/// The foreign keys of a snapshot, by what they refer to.
pub(crate) struct Keys<'c> {
    owners: HashMap<&'c RelationName, (&'c Relation, &'c [ForeignKey])>,
    /// Who refers to a relation, in the order of the snapshot.
    referring: HashMap<&'c RelationName, Vec<&'c RelationName>>,
}

impl<'c> Keys<'c> {
    /// Puts relations and their keys in order.
    pub(crate) fn new(all: &[(&'c Relation, &'c [ForeignKey])]) -> Self {
        let mut referring: HashMap<_, Vec<_>> = HashMap::new();
        for (relation, keys) in all {
            for key in *keys {
                let owners = referring.entry(&key.target).or_default();
                if owners.last() != Some(&&relation.name) {
                    owners.push(&relation.name);
                }
            }
        }
        let owners = all.iter().map(|(it, keys)| (&it.name, (*it, *keys)));
        Self {
            owners: owners.collect(),
            referring,
        }
    }

    fn of(&self, relation: &RelationName) -> &'c [ForeignKey] {
        self.owners.get(relation).map_or(&[], |(_, keys)| keys)
    }

    /// The relations with a key to this one, each once.
    fn referring(
        &self,
        relation: &RelationName,
    ) -> impl Iterator<Item = (&'c Relation, &'c [ForeignKey])> {
        let mut names = self.referring.get(relation).cloned().unwrap_or_default();
        let mut seen = HashSet::new();
        names.retain(|it| seen.insert(*it));
        names
            .into_iter()
            .filter_map(|it| self.owners.get(it).copied())
    }
}

/// All relationships that start at `relation`, in a stable order.
pub(crate) fn starting_at(
    relation: &Relation,
    keys: &Keys<'_>,
    catalog: &Catalog,
) -> Vec<Relationship> {
    let own = keys.of(&relation.name).iter();
    let mut found: Vec<_> = own.map(|key| forward(relation, key)).collect();
    for (other, keys) in keys.referring(&relation.name) {
        for key in keys.iter().filter(|key| key.target == relation.name) {
            found.push(backward(relation, other, key));
        }
        found.extend(through(relation, other, keys));
    }
    let functions = catalog.functions_of_row(&relation.name);
    found.extend(functions.filter_map(|it| computed(relation, it)));
    found.retain(|it| catalog.relation(&it.far).is_some());
    found
}

fn computed(relation: &Relation, function: &Function) -> Option<Relationship> {
    let Returns::Relation(far) = &function.returns else {
        return None;
    };
    Some(Relationship {
        near: relation.name.clone(),
        far: far.clone(),
        cardinality: if function.yields_one() {
            Cardinality::ManyToOne
        } else {
            Cardinality::OneToMany
        },
        constraint: function.name.name.clone(),
        columns: Vec::new(),
        junction: None,
        function: Some(function.name.clone()),
    })
}

fn forward(relation: &Relation, key: &ForeignKey) -> Relationship {
    let unique = relation.is_unique(&key.columns);
    Relationship {
        near: relation.name.clone(),
        far: key.target.clone(),
        cardinality: if unique {
            Cardinality::OneToOne
        } else {
            Cardinality::ManyToOne
        },
        constraint: key.name.clone(),
        columns: pairs(&key.columns, &key.target_columns),
        junction: None,
        function: None,
    }
}

fn backward(relation: &Relation, other: &Relation, key: &ForeignKey) -> Relationship {
    let unique = other.is_unique(&key.columns);
    Relationship {
        near: relation.name.clone(),
        far: other.name.clone(),
        cardinality: if unique {
            Cardinality::OneToOne
        } else {
            Cardinality::OneToMany
        },
        constraint: key.name.clone(),
        columns: pairs(&key.target_columns, &key.columns),
        junction: None,
        function: None,
    }
}

fn through<'a>(
    relation: &'a Relation,
    junction: &'a Relation,
    keys: &'a [ForeignKey],
) -> impl Iterator<Item = Relationship> + 'a {
    let inside_key = |key: &ForeignKey| {
        key.columns
            .iter()
            .all(|column| junction.primary_key.contains(column))
    };
    keys.iter()
        .filter(move |near| near.target == relation.name && inside_key(near))
        .flat_map(move |near| {
            keys.iter()
                .filter(move |far| far.name != near.name && inside_key(far))
                .map(move |far| many_to_many(relation, junction, near, far))
        })
}

fn many_to_many(
    relation: &Relation,
    junction: &Relation,
    near: &ForeignKey,
    far: &ForeignKey,
) -> Relationship {
    Relationship {
        near: relation.name.clone(),
        far: far.target.clone(),
        cardinality: Cardinality::ManyToMany,
        constraint: junction.name.name.clone(),
        columns: Vec::new(),
        junction: Some(Junction {
            relation: junction.name.clone(),
            is_view: junction.kind == RelationKind::View,
            constraints: (near.name.clone(), far.name.clone()),
            near: pairs(&near.target_columns, &near.columns),
            far: pairs(&far.columns, &far.target_columns),
        }),
        function: None,
    }
}

fn pairs(left: &[String], right: &[String]) -> Vec<(String, String)> {
    left.iter().cloned().zip(right.iter().cloned()).collect()
}
