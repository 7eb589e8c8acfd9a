//! What a column can refer to: keys of one column.

use postern_base::RelationName;
use postern_catalog::{Catalog, RelationKind};

use crate::ddl::Target;

/// The keys that a column can refer to.
pub(super) struct Targets(Vec<Target>);

impl Targets {
    /// Those of the snapshot, and the users.
    pub(super) fn new(catalog: &Catalog) -> Self {
        let users = Target {
            table: RelationName::new("auth", "users"),
            column: "id".into(),
        };
        let mut targets = vec![users];
        for relation in catalog.relations() {
            if !matches!(
                relation.kind,
                RelationKind::Table | RelationKind::Partitioned
            ) {
                continue;
            }
            let keys = relation.unique_keys.iter().map(|it| &it.columns);
            for key in keys.chain([&relation.primary_key]) {
                if let [column] = key.as_slice() {
                    let target = Target {
                        table: relation.name.clone(),
                        column: column.clone(),
                    };
                    if !targets.contains(&target) {
                        targets.push(target);
                    }
                }
            }
        }
        Self(targets)
    }

    /// All of them as the form spells them.
    pub(super) fn texts(&self) -> Vec<String> {
        self.0.iter().map(spelt).collect()
    }

    /// What a text means: `schema.table.column`, or less where that says enough.
    pub(super) fn find(&self, text: &str) -> Option<&Target> {
        let ways: [fn(&Target) -> String; 4] = [
            spelt,
            |it| format!("{}.{}", it.table.schema, it.table.name),
            |it| format!("{}.{}", it.table.name, it.column),
            |it| it.table.name.clone(),
        ];
        ways.iter()
            .find_map(|way| self.0.iter().find(|it| way(it) == text))
    }
}

/// A key as the form spells it.
pub(super) fn spelt(target: &Target) -> String {
    let Target { table, column } = target;
    format!("{}.{}.{column}", table.schema, table.name)
}
