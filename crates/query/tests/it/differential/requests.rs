//! Random requests under random claims.

use rand::Rng as _;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;

use super::world::{PEOPLE, TABLES, Table, World, word};

/// One request.
#[derive(Debug)]
pub(crate) struct Case {
    pub(crate) method: postern_query::request::Method,
    pub(crate) table: &'static str,
    pub(crate) query: String,
    pub(crate) prefer: String,
    pub(crate) body: Option<String>,
    pub(crate) claims: serde_json::Value,
}

/// Makes a request that a client might send.
pub(crate) fn random(random: &mut StdRng, world: &World) -> Case {
    use postern_query::request::Method::{Delete, Get, Patch, Post, Put};
    let table = TABLES.choose_weighted(random, |it| if it.name == "items" { 5 } else { 2 });
    let table = table.expect("INVARIANT: weights are positive");
    let method = *[Get, Get, Get, Post, Post, Post, Put, Patch, Patch, Delete]
        .choose(random)
        .expect("INVARIANT: not empty");
    let mut prefer = Vec::new();
    let mut query = Vec::new();
    let returns = method == Get || random.random_bool(0.5);
    if method == Get {
        prefer.push("count=exact".to_owned());
    } else if returns {
        prefer.push("return=representation".to_owned());
    }
    let grouped = (method == Get && random.random_bool(0.15)).then(|| groups(random, table));
    let matched = (method == Get && grouped.is_none() && random.random_bool(0.2))
        .then(|| matches(random, table));
    if let Some(grouped) = &grouped {
        query.push(format!("select={grouped}"));
    } else if returns {
        let shown = select(random, table);
        match matched {
            Some((embed, filter)) => query.extend([format!("select={shown},{embed}"), filter]),
            None => query.push(format!("select={shown}")),
        }
    }
    if method != Post && method != Put {
        filters(random, table, &mut query);
    }
    if method == Get && grouped.is_none() && random.random_bool(0.3) {
        let key = if table.name == "item_tags" {
            "item,tag"
        } else {
            "id"
        };
        query.push(format!("order={key}&limit={}", random.random_range(0..5)));
    }
    let body = match method {
        Post => Some(inserted(random, table, world, &mut query, &mut prefer)),
        Put => Some(replaced(random, table, &mut query)),
        Patch => Some(changed(random, table)),
        _ => None,
    };
    Case {
        method,
        table: table.name,
        query: query.join("&"),
        prefer: prefer.join(","),
        body,
        claims: claims(random),
    }
}

fn claims(random: &mut StdRng) -> serde_json::Value {
    let mut claims = serde_json::json!({ "role": "authenticated" });
    if random.random_bool(0.9) {
        claims["sub"] = (*PEOPLE.choose(random).expect("INVARIANT: not empty")).into();
    }
    if random.random_bool(0.4) {
        claims["level"] = "high".into();
    }
    claims
}

fn select(random: &mut StdRng, table: &Table) -> String {
    let mut columns: Vec<String> = table
        .columns
        .iter()
        .map(|(name, _)| (*name).to_owned())
        .collect();
    let inner = if random.random_bool(0.3) {
        "!inner"
    } else {
        ""
    };
    let embeds: &[&str] = match table.name {
        "items" => &[
            "notes@(id,body,secret)",
            "groups@(id,name)",
            "tags@(id,name)",
            "notes@(id,items(id,title))",
            "...notes@(ids:id,bodies:body)",
            "...tags@(names:name,flags:flag::text)",
        ],
        "notes" => &[
            "items@(id,title)",
            "...items(title,n)",
            "items@(id,tags(name))",
        ],
        "groups" => &["items@(id,title)"],
        "tags" => &["items@(id,title,notes(id))"],
        _ => &["items@(id)", "tags@(name)"],
    };
    if random.random_bool(0.5) {
        let embed = embeds.choose(random).expect("INVARIANT: not empty");
        columns.push(embed.replacen('@', inner, 1));
    }
    columns.join(",")
}

/// Aggregates and what they are grouped by.
fn groups(random: &mut StdRng, table: &Table) -> &'static str {
    let options: &[&str] = match table.name {
        "items" => &[
            "count()",
            "grp,n.sum(),code.max()",
            "...groups(name,id.count()),n.avg()::int",
            "flag,data->>n::int.max(),groups(name)",
        ],
        "notes" => &[
            "owner,count()",
            "...items(n.sum(),...groups(open,id.max()))",
            "secret,items(title),id.min()",
        ],
        "item_tags" => &[
            "...items(grp,code.max()),...tags(id.count())",
            "tag,count()",
        ],
        _ => &["count()", "name,id.max()"],
    };
    options.choose(random).copied().unwrap_or("count()")
}

