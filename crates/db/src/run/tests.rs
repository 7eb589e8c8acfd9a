//! Both paths against a real server, with statements of this module's own making: outside of it
//! only the rewriter can make one.

mod connections;
mod fast;
mod leftovers;
mod lock;
mod native;
mod refusals;
mod session;

use std::time::Duration;

use postern_base::{Claims, Identity, Secret};
use postern_query::{Mode, Param, Route};
use serde_json::json;
use tokio::sync::OnceCell;

use super::*;
use crate::managed::{Cluster, ClusterConfig, Login};
use crate::{Admin, DbConfig};

/// Longer than any test should take, on any machine.
const PATIENCE: Duration = Duration::from_secs(120);
/// Ends when the lock of [`Bench::lock`] is given back.
const WAITS: &str = "pg_advisory_xact_lock(7)";
const SUB: &str = "11111111-1111-4111-8111-111111111111";

static CLUSTER: OnceCell<Cluster> = OnceCell::const_new();

async fn cluster() -> &'static Cluster {
    let start = || async {
        Cluster::start(&ClusterConfig::throwaway(), |_| {})
            .await
            .expect("a throwaway server starts")
    };
    CLUSTER.get_or_init(start).await
}

/// A database of its own with a schema, and the pools on it.
struct Bench {
    db: Db,
    owner: Secret<String>,
}

impl Bench {
    async fn new(name: &str, schema: &str) -> Self {
        Self::with(name, schema, |_| {}).await
    }

    async fn with(name: &str, schema: &str, tune: impl FnOnce(&mut DbConfig)) -> Self {
        let cluster = cluster().await;
        cluster.create_database(name, None).await.expect("made");
        let owner = cluster.database_url(Login::Owner, name);
        let admin = Admin::connect(&owner).await.expect("connects");
        admin.run_own(schema).await.expect("the schema is good");
        let mut config = DbConfig::new(cluster.database_url(Login::Gateway, name));
        tune(&mut config);
        let db = Db::connect(&config).await.expect("connects");
        Self { db, owner }
    }

    async fn owner(&self, sql: &str) {
        let admin = Admin::connect(&self.owner).await.expect("connects");
        admin.run_own(sql).await.expect("runs");
    }

    async fn fast(&self, mode: Mode, body: &str, params: &[Param]) -> Result<Answer, Error> {
        self.as_caller(&user(), Route::Fast, mode, body, params, None)
            .await
    }

    async fn session(&self, mode: Mode, body: &str) -> Result<Answer, Error> {
        let route = Route::Session {
            reason: "a test".into(),
        };
        self.as_caller(&user(), route, mode, body, &[], None).await
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "a test's one way into both paths"
    )]
    async fn as_caller(
        &self,
        identity: &Identity,
        route: Route,
        mode: Mode,
        body: &str,
        params: &[Param],
        native_role: Option<&str>,
    ) -> Result<Answer, Error> {
        let sql = if body.starts_with("with") {
            body.to_owned()
        } else {
            format!("select ({body})::text, 1::int8, null::int8, 0::int8")
        };
        let statement = Statement {
            sql: &sql,
            reads_relations: mode == Mode::ReadOnly
                && !["public.", "with w"].iter().any(|it| body.starts_with(it)),
            explains: false,
            question: None,
            params,
            mode,
            schema: "public",
            native_role,
            transaction: &postern_query::Transaction::default(),
        };
        let caller = Caller {
            identity,
            role: "authenticated",
            request: &RequestSettings {
                method: "GET".into(),
                path: "/rest/v1/t".into(),
                ..RequestSettings::default()
            },
        };
        let ran = run_statement(&self.db, statement, &route, &caller).await;
        ran.map(|it| it.answer)
    }
}

fn user() -> Identity {
    let claims = json!({ "sub": SUB, "role": "authenticated", "email": "a@b.c" });
    Identity::User(Claims::new(claims.as_object().expect("an object").clone()))
}

fn text(value: &str) -> Param {
    Param::Text(value.into())
}

fn body(answer: Result<Answer, Error>) -> Option<String> {
    answer.expect("it runs").body
}

fn code(answer: Result<Answer, Error>) -> String {
    answer.expect_err("it is refused").code().to_owned()
}

const CLAIMS: &str = "concat_ws('|', auth.uid(), auth.role(), auth.email(), \
     nullif(current_setting('request.method', true), ''), \
     nullif(current_setting('request.path', true), ''), current_user)";
