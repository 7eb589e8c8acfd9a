//! Random bodies: rows to insert, to merge, to put, and changes.

use rand::Rng as _;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use serde_json::{Map, Value};

use super::super::data::{PEOPLE, mood, word};
use super::super::tables::{Column, Table, Ty};
use super::Draft;

impl Draft<'_> {
    /// The rows of a POST, and how it resolves conflicts.
    pub(super) fn inserted(&mut self, random: &mut StdRng, table: &'static Table) -> String {
        let mut columns = self.columns(random, table, "insert");
        let upserts = table.name != "logs" && random.random_bool(0.5);
        let merges = upserts && random.random_bool(0.7);
        if merges {
            self.keep_merged(table, &mut columns);
        }
        let keys = key_names(table);
        columns.retain(|it| keys.contains(&it.name) || random.random_bool(0.7));
        // A merge of nothing sets the key to itself, which takes a native right to update it.
        if upserts && !(merges && columns.is_empty()) {
            let resolution = if merges { "merge" } else { "ignore" };
            self.prefer
                .push(format!("resolution={resolution}-duplicates"));
            if table.name == "items" && self.world.unique_code && random.random_bool(0.3) {
                self.query.push("on_conflict=code".to_owned());
            }
        }
        if random.random_bool(0.1) {
            self.prefer.push("missing=default".to_owned());
        }
        let rows: Vec<_> = (0..random.random_range(1..=3))
            .map(|_| {
                let row = columns.iter();
                let row = row.map(|it| (it.name.to_owned(), self.value(random, it)));
                Value::Object(row.collect())
            })
            .collect();
        Value::Array(rows).to_string()
    }

    /// A value for a column; a person is often the one who asks.
    fn value(&self, random: &mut StdRng, column: &Column) -> Value {
        match &self.sub {
            Some(sub) if column.ty == Ty::Uuid && random.random_bool(0.6) => sub.as_str().into(),
            _ => value(random, column),
        }
    }

    /// Columns without an update grant are left as they are by a merge, where native grants refuse
    /// the whole statement; and to read `excluded` takes the native right to select.
    fn keep_merged(&self, table: &'static Table, columns: &mut Vec<&'static Column>) {
        let grants = &self.world.policies(table.name).grants;
        columns.retain(|it| grants.has("update", it.name) && grants.has("select", it.name));
    }

    /// One row, and an address that mostly names it.
    pub(super) fn replaced(&mut self, random: &mut StdRng, table: &'static Table) -> String {
        let mut columns = self.columns(random, table, "insert");
        self.keep_merged(table, &mut columns);
        let keys = key_names(table);
        let mut row = Map::new();
        for column in columns {
            let is_key = keys.contains(&column.name);
            if !is_key && random.random_bool(0.3) {
                continue;
            }
            let value = self.value(random, column);
            if is_key {
                let named = value.as_i64().filter(|_| random.random_bool(0.9));
                let named = named.unwrap_or_else(|| random.random_range(1..15));
                self.query.push(format!("{}=eq.{named}", column.name));
            }
            row.insert(column.name.to_owned(), value);
        }
        Value::Object(row).to_string()
    }

    /// The columns that a PATCH sets.
    pub(super) fn changed(&mut self, random: &mut StdRng, table: &'static Table) -> String {
        let columns = self.columns(random, table, "update");
        let mut row = Map::new();
        for _ in 0..random.random_range(1..3) {
            if let Some(column) = columns.choose(random) {
                row.insert(column.name.to_owned(), self.value(random, column));
            }
        }
        Value::Object(row).to_string()
    }
}

fn key_names(table: &'static Table) -> Vec<&'static str> {
    table.columns[..table.keys]
        .iter()
        .map(|it| it.name)
        .collect()
}

fn value(random: &mut StdRng, column: &Column) -> Value {
    if random.random_bool(0.07) {
        return Value::Null;
    }
    let odd = random.random_bool(0.04);
    match (column.name, column.ty) {
        ("id", _) if random.random_bool(0.4) => random.random_range(15..200).into(),
        ("id", _) => random.random_range(1..15).into(),
        ("grp", _) => random.random_range(1..=4).into(),
        ("code", _) => random.random_range(1..30).into(),
        ("n", _) => random.random_range(if odd { 85..95 } else { 0..12 }).into(),
        ("day", _) => random.random_range(0..30).into(),
        ("item", _) => random.random_range(1..10).into(),
        (_, Ty::Int) => random.random_range(1..6).into(),
        (_, Ty::Uuid) => PEOPLE[random.random_range(0..3)].into(),
        (_, Ty::Bool) => random.random_bool(0.5).into(),
        (_, Ty::Jsonb) => serde_json::json!({ "k": word(random) }),
        (_, Ty::Mood) if odd => "angry".into(),
        (_, Ty::Mood) => mood(random).into(),
        (_, Ty::Price) if odd => (-1).into(),
        (_, Ty::Price) => random.random_range(0..9).into(),
        (_, Ty::Tags) => serde_json::json!([word(random), word(random)]),
        (_, Ty::Span) if odd => "[5,1)".into(),
        (_, Ty::Span) => format!("[1,{})", random.random_range(2..9)).into(),
        (_, Ty::Place) => serde_json::json!({ "x": random.random_range(0..5), "y": word(random) }),
        (_, Ty::Text | Ty::Label) => word(random).into(),
    }
}
