//! Random grants of columns, per verb.

use rand::Rng as _;
use rand::rngs::StdRng;

use super::tables::{Fill, Table};

/// The columns that the role has of one table.
pub(crate) struct Grants {
    whole: bool,
    table: &'static Table,
    select: Vec<&'static str>,
    insert: Vec<&'static str>,
    update: Vec<&'static str>,
    /// Whether `actor` is set by the policy.
    pub(crate) preset: bool,
}

impl Grants {
    /// All columns, or for each verb some of them; a key is rarely left out.
    pub(crate) fn random(random: &mut StdRng, table: &'static Table, whole: bool) -> Self {
        let preset = table.name == "logs" && random.random_bool(0.5);
        let mut some = |verb: &str| {
            let mut names = sendable(table, verb, preset);
            let keys: Vec<_> = table.columns[..table.keys]
                .iter()
                .map(|it| it.name)
                .collect();
            names.retain(|name| {
                let likely = if keys.contains(name) { 0.97 } else { 0.8 };
                whole || random.random_bool(likely)
            });
            if names.is_empty() {
                names = sendable(table, verb, preset);
            }
            names
        };
        Self {
            select: some("select"),
            insert: some("insert"),
            update: some("update"),
            whole,
            table,
            preset,
        }
    }

    /// The granted columns.
    pub(crate) fn columns(&self, verb: &str) -> &[&'static str] {
        match verb {
            "insert" => &self.insert,
            "update" => &self.update,
            _ => &self.select,
        }
    }

    /// All columns that the verb knows.
    pub(crate) fn all(&self, verb: &str) -> Vec<&'static str> {
        sendable(self.table, verb, self.preset)
    }

    pub(crate) fn has(&self, verb: &str, column: &str) -> bool {
        self.columns(verb).contains(&column)
    }

    /// Whether every column may be read.
    pub(crate) fn is_readable(&self) -> bool {
        self.select.len() == self.table.columns.len()
    }

    pub(crate) fn native(&self, verb: &str, table: &str, role: &str) -> String {
        if verb == "delete" || (self.whole && verb == "select") {
            return format!("grant {verb} on {table} to {role};");
        }
        let columns = self.columns(verb).join(", ");
        format!("grant {verb} ({columns}) on {table} to {role};")
    }
}

fn sendable(table: &'static Table, verb: &str, preset: bool) -> Vec<&'static str> {
    let columns = table.columns.iter();
    let named = columns.filter(|it| match verb {
        "select" => true,
        "insert" if it.name == "actor" => !preset && Table::is_sendable(it),
        _ => matches!(it.fill, Fill::Sent | Fill::Default),
    });
    named.map(|it| it.name).collect()
}
