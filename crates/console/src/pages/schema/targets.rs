//! What columns can refer to: keys, of one column or of several.

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
            columns: vec!["id".into()],
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
                let target = Target {
                    table: relation.name.clone(),
                    columns: key.clone(),
                };
                if !key.is_empty() && !targets.contains(&target) {
                    targets.push(target);
                }
            }
        }
        Self(targets)
    }

    /// The keys of one column, as the form spells them.
    pub(super) fn texts(&self) -> Vec<String> {
        self.spelt(|it| it.columns.len() == 1)
    }

    /// The keys of several columns, as the form spells them.
    pub(super) fn wide_texts(&self) -> Vec<String> {
        self.spelt(|it| it.columns.len() > 1)
    }

    fn spelt(&self, is_wanted: impl Fn(&&Target) -> bool) -> Vec<String> {
        self.0.iter().filter(is_wanted).map(spelt).collect()
    }

    /// What a text means: `schema.table.column`, or less where that says enough. A key of
    /// several columns is spelt in full.
    pub(super) fn find(&self, text: &str) -> Option<&Target> {
        let short: [fn(&Target) -> String; 3] = [
            |it| format!("{}.{}", it.table.schema, it.table.name),
            |it| format!("{}.{}", it.table.name, it.columns.join(", ")),
            |it| it.table.name.clone(),
        ];
        let found = self.0.iter().find(|it| spelt(it) == text);
        let of_one = || self.0.iter().filter(|it| it.columns.len() == 1);
        found.or_else(|| {
            let mut ways = short.iter();
            ways.find_map(|way| of_one().find(|it| way(it) == text))
        })
    }
}

/// A key as the form spells it: `schema.table.column`, `schema.table (one, other)`.
pub(super) fn spelt(target: &Target) -> String {
    let Target { table, columns } = target;
    match columns.as_slice() {
        [column] => format!("{}.{}.{column}", table.schema, table.name),
        columns => format!("{}.{} ({})", table.schema, table.name, columns.join(", ")),
    }
}
