//! Runs a case both ways on one real Postgres and writes down what came of it.

use bytes::BytesMut;
use postern_base::limits::Limits;
use postern_base::{Claims, Identity, Trust};
use postern_catalog::Catalog;
use postern_db::managed::{Cluster, ClusterConfig, Login};
use postern_db::{Db, DbConfig};
use postern_policy::Bundle;
use postern_query::request::{RawRequest, Representation, Target};
use postern_query::{Error, Param, Rewritten, Rules, View, parse, plan, rewrite_with};
use tokio_postgres::types::{Format, IsNull, ToSql, Type};
use tokio_postgres::{Client, NoTls};

use super::requests::Case;
use super::world::{TABLES, World};

/// The role that native policies hold.
const ROLE: &str = "differential";

/// A server with one connection of its owner.
pub(crate) struct Session {
    cluster: Cluster,
    db: Db,
    client: Client,
    /// The statement that ran last, for the report of a difference.
    pub(crate) last_sql: String,
}

/// A world as the gateway sees it.
pub(crate) struct Bound {
    schema: String,
    catalog: Catalog,
    bundle: Bundle,
}

/// What came of a case.
#[derive(Debug, PartialEq)]
pub(crate) enum Outcome {
    Done {
        rows: Vec<String>,
        page_rows: i64,
        total_rows: Option<i64>,
        inserted_rows: i64,
        state: String,
    },
    /// The SQLSTATE's class.
    Refused(String),
}

impl Outcome {
    /// Whether this outcome of ours is the native one.
    ///
    /// Postgres stumbles over a bad pattern while it plans, before it looks at grants or rows. The
    /// gateway refuses what is not granted first, and behind a guard the pattern only meets rows.
    pub(crate) fn agrees_with(&self, native: &Self) -> bool {
        let before_any_row = *native == Self::Refused("22".into())
            && match self {
                Self::Refused(class) => class == "42",
                // An aggregate of no rows is a row.
                Self::Done {
                    page_rows,
                    total_rows,
                    ..
                } => *page_rows == 0 || *total_rows == Some(0),
            };
        self == native || before_any_row
    }

    /// A name for the tally of a run.
    pub(crate) fn kind(&self, case: &Case) -> String {
        match self {
            Self::Done { page_rows: 0, .. } => format!("{:?} empty", case.method),
            Self::Done { .. } => format!("{:?} rows", case.method),
            Self::Refused(class) => format!("{:?} error {class}", case.method),
        }
    }
}

impl Session {
    pub(crate) async fn start() -> Self {
        let cluster = Cluster::start(&ClusterConfig::throwaway(), |_| ())
            .await
            .expect("a server");
        let url = cluster.url(Login::Owner);
        let (client, connection) = tokio_postgres::connect(url.expose(), NoTls)
            .await
            .expect("connects");
        tokio::spawn(connection);
        client
            .batch_execute(&format!(
                "create role {ROLE}; grant usage on schema auth to {ROLE};"
            ))
            .await
            .expect("makes the role");
        let db = Db::connect(&DbConfig::new(cluster.url(Login::Gateway)))
            .await
            .expect("connects");
        Self {
            cluster,
            db,
            client,
            last_sql: String::new(),
        }
    }

    pub(crate) async fn stop(self) {
        drop(self.client);
        self.cluster.stop().await.expect("stops");
    }

    /// Makes the world, and binds its policy files to it.
    pub(crate) async fn enter(&mut self, world: &World) -> Bound {
        let mode = if world.generic_plans {
            "force_generic_plan"
        } else {
            "auto"
        };
        let sql = format!(
            "{}; {}; set plan_cache_mode = {mode};",
            world.ddl(),
            world.native(ROLE)
        );
        self.client
            .batch_execute(&sql)
            .await
            .expect("makes the world");
        let catalog = self
            .db
            .introspect(&[&world.schema], &[])
            .await
            .expect("introspects");
        let loaded = postern_policy::load(&world.files(), &catalog, None);
        let loaded = loaded.unwrap_or_else(|found| {
            let text: Vec<_> = found.iter().map(ToString::to_string).collect();
            panic!(
                "policies do not load:\n{}\n{}",
                text.join("\n"),
                world.files_text()
            )
        });
        Bound {
            schema: world.schema.clone(),
            catalog,
            bundle: loaded.bundle,
        }
    }

    /// Runs the case rewritten by the policy files.
    pub(crate) async fn rewritten(&mut self, bound: &Bound, case: &Case, rules: Rules) -> Outcome {
        match statement(bound, case, &user(case), rules) {
            Ok(statement) => self.run(bound, case, &statement, None).await,
            Err(error) => Outcome::Refused(class(error.code.code)),
        }
    }

    /// Runs the case unrewritten, under the role that native policies hold.
    pub(crate) async fn native(&mut self, bound: &Bound, case: &Case) -> Outcome {
        match statement(bound, case, &Identity::service(), Rules::ALL) {
            Ok(statement) => self.run(bound, case, &statement, Some(ROLE)).await,
            Err(error) => Outcome::Refused(class(error.code.code)),
        }
    }

    /// Whether taking protections out changes the statement of this case at all.
    pub(crate) fn changes_statement(&self, bound: &Bound, case: &Case, rules: Rules) -> bool {
        let text = |rules| statement(bound, case, &user(case), rules).map(|it| it.sql().to_owned());
        matches!((text(Rules::ALL), text(rules)), (Ok(whole), Ok(without)) if whole != without)
    }

