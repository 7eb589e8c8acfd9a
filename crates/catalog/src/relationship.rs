//! Relationships between relations, as the foreign keys make them.
//!
//! Each foreign key makes a way there (many to one, or one to one when its columns are unique)
//! and a way back. A table whose primary key holds two foreign keys joins their targets many to
//! many (the rule is PostgREST's).

use postern_base::RelationName;

use crate::{Catalog, ForeignKey, Relation, RelationKind};

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
    /// The foreign key's name; for many-to-many both are in `junction`.
    pub constraint: String,
    /// `(near column, far column)` pairs; empty for many-to-many.
    pub columns: Vec<(String, String)>,
    /// The table in the middle of a many-to-many relationship.
    pub junction: Option<Junction>,
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

/// All relationships that start at `relation`, in a stable order.
pub(crate) fn starting_at(relation: &Relation, catalog: &Catalog) -> Vec<Relationship> {
    let mut found: Vec<_> = relation
        .foreign_keys
        .iter()
        .map(|key| forward(relation, key))
        .collect();
    for other in catalog.relations() {
        for key in other
            .foreign_keys
            .iter()
            .filter(|key| key.target == relation.name)
        {
            found.push(backward(relation, other, key));
        }
        if other.kind != RelationKind::View {
            // A view on a junction shows the same way once more, which would make it ambiguous.
            found.extend(through(relation, other));
        }
    }
    found.retain(|it| catalog.relation(&it.far).is_some());
    found
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
    }
}

fn through<'a>(
    relation: &'a Relation,
    junction: &'a Relation,
) -> impl Iterator<Item = Relationship> + 'a {
    let inside_key = |key: &ForeignKey| {
        key.columns
            .iter()
            .all(|column| junction.primary_key.contains(column))
    };
    let keys = &junction.foreign_keys;
    keys.iter()
        .enumerate()
        .filter(move |(_, near)| near.target == relation.name && inside_key(near))
        .flat_map(move |(near_index, near)| {
            keys.iter()
                .enumerate()
                .filter(move |(far_index, far)| *far_index != near_index && inside_key(far))
                .map(move |(_, far)| many_to_many(relation, junction, near, far))
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
            constraints: (near.name.clone(), far.name.clone()),
            near: pairs(&near.target_columns, &near.columns),
            far: pairs(&far.columns, &far.target_columns),
        }),
    }
}

fn pairs(left: &[String], right: &[String]) -> Vec<(String, String)> {
    left.iter().cloned().zip(right.iter().cloned()).collect()
}
