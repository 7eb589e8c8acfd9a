//! More `[[allow]]` never hides a row, more `[[require]]` never shows one.

use std::collections::BTreeSet;

use postern_testkit::{TestApp, TestClient};
use rand::Rng as _;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use serde_json::{Value, json};

use super::chance;

const USER: &str = "a11ce000-0000-4000-8000-000000000001";
/// Sets of policies, each on three copies of a table.
const GROUPS: usize = 8;
/// Rows of each table.
const ROWS: usize = 24;

/// Conditions of every sort: of the row, of the token, unknown, and of another table.
const ATOMS: &[&str] = &[
    "a = 1",
    "a > b",
    "b IS NULL",
    "flag",
    "NOT flag",
    "owner = auth.uid()",
    "auth.jwt() ->> 'tier' = 'gold'",
    "auth.jwt() ->> 'absent' = 'x'",
    "a IN (SELECT p.a FROM public.picked p WHERE p.owner = auth.uid())",
    "id > 12",
];

fn condition(random: &mut StdRng) -> String {
    let atom = |random: &mut StdRng| ATOMS.choose(random).copied().unwrap_or("false");
    let (first, second) = (atom(random), atom(random));
    match random.random_range(0..4) {
        0 => format!("({first}) OR ({second})"),
        1 => format!("({first}) AND NOT ({second})"),
        _ => first.to_owned(),
    }
}

fn rule(kind: &str, name: &str, random: &mut StdRng) -> String {
    let roles = match kind {
        "allow" => "roles = ['authenticated']\n",
        _ => "",
    };
    format!(
        "[[{kind}]]\nname = '{name}'\n{roles}for = ['select', 'insert', 'update', 'delete']\n\
         where = \"{}\"\n",
        condition(random)
    )
}

/// The policies of one table, made of these rules.
fn policy(table: &str, rules: &[&str]) -> String {
    format!(
        "table = 'public.{table}'\n[columns.authenticated]\nselect = ['id', 'note']\n\
         insert = ['id', 'a', 'b', 'flag', 'owner']\nupdate = ['note']\n{}",
        rules.concat()
    )
}

fn value(random: &mut StdRng, of: &[&str]) -> String {
    of.choose(random).copied().unwrap_or("null").to_owned()
}

/// The rows of a group, as SQL.
fn rows(random: &mut StdRng) -> String {
    let mut row = |id: usize| {
        let number = |random: &mut StdRng| value(random, &["0", "1", "2", "null"]);
        let (a, b) = (number(random), number(random));
        let flag = value(random, &["true", "false", "null"]);
        let owner = value(random, &[&format!("'{USER}'"), "gen_random_uuid()", "null"]);
        format!("({id}, {a}, {b}, {flag}, {owner}, 'n')")
    };
    let rows: Vec<_> = (1..=ROWS).map(&mut row).collect();
    rows.join(", ")
}

async fn app(random: &mut StdRng) -> TestApp {
    let mut sql = format!(
        "create table public.picked (a int, owner uuid);
         insert into public.picked values (1, '{USER}'), (2, gen_random_uuid());"
    );
    let mut files = Vec::new();
    for group in 0..GROUPS {
        let rows = rows(random);
        let count = random.random_range(1..3);
        let mut base: Vec<_> = (0..count)
            .map(|index| rule("allow", &format!("rule {index}"), random))
            .collect();
        if random.random_bool(0.4) {
            base.push(rule("require", "required", random));
        }
        let base = base.concat();
        let (allow, require) = (
            rule("allow", "one more", random),
            rule("require", "one more", random),
        );
        for (copy, rules) in [("base", ""), ("more", &*allow), ("less", &*require)] {
            let table = format!("{copy}_{group}");
            sql.push_str(&format!(
                "create table public.{table} (id int primary key, a int, b int, flag boolean,
                   owner uuid, note text);
                 insert into public.{table} values {rows};"
            ));
            files.push((table.clone(), policy(&table, &[&base, rules])));
        }
    }
    let builder = TestApp::builder().migrations(&sql);
    let builder = files.iter().fold(builder, |builder, (table, text)| {
        builder.policy(&format!("public.{table}.toml"), text)
    });
    builder.start().await
}

fn ids(rows: &Value) -> BTreeSet<i64> {
    let rows = rows.as_array().into_iter().flatten();
    rows.filter_map(|row| row["id"].as_i64()).collect()
}

/// The rows of a table that each verb reaches, by the verb.
async fn reached(user: &TestClient, table: &str, news: &[Value]) -> Vec<BTreeSet<i64>> {
    let path = format!("/rest/v1/{table}");
    let mut inserted = BTreeSet::new();
    for row in news {
        let reply = user.post(&path, row).send().await;
        assert!(matches!(reply.status.as_u16(), 201 | 403), "{}", reply.text);
        if reply.status.is_success() {
            inserted.extend(row["id"].as_i64());
        }
    }
    let shown = user.get(&format!("{path}?select=id")).send().await;
    let update = user.patch(
        &format!("{path}?select=id&id=gt.0"),
        &json!({ "note": "x" }),
    );
    let updated = update.prefer("return=representation").send().await;
    let delete = user.delete(&format!("{path}?select=id&id=gt.0"));
    let deleted = delete.prefer("return=representation").send().await;
    let replies = [shown, updated, deleted];
    let reached = replies.map(|it| ids(&it.expect_status(200).json()));
    [vec![inserted], reached.to_vec()].concat()
}

/// A row that is not there yet.
fn new(id: i64, random: &mut StdRng) -> Value {
    let owners = [
        json!(USER),
        json!("b0b00000-0000-4000-8000-000000000002"),
        Value::Null,
    ];
    json!({
        "id": id,
        "a": random.random_range(0..3),
        "b": random.random_range(0..3),
        "flag": random.random_bool(0.5),
        "owner": owners[random.random_range(0..3)],
    })
}

#[tokio::test]
async fn invariant_04_allow_only_adds_and_require_only_takes_away() {
    let mut random = chance("monotone");
    let app = app(&mut random).await;
    let user = app.caller(json!({ "sub": USER, "tier": "gold" }));
    let (mut rows_seen, mut widened, mut narrowed) = (0, 0, 0);
    for group in 0..GROUPS {
        let news: Vec<_> = (100..104).map(|id| new(id, &mut random)).collect();
        let base = reached(&user, &format!("base_{group}"), &news).await;
        let more = reached(&user, &format!("more_{group}"), &news).await;
        let less = reached(&user, &format!("less_{group}"), &news).await;
        for ((base, more), less) in base.iter().zip(&more).zip(&less) {
            assert!(
                base.is_subset(more),
                "group {group}: {base:?} > {more:?}, {news:?}"
            );
            assert!(
                less.is_subset(base),
                "group {group}: {less:?} > {base:?}, {news:?}"
            );
            rows_seen += base.len();
            widened += more.len() - base.len();
            narrowed += base.len() - less.len();
        }
    }
    println!("monotone: {rows_seen} rows, {widened} more, {narrowed} less");
}
