//! Runs a case both ways on one real Postgres and writes down what came of it.
//!
//! Each side has a connection of its own: ours is no policy's subject, the native one is under a
//! role that native policies hold. Each case is a transaction that is rolled back.

mod params;

use std::sync::Arc;

use postern_base::limits::Limits;
use postern_base::{Claims, Identity, RoleName, Trust};
use postern_catalog::Catalog;
use postern_db::Db;
use postern_policy::Bundle;
use postern_query::request::{Method, RawRequest, Representation};
use postern_query::{Error, Rewritten, Rules, View, parse, plan, rewrite_with};
use tokio::sync::Mutex;
use tokio_postgres::types::Type;
use tokio_postgres::{Client, Row};

use self::params::TextParam;
use super::outcome::Outcome;
use super::requests::Case;
use super::server::{ROLE, Server};
use super::shape::Shape;
use super::world::{Without, World};

/// Two connections, for one worker.
pub(crate) struct Session {
    db: Arc<Db>,
    schemas: Arc<Mutex<()>>,
    ours: Client,
    native: Client,
    label: &'static str,
}

/// A world as the gateway sees it.
pub(crate) struct Bound<'w> {
    pub(crate) world: &'w World,
    catalog: &'w Catalog,
    bundle: Bundle,
}

/// Both forms of one case.
pub(crate) struct Both {
    pub(crate) ours: Outcome,
    pub(crate) native: Outcome,
    /// Our statement, for the report of a difference.
    pub(crate) sql: String,
}

impl Session {
    pub(crate) async fn start(server: &Server) -> Self {
        let native = server.connect().await;
        native
            .batch_execute(&format!("set role {ROLE}"))
            .await
            .expect("takes the role");
        Self {
            db: Arc::clone(&server.db),
            schemas: Arc::clone(&server.schemas),
            ours: server.connect().await,
            native,
            label: server.label,
        }
    }

    /// Makes a shape and reads its catalogue.
    pub(crate) async fn make(&mut self, shape: &Shape) -> Catalog {
        let ddl = shape.ddl(ROLE, self.label);
        let _alone = self.schemas.lock().await;
        self.ours
            .batch_execute(&ddl)
            .await
            .expect("makes the schema");
        let schemas = [shape.schema.as_str()];
        self.db
            .introspect(&schemas, &[])
            .await
            .expect("introspects")
    }

    /// Takes a shape away.
    pub(crate) async fn drop(&mut self, shape: &Shape) {
        let _alone = self.schemas.lock().await;
        let gone = self.ours.batch_execute(&shape.gone()).await;
        gone.expect("drops the schema");
    }

    /// Fills the world, and binds its policy files to the shape.
    pub(crate) async fn enter<'w>(&mut self, world: &'w World, catalog: &'w Catalog) -> Bound<'w> {
        let settings = world.settings();
        // A view goes with the world before.
        let alone = self.schemas.lock().await;
        let ours = self.ours.batch_execute(&world.enter(ROLE)).await;
        ours.unwrap_or_else(|error| panic!("{error:?}\n{}", world.enter(ROLE)));
        drop(alone);
        self.ours.batch_execute(settings).await.expect("sets");
        let native = format!("{settings}{}", world.native_settings());
        self.native.batch_execute(&native).await.expect("sets");
        bind(world, catalog, Without::Nothing)
    }

    /// Runs the case on both sides.
    pub(crate) async fn both(&self, bound: &Bound<'_>, case: &Case) -> Both {
        let statement = bound.rewritten(case, Rules::ALL);
        let sql = match &statement {
            Ok(it) => format!("{}\n{:?}", it.sql(), it.params()),
            Err(error) => format!("{error:?}"),
        };
        let ours = self.ours(bound, case, statement);
        let native = self.native(bound, case);
        let (ours, native) = if case.writes() {
            // One after the other: they would wait for each other's rows and share sequences.
            (ours.await, native.await)
        } else {
            tokio::join!(ours, native)
        };
        Both { ours, native, sql }
    }

    /// Runs our statement of the case.
    pub(crate) async fn ours(
        &self,
        bound: &Bound<'_>,
        case: &Case,
        statement: Result<Rewritten, Error>,
    ) -> Outcome {
        match statement {
            Ok(it) => {
                let sql = it.sql().to_owned();
                run(&self.ours, bound.world, case, &it, &sql, "").await
            }
            Err(error) => Outcome::refused(error.code.code, &error),
        }
    }

    /// Runs our statement where everything that the caller may not select is gone.
    pub(crate) async fn ours_without_hidden(
        &self,
        bound: &Bound<'_>,
        case: &Case,
        statement: Result<Rewritten, Error>,
    ) -> Outcome {
        match statement {
            Ok(it) => {
                let (sql, hide) = (it.sql().to_owned(), bound.world.without_hidden());
                run(&self.ours, bound.world, case, &it, &sql, &hide).await
            }
            Err(error) => Outcome::refused(error.code.code, &error),
        }
    }

