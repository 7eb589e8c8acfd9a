//! Rights on columns: who may name which column by which verb.

use postern_catalog::Generated;
use postern_policy::{Verb, toml_quoted};

use super::Facts;

impl Facts<'_> {
    /// The verbs that a role has any right to.
    pub(super) fn verbs(&self, role: &str) -> Vec<Verb> {
        let has = |verb: &Verb| match verb {
            Verb::Delete => self.granted(role, Verb::Delete, None),
            _ => !self.columns(role, *verb).is_empty(),
        };
        Verb::ALL.into_iter().filter(has).collect()
    }

    /// The columns that a role may name by a verb.
    fn columns(&self, role: &str, verb: Verb) -> Vec<&str> {
        let columns = self.relation.columns.iter();
        let writable =
            columns.filter(|it| verb == Verb::Select || it.generated != Generated::Stored);
        let names = writable.map(|it| it.name.as_str());
        names
            .filter(|it| self.granted(role, verb, Some(it)))
            .collect()
    }

    /// Whether the role, or everybody, has the right on the whole relation or on the column.
    fn granted(&self, role: &str, verb: Verb, column: Option<&str>) -> bool {
        self.grants.iter().any(|it| {
            let named = it.role == role || it.role == "public";
            let covers = it.column.is_none() || it.column.as_deref() == column;
            named && it.verb == verb.as_str() && covers
        })
    }

    /// The `[columns.…]` tables.
    pub(super) fn column_tables(&self) -> String {
        let mut text = String::new();
        for role in &self.roles.names {
            let verbs = [Verb::Select, Verb::Insert, Verb::Update].into_iter();
            let lists = verbs.map(|verb| (verb, self.columns(role, verb)));
            let lists: Vec<_> = lists.filter(|(_, columns)| !columns.is_empty()).collect();
            if lists.is_empty() {
                continue;
            }
            let name = toml_quoted(self.roles.policy_name(role));
            text.push_str(&format!("\n[columns.{name}]\n"));
            for (verb, columns) in lists {
                let columns: Vec<_> = columns.into_iter().map(toml_quoted).collect();
                text.push_str(&format!("{} = [{}]\n", verb.as_str(), columns.join(", ")));
            }
        }
        text
    }
}