/// An embed that shows nothing, and a condition on whether it has a match.
fn matches(random: &mut StdRng, table: &Table) -> (&'static str, String) {
    let embeds: &[&str] = match table.name {
        "items" => &["m:notes()", "m:groups()", "m:tags()"],
        "notes" | "groups" | "tags" => &["m:items()"],
        _ => &["m:items()", "m:tags()"],
    };
    let embed = embeds.choose(random).copied().unwrap_or("m:items()");
    let filters = [
        "m=is.null",
        "m=not.is.null",
        "or=(m.is.null,m.not.is.null)",
        "not.and=(m.not.is.null)",
    ];
    let filter = filters.choose(random).copied().unwrap_or_default();
    (embed, filter.to_owned())
}

fn filters(random: &mut StdRng, table: &Table, query: &mut Vec<String>) {
    for _ in 0..random.random_range(0..3) {
        let (column, ty) = table.columns.choose(random).expect("INVARIANT: not empty");
        let number = random.random_range(0..12);
        let text = word(random);
        let options = match *ty {
            "int" => vec![
                format!("{column}=eq.{number}"),
                format!("{column}=gt.{number}"),
                format!("{column}=in.(1,2,{number})"),
                format!("{column}=not.is.null"),
                format!("or=({column}.lt.{number},{column}.is.null)"),
            ],
            "text" => vec![
                format!("{column}=like.a*"),
                format!("{column}=match.^[{text}"),
                format!("{column}=match.^{text}"),
                format!("{column}=not.eq.{text}"),
                format!("{column}=fts.{text}"),
            ],
            "bool" => vec![format!("{column}=is.true"), format!("{column}=not.is.true")],
            "uuid" => vec![format!("{column}=eq.{}", PEOPLE[random.random_range(0..3)])],
            _ => vec![
                format!("{column}->>k=eq.{text}"),
                format!("{column}=cs.{{\"k\":\"{text}\"}}"),
                format!("{column}->k=not.is.null"),
            ],
        };
        query.push(options.choose(random).cloned().unwrap_or_default());
    }
}

fn inserted(
    random: &mut StdRng,
    table: &Table,
    world: &World,
    query: &mut Vec<String>,
    prefer: &mut Vec<String>,
) -> String {
    if random.random_bool(0.5) {
        let resolution = if random.random_bool(0.7) {
            "merge"
        } else {
            "ignore"
        };
        prefer.push(format!("resolution={resolution}-duplicates"));
        if table.name == "items" && world.unique_code && random.random_bool(0.3) {
            query.push("on_conflict=code".to_owned());
        }
    }
    let keys = if table.name == "item_tags" { 2 } else { 1 };
    let kept: Vec<_> = table
        .columns
        .iter()
        .enumerate()
        .filter(|(index, _)| *index < keys || random.random_bool(0.7))
        .map(|(_, column)| column)
        .collect();
    let rows: Vec<_> = (0..random.random_range(1..=3))
        .map(|_| {
            let row = kept
                .iter()
                .map(|(name, ty)| ((*name).to_owned(), value(random, name, ty)));
            serde_json::Value::Object(row.collect())
        })
        .collect();
    serde_json::Value::Array(rows).to_string()
}

/// One row, and an address that mostly names it.
fn replaced(random: &mut StdRng, table: &Table, query: &mut Vec<String>) -> String {
    let keys = if table.name == "item_tags" { 2 } else { 1 };
    let mut row = serde_json::Map::new();
    for (index, (name, ty)) in table.columns.iter().enumerate() {
        if index >= keys && random.random_bool(0.3) {
            continue;
        }
        let value = value(random, name, ty);
        if index < keys {
            let named = if random.random_bool(0.9) {
                value.as_i64()
            } else {
                None
            };
            let named = named.unwrap_or_else(|| random.random_range(1..15));
            query.push(format!("{name}=eq.{named}"));
        }
        row.insert((*name).to_owned(), value);
    }
    serde_json::Value::Object(row).to_string()
}

fn changed(random: &mut StdRng, table: &Table) -> String {
    let mut row = serde_json::Map::new();
    for _ in 0..random.random_range(1..3) {
        let (name, ty) = table.columns.choose(random).expect("INVARIANT: not empty");
        row.insert((*name).to_owned(), value(random, name, ty));
    }
    serde_json::Value::Object(row).to_string()
}

fn value(random: &mut StdRng, name: &str, ty: &str) -> serde_json::Value {
    if random.random_bool(0.08) {
        return serde_json::Value::Null;
    }
    match (name, ty) {
        ("id", _) => random.random_range(1..30).into(),
        ("n", _) => random.random_range(0..95).into(),
        ("item", _) => random.random_range(1..15).into(),
        (_, "int") => random.random_range(1..6).into(),
        (_, "uuid") => PEOPLE[random.random_range(0..3)].into(),
        (_, "bool") => random.random_bool(0.5).into(),
        (_, "jsonb") => serde_json::json!({ "k": word(random) }),
        _ => word(random).into(),
    }
}