    /// Runs the case unrewritten, under the role that native policies hold.
    pub(crate) async fn native(&self, bound: &Bound<'_>, case: &Case) -> Outcome {
        let identity = user(case);
        let role = RoleName::new(ROLE);
        let view = View::native(bound.catalog, &bound.bundle, &identity, role);
        match statement(case, &bound.world.schema, &view, Rules::ALL) {
            Ok(it) => {
                let sql = bound.natively_masked(case, it.sql());
                run(&self.native, bound.world, case, &it, &sql, "").await
            }
            Err(error) => Outcome::refused(error.code.code, &error),
        }
    }
}

/// Loads the world's policy files, or those of a mutant.
pub(crate) fn bind<'w>(world: &'w World, catalog: &'w Catalog, without: Without) -> Bound<'w> {
    let loaded = postern_policy::load(&world.files(without), catalog, None);
    let loaded = loaded.unwrap_or_else(|found| {
        let text: Vec<_> = found.iter().map(ToString::to_string).collect();
        panic!(
            "policies do not load:\n{}\n{}",
            text.join("\n"),
            world.report()
        )
    });
    Bound {
        world,
        catalog,
        bundle: loaded.bundle,
    }
}

impl<'w> Bound<'w> {
    /// The case rewritten by the policy files.
    pub(crate) fn rewritten(&self, case: &Case, rules: Rules) -> Result<Rewritten, Error> {
        let identity = user(case);
        let view = View::new(self.catalog, &self.bundle, &identity)?;
        statement(case, &self.world.schema, &view, rules)
    }

    /// The same world under the files of a mutant.
    pub(crate) fn without(&self, without: Without) -> Bound<'w> {
        bind(self.world, self.catalog, without)
    }

    /// Reads of a masked table go through the view that is the native form of the mask.
    fn natively_masked(&self, case: &Case, sql: &str) -> String {
        let schema = &self.world.schema;
        if case.method != Method::Get || !self.world.is_masked() {
            return sql.to_owned();
        }
        let (table, view) = (
            format!("\"{schema}\".\"notes\""),
            format!("\"{schema}_masked\".\"notes\""),
        );
        sql.replace(&table, &view)
    }
}

async fn run(
    client: &Client,
    world: &World,
    case: &Case,
    statement: &Rewritten,
    sql: &str,
    before: &str,
) -> Outcome {
    let claims = case.claims.to_string();
    let schema = &world.schema;
    let prepare = format!("select {schema}_masked.prepare($1)");
    let prepare_params: [(&(dyn tokio_postgres::types::ToSql + Sync), Type); 1] =
        [(&claims, Type::TEXT)];
    let state = if case.writes() {
        format!("select {schema}_masked.state()")
    } else {
        "select ''".to_owned()
    };
    let params: Vec<_> = statement.params().iter().map(TextParam).collect();
    let params: Vec<_> = params
        .iter()
        .map(|it| {
            (
                it as &(dyn tokio_postgres::types::ToSql + Sync),
                Type::UNKNOWN,
            )
        })
        .collect();
    // All at once: the client sends them in this order and the server answers in it.
    let (begun, prepared, hidden, answer, state, undone) = tokio::join!(
        biased;
        client.batch_execute("begin"),
        client.query_typed(&prepare, &prepare_params),
        client.batch_execute(before),
        client.query_typed(sql, &params),
        client.query_typed(&state, &[]),
        client.batch_execute("rollback"),
    );
    begun.expect("begins");
    prepared.expect("prepares");
    hidden.unwrap_or_else(|error| panic!("{error:?}\n{before}"));
    undone.expect("rolls back");
    match answer {
        Ok(rows) => done(&rows, &state.expect("reads the state")),
        Err(error) => {
            let code = error.code().unwrap_or_else(|| panic!("{error:?}\n{sql}"));
            let why = error.as_db_error().map_or("", |it| it.message());
            Outcome::refused(code.code(), &why)
        }
    }
}

fn done(rows: &[Row], state: &[Row]) -> Outcome {
    let (row, state) = (&rows[0], &state[0]);
    Outcome::done(
        row.get("body"),
        [
            row.get("page_rows"),
            row.get("total_rows"),
            row.get("inserted_rows"),
        ],
        state.get(0),
    )
}

fn user(case: &Case) -> Identity {
    let claims = case.claims.as_object().expect("INVARIANT: an object");
    Identity::from_verified(Claims::new(claims.clone()), Trust::Project).expect("INVARIANT: a user")
}

fn statement(case: &Case, schema: &str, view: &View<'_>, rules: Rules) -> Result<Rewritten, Error> {
    let raw = RawRequest {
        method: case.method,
        target: case.target(),
        schema,
        query: &case.query,
        prefer: vec![&case.prefer],
        range: None,
        representation: Representation::default(),
        body: case.body.as_deref().map(Into::into),
    };
    let limits = Limits::default();
    let plan = plan(parse(&raw, &limits)?, view, &limits)?;
    rewrite_with(&plan, view, rules)
}
