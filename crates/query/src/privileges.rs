//! What a role of the database may use, for lists of what exists.
//!
//! Where the database decides, statements are refused by it and need nothing of this. Lists
//! (OpenAPI, OPTIONS) must not name what the caller has no right to.

use std::collections::{HashMap, HashSet};

use postern_base::RelationName;
use postern_policy::Verb;

/// The rights of one role.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Privileges {
    verbs: HashSet<(RelationName, Verb)>,
    columns: HashMap<(RelationName, Verb), HashSet<String>>,
    functions: HashSet<u32>,
}

impl Privileges {
    /// Adds the right to read a column.
    pub fn allow_select(&mut self, relation: &RelationName, column: &str) {
        self.allow_column(relation, Verb::Select, column);
    }

    /// Adds the right to insert into a column.
    pub fn allow_insert(&mut self, relation: &RelationName, column: &str) {
        self.allow_column(relation, Verb::Insert, column);
    }

    /// Adds the right to update a column.
    pub fn allow_update(&mut self, relation: &RelationName, column: &str) {
        self.allow_column(relation, Verb::Update, column);
    }

    /// Adds the right to delete rows.
    pub fn allow_delete(&mut self, relation: &RelationName) {
        self.verbs.insert((relation.clone(), Verb::Delete));
    }

    fn allow_column(&mut self, relation: &RelationName, verb: Verb, column: &str) {
        self.verbs.insert((relation.clone(), verb));
        let columns = self.columns.entry((relation.clone(), verb)).or_default();
        columns.insert(column.to_owned());
    }

    /// Adds the right to call a function, by its oid.
    pub fn allow_function(&mut self, oid: u32) {
        self.functions.insert(oid);
    }

    /// Whether the verb is allowed at all.
    pub fn allows(&self, relation: &RelationName, verb: Verb) -> bool {
        self.verbs.contains(&(relation.clone(), verb))
    }

    /// Whether it is allowed for a column.
    pub fn allows_column(&self, relation: &RelationName, verb: Verb, column: &str) -> bool {
        let columns = self.columns.get(&(relation.clone(), verb));
        columns.is_some_and(|it| it.contains(column))
    }

    pub(crate) fn allows_function(&self, oid: u32) -> bool {
        self.functions.contains(&oid)
    }
}
