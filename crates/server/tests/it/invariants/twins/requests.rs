//! Random requests about tables of which Alice sees a part.

use postern_testkit::Reply;
use rand::Rng as _;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use serde_json::{Value, json};

use super::super::super::leaks::world::World;

/// One request, to be sent to several worlds.
#[derive(Debug)]
pub(super) struct Asked {
    verb: &'static str,
    path: String,
    prefer: String,
    body: Value,
}

impl Asked {
    pub(super) fn is_write(&self) -> bool {
        !matches!(self.verb, "GET" | "HEAD")
    }

    /// Alice asks this of a world.
    pub(super) async fn of(&self, world: &World) -> Reply {
        let path = format!("/rest/v1/{}", self.path);
        let request = match self.verb {
            "GET" => world.alice.get(&path),
            "HEAD" => world.alice.head(&path),
            "POST" => world.alice.post(&path, &self.body),
            "PATCH" => world.alice.patch(&path, &self.body),
            _ => world.alice.delete(&path),
        };
        request.prefer(&self.prefer).send().await
    }
}

fn one<'a>(random: &mut StdRng, of: &[&'a str]) -> &'a str {
    of.choose(random).copied().unwrap_or_default()
}

/// A request of any verb; writes are rarer, since they change what reads can find.
pub(super) fn random(random: &mut StdRng, step: usize) -> Asked {
    match random.random_range(0..10) {
        0..6 => read(random),
        6 => insert(random, step),
        7 | 8 => update(random),
        _ => Asked {
            verb: "DELETE",
            // The first rows are referred to from rows that Alice does not see.
            path: format!("records?id=gte.1000&{}", filter(random)),
            prefer: "return=representation".into(),
            body: Value::Null,
        },
    }
}

fn read(random: &mut StdRng) -> Asked {
    let path = match random.random_range(0..8) {
        0..4 => {
            let select = one(random, SELECTS);
            format!(
                "records?select={select}&{}&order={}",
                filter(random),
                order(random)
            )
        }
        4 => format!("records?select={}&{}", one(random, SUMS), filter(random)),
        5 => format!(
            "tenants?select=id,name,records!inner(id)&records.{}&records.order=id&order=id",
            filter(random)
        ),
        6 => "tenants?select=id,records(title)&records=is.null&order=id&limit=9".into(),
        _ => format!(
            "profiles?select=name,phone&{}&order=phone,id",
            phone(random)
        ),
    };
    let prefer = one(
        random,
        &[
            "count=exact",
            "count=planned",
            "count=estimated",
            "missing=default",
        ],
    );
    Asked {
        verb: one(random, &["GET", "GET", "GET", "HEAD"]),
        path,
        prefer: prefer.into(),
        body: Value::Null,
    }
}

const SELECTS: &[&str] = &[
    "*",
    "id,title,length",
    "id,tenants(name)",
    "id,...tenants(tenant:name)",
    "id,tags(name)",
    "id,records(id,title)&records.order=id",
    "id,amount::int",
    "id,n:doc->>n",
    "id,parent_id(id,title)",
    "id,tenants!inner(name)",
];

const SUMS: &[&str] = &["count()", "code.max(),id.sum()", "length.avg(),title.min()"];

fn order(random: &mut StdRng) -> &str {
    one(
        random,
        &[
            "id",
            "title.desc,id",
            "amount.nullsfirst,id",
            "doc->>n,id.desc",
            "id&limit=1",
            "id&offset=1",
        ],
    )
}

fn phone(random: &mut StdRng) -> &str {
    one(
        random,
        &[
            "phone=eq.555-0122",
            "phone=like.*22",
            "phone=match.^555",
            "name=neq.x",
        ],
    )
}

/// One filter; among its values are some that only hidden rows hold, and some that fail for rows
/// that they meet.
fn filter(random: &mut StdRng) -> String {
    let value = one(
        random,
        &["her first", "A1", "B1", "H3", "BOBS first", "12", "7", "x"],
    );
    match random.random_range(0..10) {
        0 => format!("code=eq.{value}"),
        1 => format!("title=neq.{value}"),
        2 => format!("amount=in.({value},twelve)"),
        3 => format!("title=like.*{}*", one(random, &["r", "BOBS", "s"])),
        4 => format!("or=(id.lt.{},code.eq.{value})", random.random_range(0..30)),
        5 => format!("id=gt.{}", random.random_range(0..130)),
        6 => "title=match.(".into(),
        7 => r"title=like.BOBS%5C".into(),
        8 => format!("doc->>n=eq.{value}"),
        _ => format!("tenant_id=in.(1,2)&code=not.eq.{value}"),
    }
}

/// Values that only the policies judge: no key that a hidden row might have taken.
fn body(random: &mut StdRng) -> Value {
    let mut row = json!({ "title": one(random, &["mine", "her first", "BOBS first"]) });
    for (name, values) in [
        ("tenant_id", [json!(1), json!(2), json!(999), Value::Null]),
        ("parent_id", [json!(1), json!(11), json!(99), Value::Null]),
        (
            "amount",
            [json!("12"), json!("twelve"), json!("7"), Value::Null],
        ),
    ] {
        if random.random_bool(0.4) {
            row[name] = values.choose(random).cloned().unwrap_or_default();
        }
    }
    row
}

fn insert(random: &mut StdRng, step: usize) -> Asked {
    let rows = random.random_range(1..4);
    let rows: Vec<_> = (0..rows)
        .map(|index| {
            let mut row = body(random);
            row["code"] = json!(format!("N{step}-{index}"));
            row
        })
        .collect();
    Asked {
        verb: "POST",
        path: "records?columns=title,tenant_id,parent_id,amount,code".into(),
        prefer: one(
            random,
            &[
                "return=representation",
                "return=headers-only",
                "return=minimal",
            ],
        )
        .into(),
        body: json!(rows),
    }
}

fn update(random: &mut StdRng) -> Asked {
    Asked {
        verb: "PATCH",
        path: format!("records?{}", filter(random)),
        prefer: one(random, &["return=representation", "return=minimal"]).into(),
        body: body(random),
    }
}
