//! The shape of a world: its tables, types, triggers and functions.
//!
//! What a shape varies are the things that the catalogue knows: unique keys, domains with
//! defaults, what triggers do. Data, policies and grants change from world to world within one
//! shape, so that the catalogue is read once for many worlds.

use rand::Rng as _;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;

use super::tables::TABLES;

/// One schema, and what is special about it.
#[derive(Debug)]
pub(crate) struct Shape {
    /// The schema's name; no two shapes of a run share one.
    pub(crate) schema: String,
    /// Whether `items.code` is unique.
    pub(crate) unique_code: bool,
    domain_default: bool,
    partial: bool,
    events: &'static str,
    body: &'static str,
    extras: &'static str,
}

/// What the BEFORE trigger of `tickets` does with the row.
const BODIES: [&str; 5] = [
    "new.owner := coalesce(new.owner, auth.uid()); new.stamp := 'set';",
    "if new.note = 'apple' then return null; end if; new.n := new.n + 1;",
    "if new.n = 7 then raise exception 'seven'; end if; new.note := upper(new.note);",
    "new.owner := '00000000-0000-4000-8000-000000000001';",
    "new.stamp := tg_op;",
];

/// Triggers beside it.
const EXTRAS: [&str; 3] = [
    "",
    "create trigger told after insert or update or delete on $s.tickets
       for each row execute function $s.told();",
    "create trigger kept before delete on $s.tickets
       for each row when (old.note = 'bread') execute function $s.kept();",
];

impl Shape {
    pub(crate) fn random(random: &mut StdRng, index: usize) -> Self {
        let pick = |random: &mut StdRng, of: &[&'static str]| {
            of.choose(random).copied().unwrap_or_default()
        };
        Self {
            schema: format!("w{index}"),
            unique_code: random.random_bool(0.5),
            domain_default: random.random_bool(0.5),
            partial: random.random_bool(0.5),
            events: pick(random, &["insert or update", "insert", "update"]),
            body: pick(random, &BODIES),
            extras: pick(random, &EXTRAS),
        }
    }

    /// Makes the schema. Row-level security is on everywhere; without policies it denies.
    pub(crate) fn ddl(&self, role: &str, label: &str) -> String {
        let mut sql = [
            include_str!("shape/types.sql"),
            include_str!("shape/tables.sql"),
            include_str!("shape/functions.sql"),
            include_str!("shape/upkeep.sql"),
        ]
        .concat();
        for table in TABLES.iter().filter(|it| !it.is_view) {
            let name = table.name;
            sql += &format!("alter table $s.{name} enable row level security;");
        }
        sql += self.extras;
        let choose = |it: bool, text: &'static str| if it { text } else { "" };
        sql.replace("$unique", choose(self.unique_code, "unique"))
            .replace("$domain", choose(self.domain_default, "default 1"))
            .replace("$partial", choose(self.partial, "where n > 3"))
            .replace("$label", label)
            .replace("$events", self.events)
            .replace("$body", self.body)
            .replace("$role", role)
            .replace("$s", &self.schema)
    }

    /// Takes the schema away.
    pub(crate) fn gone(&self) -> String {
        format!(
            "drop schema {0} cascade; drop schema {0}_masked cascade;",
            self.schema
        )
    }
}
