//! Random requests under random claims.

mod body;
mod embeds;
mod filters;

use postern_query::request::{Method, Target};
use rand::Rng as _;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;

use self::embeds::Selection;
use super::data::PEOPLE;
use super::tables::{Column, TABLES, Table, Ty};
use super::world::World;

/// One request.
#[derive(Debug)]
pub(crate) struct Case {
    pub(crate) method: Method,
    /// The relation or function.
    pub(crate) name: &'static str,
    pub(crate) is_call: bool,
    pub(crate) query: String,
    pub(crate) prefer: String,
    pub(crate) body: Option<String>,
    pub(crate) claims: serde_json::Value,
}

impl Case {
    /// What the path names.
    pub(crate) fn target(&self) -> Target {
        if self.is_call {
            Target::Function(self.name.to_owned())
        } else {
            Target::Relation(self.name.to_owned())
        }
    }

    /// Whether it can change what is stored.
    pub(crate) fn writes(&self) -> bool {
        self.method != Method::Get
    }

    /// The kind of request, for the tally.
    pub(crate) fn kind(&self) -> String {
        let resolution = ["merge", "ignore"]
            .into_iter()
            .find(|it| self.prefer.contains(it));
        match (self.is_call, self.method, resolution) {
            (true, method, _) => format!("rpc {method:?}"),
            (false, Method::Post, Some(resolution)) => format!("upsert {resolution}"),
            (false, method, _) => format!("{method:?}"),
        }
        .to_lowercase()
    }
}

/// A request in the making.
pub(super) struct Draft<'w> {
    pub(super) world: &'w World,
    pub(super) method: Method,
    /// Who asks.
    pub(super) sub: Option<String>,
    pub(super) query: Vec<String>,
    pub(super) prefer: Vec<String>,
}

/// Makes a request that a client might send.
pub(crate) fn random(random: &mut StdRng, world: &World) -> Case {
    use Method::{Delete, Get, Patch, Post, Put};
    if random.random_bool(0.06) {
        return call(random, world);
    }
    let table = TABLES.choose_weighted(random, |it| it.weight);
    let table = table.expect("INVARIANT: weights are positive");
    let method = *[Get, Get, Get, Post, Post, Post, Put, Patch, Patch, Delete]
        .choose(random)
        .expect("INVARIANT: not empty");
    let claims = claims(random);
    let mut draft = Draft {
        world,
        sub: claims["sub"].as_str().map(Into::into),
        method: match method {
            _ if table.is_view => Get,
            // Its key is an identity, which no address can name.
            Put if table.name == "logs" => Post,
            method => method,
        },
        query: Vec::new(),
        prefer: Vec::new(),
    };
    let body = draft.fill(random, table);
    Case {
        method: draft.method,
        name: table.name,
        is_call: false,
        query: draft.query.join("&"),
        prefer: draft.prefer.join(","),
        body,
        claims,
    }
}