    async fn run(
        &mut self,
        bound: &Bound,
        case: &Case,
        statement: &Rewritten,
        role: Option<&str>,
    ) -> Outcome {
        if role.is_none() {
            self.last_sql = format!("{}\n{:?}", statement.sql(), statement.params());
        }
        let transaction = self.client.transaction().await.expect("begins");
        let claims = case.claims.to_string();
        transaction
            .execute(
                "select set_config('request.jwt.claims', $1, true)",
                &[&claims],
            )
            .await
            .expect("sets the claims");
        if let Some(role) = role {
            transaction
                .batch_execute(&format!("set local role {role}"))
                .await
                .expect("sets the role");
        }
        let params: Vec<_> = statement.params().iter().map(TextParam).collect();
        let params: Vec<&(dyn ToSql + Sync)> = params.iter().map(|it| it as _).collect();
        let answer = transaction.query_one(statement.sql(), &params).await;
        let row = match answer {
            Ok(row) => row,
            Err(error) => {
                let code = error
                    .code()
                    .unwrap_or_else(|| panic!("{error:?}\n{}", statement.sql()));
                return Outcome::Refused(class(code.code()));
            }
        };
        transaction
            .batch_execute("reset role")
            .await
            .expect("resets the role");
        let state = transaction
            .query_one(&state_query(&bound.schema), &[])
            .await
            .expect("reads");
        Outcome::Done {
            rows: sorted_rows(row.get("body")),
            page_rows: row.get("page_rows"),
            total_rows: row.get("total_rows"),
            inserted_rows: row.get("inserted_rows"),
            state: state.get(0),
        }
    }
}

/// Every protection taken out alone.
pub(crate) fn mutants() -> impl Iterator<Item = (&'static str, Rules)> {
    type Removal = (&'static str, fn(&mut Rules));
    const REMOVALS: [Removal; 12] = [
        ("read_filter", |it| it.read_filter = false),
        ("embed_filter", |it| it.embed_filter = false),
        ("junction_filter", |it| it.junction_filter = false),
        ("leak_guard", |it| it.leak_guard = false),
        ("insert_check", |it| it.insert_check = false),
        ("insert_select_check", |it| it.insert_select_check = false),
        ("update_filter", |it| it.update_filter = false),
        ("update_check", |it| it.update_check = false),
        ("write_select_filter", |it| it.write_select_filter = false),
        ("update_select_check", |it| it.update_select_check = false),
        ("delete_filter", |it| it.delete_filter = false),
        ("upsert_old_row", |it| it.upsert_old_row = false),
    ];
    REMOVALS.into_iter().map(|(name, remove)| {
        let mut rules = Rules::ALL;
        remove(&mut rules);
        (name, rules)
    })
}

fn user(case: &Case) -> Identity {
    let claims = case
        .claims
        .as_object()
        .expect("INVARIANT: an object")
        .clone();
    Identity::from_verified(Claims::new(claims), Trust::Project).expect("INVARIANT: a user")
}

fn statement(
    bound: &Bound,
    case: &Case,
    identity: &Identity,
    rules: Rules,
) -> Result<Rewritten, Error> {
    let raw = RawRequest {
        method: case.method,
        target: Target::Relation(case.table.to_owned()),
        schema: &bound.schema,
        query: &case.query,
        prefer: vec![&case.prefer],
        range: None,
        representation: Representation::default(),
        body: case.body.as_deref().map(Into::into),
    };
    let limits = Limits::default();
    let view = View::new(&bound.catalog, &bound.bundle, identity)?;
    let plan = plan(parse(&raw, &limits)?, &view, &limits)?;
    rewrite_with(&plan, &view, rules)
}

/// The first two characters; the gateway's own refusals stand for "not permitted or not there".
fn class(code: &str) -> String {
    if code.starts_with("PGRST2") {
        "42".into()
    } else {
        code.chars().take(2).collect()
    }
}

fn sorted_rows(body: Option<String>) -> Vec<String> {
    let body: serde_json::Value =
        serde_json::from_str(&body.unwrap_or_else(|| "[]".into())).expect("JSON");
    let rows = body.as_array().expect("an array").iter();
    let mut rows: Vec<_> = rows
        .map(|row| sort_arrays(row.clone()).to_string())
        .collect();
    rows.sort_unstable();
    rows
}

/// Sorts embedded arrays, whose order nobody asked for.
fn sort_arrays(mut value: serde_json::Value) -> serde_json::Value {
    match &mut value {
        serde_json::Value::Array(items) => {
            *items = std::mem::take(items).into_iter().map(sort_arrays).collect();
            items.sort_by_key(ToString::to_string);
        }
        serde_json::Value::Object(map) => {
            for (_, item) in map.iter_mut() {
                *item = sort_arrays(std::mem::take(item));
            }
        }
        _ => {}
    }
    value
}

fn state_query(schema: &str) -> String {
    let tables = TABLES.iter().map(|table| {
        format!(
            "(select coalesce(string_agg(t::text, ';' order by t::text), '') from {schema}.{} t)",
            table.name
        )
    });
    format!(
        "select md5({})",
        tables.collect::<Vec<_>>().join(" || '#' || ")
    )
}

/// A parameter in text format, whatever type the server infers.
#[derive(Debug)]
struct TextParam<'p>(&'p Param);

impl ToSql for TextParam<'_> {
    fn to_sql(
        &self,
        _: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        let text = match self.0 {
            Param::Null => return Ok(IsNull::Yes),
            Param::Text(text) => text.as_str(),
            Param::Shared(text) => text,
        };
        out.extend_from_slice(text.as_bytes());
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    fn encode_format(&self, _: &Type) -> Format {
        Format::Text
    }

    tokio_postgres::types::to_sql_checked!();
}
