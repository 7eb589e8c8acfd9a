//! A world: a schema, its data, and its policies in both forms.

use std::fmt::Write as _;

use postern_policy::SourceFile;
use rand::Rng as _;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;

use super::policies::{self, TablePolicies};

/// The people who ask, and one whom no row names.
pub(crate) const PEOPLE: [&str; 4] = [
    "00000000-0000-4000-8000-000000000001",
    "00000000-0000-4000-8000-000000000002",
    "00000000-0000-4000-8000-000000000003",
    "00000000-0000-4000-8000-00000000000f",
];

/// One random world.
pub(crate) struct World {
    /// The schema that holds it; no two worlds share one.
    pub(crate) schema: String,
    /// Whether `items.code` is unique.
    pub(crate) unique_code: bool,
    /// Whether the sessions force generic plans.
    pub(crate) generic_plans: bool,
    data: String,
    tables: Vec<TablePolicies>,
}

/// A table that requests may name, and its columns with their types.
pub(crate) struct Table {
    pub(crate) name: &'static str,
    pub(crate) columns: &'static [(&'static str, &'static str)],
}

pub(crate) const TABLES: [Table; 5] = [
    Table {
        name: "items",
        columns: &[
            ("id", "int"),
            ("owner", "uuid"),
            ("grp", "int"),
            ("title", "text"),
            ("code", "int"),
            ("n", "int"),
            ("flag", "bool"),
            ("data", "jsonb"),
        ],
    },
    Table {
        name: "notes",
        columns: &[
            ("id", "int"),
            ("item", "int"),
            ("owner", "uuid"),
            ("body", "text"),
            ("secret", "bool"),
        ],
    },
    Table {
        name: "groups",
        columns: &[("id", "int"), ("name", "text"), ("open", "bool")],
    },
    Table {
        name: "tags",
        columns: &[("id", "int"), ("name", "text"), ("flag", "bool")],
    },
    Table {
        name: "item_tags",
        columns: &[("item", "int"), ("tag", "int"), ("owner", "uuid")],
    },
];

impl World {
    pub(crate) fn random(random: &mut StdRng, index: usize) -> Self {
        let schema = format!("w{index}");
        let tables = policies::random(random, &schema);
        Self {
            unique_code: random.random_bool(0.5),
            generic_plans: random.random_bool(0.5),
            data: data(random, &schema),
            tables,
            schema,
        }
    }

    /// Makes the tables and fills them.
    pub(crate) fn ddl(&self) -> String {
        let schema = &self.schema;
        let unique = if self.unique_code { "unique" } else { "" };
        format!(
            "create schema {schema};
             create table {schema}.groups (id int primary key, name text, open bool);
             create table {schema}.members (uid uuid, grp int, primary key (uid, grp));
             create table {schema}.items (
               id int primary key, owner uuid default auth.uid(),
               grp int references {schema}.groups, title text, code int {unique},
               n int not null default 5 check (n < 90), flag bool default false, data jsonb);
             create table {schema}.notes (
               id int primary key, item int references {schema}.items on delete cascade,
               owner uuid, body text, secret bool default false);
             create table {schema}.tags (id int primary key, name text, flag bool);
             create table {schema}.item_tags (
               item int references {schema}.items on delete cascade,
               tag int references {schema}.tags on delete cascade,
               owner uuid, primary key (item, tag));
             {}",
            self.data
        )
    }

    /// The native form: grants and `CREATE POLICY` for one role.
    pub(crate) fn native(&self, role: &str) -> String {
        let schema = &self.schema;
        let mut sql = format!(
            "grant usage on schema {schema} to {role}; grant select on {schema}.members to {role};"
        );
        for table in &self.tables {
            sql.push_str(&table.native(schema, role));
        }
        sql
    }

    /// The policy files.
    pub(crate) fn files(&self) -> Vec<SourceFile> {
        self.tables
            .iter()
            .filter(|table| table.is_granted())
            .map(|table| SourceFile {
                path: format!("policies/{}.{}.toml", self.schema, table.table.name),
                text: table.file(&self.schema),
            })
            .collect()
    }

    /// The policy files as one text, for the report of a difference.
    pub(crate) fn files_text(&self) -> String {
        self.files()
            .into_iter()
            .fold(self.data.clone(), |mut text, file| {
                let _ = write!(text, "\n# {}\n{}", file.path, file.text);
                text
            })
    }
}

fn data(random: &mut StdRng, schema: &str) -> String {
    let mut sql = String::new();
    for id in 1..=3 {
        let open = random.random_bool(0.5);
        let _ = write!(
            sql,
            "insert into {schema}.groups values ({id}, 'g{id}', {open});"
        );
        let _ = write!(
            sql,
            "insert into {schema}.tags values ({id}, 't{id}', {open});"
        );
        for person in PEOPLE.iter().take(3).filter(|_| random.random_bool(0.4)) {
            let _ = write!(
                sql,
                "insert into {schema}.members values ('{person}', {id});"
            );
        }
    }
    let items = random.random_range(6..14);
    for id in 1..=items {
        let _ = write!(
            sql,
            "insert into {schema}.items values ({id}, {}, {}, {}, {}, {}, {}, {});",
            person(random),
            maybe(random, 0.7, |it| it.random_range(1..=3).to_string()),
            maybe(random, 0.9, |it| format!("'{}'", word(it))),
            if random.random_bool(0.8) {
                id.to_string()
            } else {
                "null".into()
            },
            random.random_range(0..10),
            maybe(random, 0.9, |it| it.random_bool(0.5).to_string()),
            maybe(random, 0.7, |it| format!(
                "'{{\"k\": \"{}\", \"n\": {id}}}'",
                word(it)
            )),
        );
    }
    for id in 1..=12 {
        let _ = write!(
            sql,
            "insert into {schema}.notes values ({id}, {}, {}, '{}', {});",
            maybe(random, 0.9, |it| it.random_range(1..=items).to_string()),
            person(random),
            word(random),
            random.random_bool(0.3),
        );
        let (item, tag) = (random.random_range(1..=items), random.random_range(1..=3));
        let _ = write!(
            sql,
            "insert into {schema}.item_tags values ({item}, {tag}, {}) on conflict do nothing;",
            person(random),
        );
    }
    sql
}

fn person(random: &mut StdRng) -> String {
    maybe(random, 0.9, |it| {
        format!("'{}'", PEOPLE[it.random_range(0..3)])
    })
}

fn maybe(random: &mut StdRng, likely: f64, value: impl FnOnce(&mut StdRng) -> String) -> String {
    if random.random_bool(likely) {
        value(random)
    } else {
        "null".into()
    }
}

/// A short word; some are no numbers and some no regular expressions.
pub(crate) fn word(random: &mut StdRng) -> &'static str {
    const WORDS: [&str; 7] = ["apple", "avocado", "bread", "banana", "cherry", "12", "7"];
    WORDS
        .choose(random)
        .expect("INVARIANT: the list is not empty")
}