impl Draft<'_> {
    fn fill(&mut self, random: &mut StdRng, table: &'static Table) -> Option<String> {
        let reads = self.method == Method::Get;
        if reads {
            self.prefer.push("count=exact".to_owned());
        }
        if reads && random.random_bool(0.12) {
            let grouped = self.groups(random, table);
            self.query.push(format!("select={grouped}"));
            self.filters(random, table, "");
        } else if reads || random.random_bool(0.5) {
            if !reads {
                self.prefer.push("return=representation".to_owned());
            }
            self.shown(random, table);
        }
        if matches!(self.method, Method::Patch | Method::Delete) {
            self.filters(random, table, "");
        }
        match self.method {
            Method::Post => Some(self.inserted(random, table)),
            Method::Put => Some(self.replaced(random, table)),
            Method::Patch => Some(self.changed(random, table)),
            Method::Get | Method::Head | Method::Delete => None,
        }
    }

    /// A select list, with filters, order and limit where it is a read.
    fn shown(&mut self, random: &mut StdRng, table: &'static Table) {
        let mut selection = Selection::new(random);
        let text = selection.list(random, self, table, "");
        let reads = self.method == Method::Get;
        let Selection { mut extra, .. } = selection;
        if reads && random.random_bool(0.15) && !table.far.is_empty() {
            let (embed, filter) = embeds::matches(random, table);
            self.query.push(format!("select={text},{embed}"));
            extra.push(filter);
        } else {
            self.query.push(format!("select={text}"));
        }
        self.query.append(&mut extra);
        if reads {
            self.filters(random, table, "");
            if random.random_bool(0.25) {
                let key = key_of(table);
                self.query
                    .push(format!("order={key}&limit={}", random.random_range(0..5)));
            }
        }
    }

    /// The columns of a table that a request of this verb may mostly name.
    pub(super) fn columns(
        &self,
        random: &mut StdRng,
        table: &'static Table,
        verb: &str,
    ) -> Vec<&'static Column> {
        let granted = &self.world.policies(table.name).grants;
        let any = random.random_bool(0.04);
        // The native form of a mask is a view, which only reads go through.
        let masked = |it: &Column| {
            table.name == "notes"
                && it.name == "body"
                && self.method != Method::Get
                && verb == "select"
                && self.world.is_masked()
        };
        let columns = table.columns.iter();
        let named = columns.filter(|it| (any || granted.has(verb, it.name)) && !masked(it));
        named.collect()
    }

    /// Aggregates and what they are grouped by.
    fn groups(&self, random: &mut StdRng, table: &'static Table) -> String {
        let columns = self.columns(random, table, "select");
        let mut parts = Vec::new();
        for column in columns {
            let name = column.name;
            match (column.ty, random.random_range(0..8)) {
                (Ty::Int | Ty::Price, 0) => parts.push(format!("{name}.sum()")),
                (Ty::Int | Ty::Price, 1) => parts.push(format!("x{name}:{name}.max()::text")),
                (Ty::Int, 2) => parts.push(format!("{name}.avg()::int")),
                (Ty::Text, 0) => parts.push(format!("{name}.min()")),
                (Ty::Jsonb, 0) => parts.push(format!("{name}->>n::int.max()")),
                (Ty::Jsonb, _) => {}
                (_, 3) => parts.push(name.to_owned()),
                _ => {}
            }
        }
        let spreads: &[&str] = match table.name {
            "items" => &["...groups(gname:name,gc:id.count())", "groups(name)"],
            "notes" => &[
                "...items(s:n.sum(),...groups(open,m:id.max()))",
                "items(title)",
            ],
            "item_tags" => &["...items(grp,c:code.max()),...tags(t:id.count())"],
            _ => &[],
        };
        if random.random_bool(0.4) {
            parts.extend(spreads.choose(random).map(|it| (*it).to_owned()));
        }
        parts.push("count()".to_owned());
        parts.join(",")
    }
}

/// A call of a function, mostly with its arguments.
fn call(random: &mut StdRng, world: &World) -> Case {
    let number = random.random_range(0..9);
    let readable = world.policies("items").grants.is_readable();
    let mut names = vec!["total", "add_tag", "titles", "table_of"];
    if readable && world.policies("items").allows("select") {
        names.extend([
            "find_items",
            "find_items",
            "find_items",
            "one_item",
            "one_item",
        ]);
    }
    let name = names.choose(random).copied().unwrap_or("total");
    let argument = match name {
        "one_item" => Some(("key", number)),
        "titles" => None,
        _ => Some(("low", number)),
    };
    let mut query = Vec::new();
    match name {
        "find_items" => query.extend([
            "select=id,title,twice,notes(id),groups(name)".to_owned(),
            format!("n=lt.{}", random.random_range(0..12)),
            "title=not.match.^b".to_owned(),
        ]),
        "one_item" => query.push("select=id,title,tags(id)".to_owned()),
        "table_of" => query.push("title=like.a*".to_owned()),
        _ => {}
    }
    let is_post = name == "add_tag" || random.random_bool(0.5);
    let body = match (name, argument) {
        ("add_tag", _) => serde_json::json!({ "key": number, "name": "made" }),
        (_, Some((key, number))) => serde_json::json!({ key: number }),
        (_, None) => serde_json::json!({}),
    };
    if let Some((key, number)) = argument.filter(|_| !is_post) {
        query.push(format!("{key}={number}"));
    }
    let prefer = if name == "find_items" {
        "count=exact"
    } else {
        ""
    };
    Case {
        method: if is_post { Method::Post } else { Method::Get },
        name,
        is_call: true,
        query: query.join("&"),
        prefer: prefer.to_owned(),
        body: is_post.then(|| body.to_string()),
        claims: claims(random),
    }
}

fn claims(random: &mut StdRng) -> serde_json::Value {
    let mut claims = serde_json::json!({ "role": "authenticated" });
    if random.random_bool(0.9) {
        claims["sub"] = PEOPLE.choose(random).copied().into();
    }
    if random.random_bool(0.4) {
        claims["level"] = "high".into();
    }
    claims
}

/// The primary key as `order` and `on_conflict` name it.
pub(super) fn key_of(table: &Table) -> String {
    let key = table.columns[..table.keys].iter().map(|it| it.name);
    key.collect::<Vec<_>>().join(",")
}
