//! What exists for the caller, picked out of the catalogue once.

use postern_catalog::{Cardinality, Column, Function, Relation};
use postern_policy::Verb;
use postern_query::View;

/// The relations and functions of one schema that exist for the caller.
pub(super) struct Outline<'a> {
    /// In the catalogue's order.
    pub(super) relations: Vec<Shown<'a>>,
    /// In the catalogue's order; of overloads the first that may be called.
    pub(super) functions: Vec<&'a Function>,
}

/// A relation as far as it exists for the caller.
pub(super) struct Shown<'a> {
    /// Its name.
    pub(super) name: &'a str,
    /// Its comment.
    pub(super) comment: Option<&'a str>,
    /// The columns that some verb grants.
    pub(super) columns: Vec<ShownColumn<'a>>,
    /// The columns that can be read, and so filtered by.
    pub(super) readable: Vec<&'a Column>,
    /// Whether rows can be read.
    pub(super) select: bool,
    /// Whether rows can be inserted.
    pub(super) insert: bool,
    /// Whether rows can be updated.
    pub(super) update: bool,
    /// Whether rows can be deleted.
    pub(super) delete: bool,
}

/// A column that exists for the caller.
pub(super) struct ShownColumn<'a> {
    /// The column.
    pub(super) column: &'a Column,
    /// Whether it is of the primary key.
    pub(super) is_key: bool,
    /// The relation and column that it alone refers to, when they exist for the caller too.
    pub(super) target: Option<(&'a str, &'a str)>,
}

impl<'a> Outline<'a> {
    /// Looks at a schema through the caller's view.
    pub(super) fn of(view: &View<'a>, schema: &str) -> Self {
        let relations = view.relations(schema).map(|it| shown(view, it)).collect();
        let mut functions: Vec<&Function> = Vec::new();
        for function in view.catalog().functions() {
            let is_served = function.name.schema == schema && view.function(function).is_some();
            if is_served && functions.iter().all(|it| it.name != function.name) {
                functions.push(function);
            }
        }
        Self {
            relations,
            functions,
        }
    }
}

fn shown<'a>(view: &View<'a>, relation: &'a Relation) -> Shown<'a> {
    let granted = |verb| view.columns(relation, verb);
    let [select, insert, update] = [Verb::Select, Verb::Insert, Verb::Update].map(granted);
    let is_granted = |verb| view.grant(&relation.name, verb).is_some();
    let columns = relation.columns.iter();
    Shown {
        name: &relation.name.name,
        comment: relation.comment.as_deref(),
        columns: columns
            .clone()
            .filter(|it| {
                [&select, &insert, &update]
                    .iter()
                    .any(|set| set.contains(&&*it.name))
            })
            .map(|it| shown_column(view, relation, it))
            .collect(),
        readable: columns.filter(|it| select.contains(&&*it.name)).collect(),
        select: !select.is_empty(),
        insert: relation.insertable && is_granted(Verb::Insert),
        update: relation.updatable && is_granted(Verb::Update),
        delete: relation.deletable && is_granted(Verb::Delete),
    }
}

fn shown_column<'a>(
    view: &View<'a>,
    relation: &'a Relation,
    column: &'a Column,
) -> ShownColumn<'a> {
    let target = view.relationships(relation).into_iter().find_map(|it| {
        // The way back over a one-to-one key starts at the key's target and refers to nothing.
        let is_own_key = relation.foreign_keys.iter().any(|key| {
            key.name == it.constraint && key.target == it.far && key.columns == [&*column.name]
        });
        let is_to_one = !matches!(
            it.cardinality,
            Cardinality::ManyToMany | Cardinality::OneToMany
        );
        match it.columns.as_slice() {
            [(near, far)] if is_own_key && is_to_one && *near == column.name => {
                Some((it.far.name.as_str(), far.as_str()))
            }
            _ => None,
        }
    });
    ShownColumn {
        column,
        is_key: relation.primary_key.contains(&column.name),
        target,
    }
}
