//! Both paths against a real server, with statements of this module's own making: outside of it
//! only the rewriter can make one.

use std::time::{Duration, Instant};

use postern_base::{Claims, Identity, Secret};
use postern_query::{Mode, Param, Route};
use serde_json::json;
use tokio::sync::OnceCell;

use super::*;
use crate::managed::{Cluster, ClusterConfig, Login};
use crate::{Admin, DbConfig};

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
            params,
            mode,
            schema: "public",
            native_role,
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
        run_statement(&self.db, statement, &route, &caller).await
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

#[tokio::test]
async fn parameters_of_every_type_travel_as_text() {
    let bench = Bench::new(
        "params",
        "create type mood as enum ('sad', 'glad'); create domain small as int check (value < 9)",
    )
    .await;

    let answer = bench
        .fast(
            Mode::ReadOnly,
            "concat_ws('|', $1::int8 + 1, $2::uuid, $3::public.mood, ($4::jsonb) ->> 'a', \
             ($5::int[])[2], $6::public.small, $7::timestamptz at time zone 'UTC', $8::text)",
            &[
                text("41"),
                text(SUB),
                text("glad"),
                Param::Shared(r#"{"a":"b"}"#.into()),
                text("{1,2}"),
                text("8"),
                text("2026-11-03T12:00:00Z"),
                Param::Null,
            ],
        )
        .await;

    let expected = format!("42|{SUB}|glad|b|2|8|2026-11-03 12:00:00");
    assert_eq!(body(answer), Some(expected));
}

#[tokio::test]
async fn a_reading_connection_cannot_write() {
    let bench = Bench::new("readonly", "create table t (a int)").await;
    let insert = "with w as (insert into t values (1) returning a) \
                  select a::text, 1::int8, null::int8, 1::int8 from w";

    let refused = bench.fast(Mode::ReadOnly, insert, &[]).await;
    let refused_in_session = bench.session(Mode::ReadOnly, insert).await;
    let done = bench.fast(Mode::ReadWrite, insert, &[]).await;

    assert_eq!(refused.expect_err("read-only").status(), 405);
    assert_eq!(code(refused_in_session), "25006");
    assert_eq!(done.expect("writes").inserted_rows, 1);
}

#[tokio::test]
async fn a_session_sees_claims_and_request_and_the_next_one_does_not() {
    let bench = Bench::with("claims", "", |it| it.session_connections = 1).await;

    let seen = bench.session(Mode::ReadOnly, CLAIMS).await;
    let anonymous = bench
        .as_caller(
            &Identity::anonymous(),
            Route::Session {
                reason: String::new(),
            },
            Mode::ReadOnly,
            CLAIMS,
            &[],
            None,
        )
        .await;

    let expected = format!("{SUB}|authenticated|a@b.c|GET|/rest/v1/t|postern_gateway");
    assert_eq!(body(seen), Some(expected));
    assert_eq!(
        body(anonymous).as_deref(),
        Some("anon|GET|/rest/v1/t|postern_gateway")
    );
}

#[tokio::test]
async fn a_default_that_asks_for_the_user_is_answered() {
    let bench = Bench::new(
        "defaults",
        "create table t (a int, owner uuid default auth.uid())",
    )
    .await;

    let answer = bench
        .session(
            Mode::ReadWrite,
            "with w as (insert into t (a) values (1) returning owner) \
             select owner::text, 1::int8, null::int8, 1::int8 from w",
        )
        .await;

    assert_eq!(body(answer).as_deref(), Some(SUB));
}

#[tokio::test]
async fn nothing_that_a_function_sets_beyond_its_transaction_reaches_the_next_request() {
    let bench = Bench::with(
        "leaks",
        "create function leave_traces() returns text language plpgsql as $$ begin
           perform set_config('request.jwt.claims', '{\"sub\":\"x\",\"role\":\"evil\"}', false);
           perform set_config('statement_timeout', '0', false);
           perform set_config('app.trace', 'left', false);
           perform set_config('role', 'authenticated', false);
           perform pg_advisory_lock(77);
           create temp table trace as select 1;
           return current_user; end $$",
        |it| it.session_connections = 1,
    )
    .await;

    let left = bench
        .session(Mode::ReadWrite, "public.leave_traces()")
        .await;
    let after = bench
        .session(
            Mode::ReadOnly,
            "concat_ws('|', auth.role(), current_setting('app.trace', true), current_user, \
             current_setting('statement_timeout'), to_regclass('pg_temp.trace'), \
             (select count(*) from pg_locks where locktype = 'advisory'))",
        )
        .await;

    assert!(left.is_ok(), "{left:?}");
    assert_eq!(
        body(after).as_deref(),
        Some("authenticated||postern_gateway|8s|0")
    );
}

#[tokio::test]
async fn a_request_that_is_given_up_leaves_neither_work_nor_settings() {
    let bench = Bench::with("given_up", "create table t (a int)", |it| {
        it.session_connections = 1;
    })
    .await;
    let slow = "with w as (insert into t values (1) returning a) \
                select pg_sleep(30)::text, 1::int8, null::int8, 0::int8 from w";

    let given_up = tokio::time::timeout(
        Duration::from_millis(300),
        bench.session(Mode::ReadWrite, slow),
    );
    assert!(given_up.await.is_err());
    let started = Instant::now();
    let after = bench
        .session(Mode::ReadOnly, "(select count(*) from t) || current_user")
        .await;

    assert_eq!(body(after).as_deref(), Some("0postern_gateway"));
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn an_error_ends_its_transaction_only() {
    let bench = Bench::with("errors", "", |it| it.session_connections = 1).await;

    let refused = bench.session(Mode::ReadOnly, "1 / (select 0)").await;
    let after = bench.session(Mode::ReadOnly, CLAIMS).await;

    assert_eq!(code(refused), "22012");
    assert!(after.is_ok());
}

#[tokio::test]
async fn a_constraint_that_waits_for_commit_is_reported() {
    let bench = Bench::new(
        "deferred",
        "create table t (a int unique deferrable initially deferred)",
    )
    .await;

    let refused = bench
        .session(
            Mode::ReadWrite,
            "with w as (insert into t values (1), (1) returning a) \
             select 'x'::text, count(*), null::int8, 0::int8 from w",
        )
        .await;

    let refused = refused.expect_err("duplicates");
    assert_eq!((refused.code(), refused.status()), ("23505", 409));
    assert_eq!(refused.details(), None);
}

#[tokio::test]
async fn statements_end_at_the_callers_timeout_on_both_paths() {
    let bench = Bench::with("timeouts", "", |it| {
        it.statement_timeouts.user = Duration::from_millis(200);
    })
    .await;

    let fast = bench.fast(Mode::ReadOnly, "pg_sleep(5)", &[]).await;
    let session = bench.session(Mode::ReadOnly, "pg_sleep(5)").await;

    assert_eq!(code(fast), "57014");
    assert_eq!(code(session), "57014");
}

#[tokio::test]
async fn a_stale_plan_is_made_again() {
    let bench = Bench::new(
        "stale",
        "create table t (a text); insert into t values ('x')",
    )
    .await;
    let read = "with r as (select a from t) select a, 1::int8, null::int8, 0::int8 from r";
    assert_eq!(
        body(bench.fast(Mode::ReadOnly, read, &[]).await).as_deref(),
        Some("x")
    );
    assert_eq!(
        body(bench.session(Mode::ReadOnly, read).await).as_deref(),
        Some("x")
    );

    bench.owner("alter table t alter a type varchar(9)").await;

    assert_eq!(
        body(bench.fast(Mode::ReadOnly, read, &[]).await).as_deref(),
        Some("x")
    );
    assert_eq!(
        body(bench.session(Mode::ReadOnly, read).await).as_deref(),
        Some("x")
    );
}

#[tokio::test]
async fn a_lost_connection_is_replaced() {
    let bench = Bench::new("lost", "").await;
    assert!(bench.fast(Mode::ReadOnly, "1", &[]).await.is_ok());
    assert!(bench.session(Mode::ReadOnly, "1").await.is_ok());

    bench
        .owner(
            "select pg_terminate_backend(pid) from pg_stat_activity \
             where datname = current_database() and pid <> pg_backend_pid()",
        )
        .await;

    let read = bench.fast(Mode::ReadOnly, "1", &[]).await;
    assert_eq!(body(read).as_deref(), Some("1"));
    // A session may be handed out just before its end is noticed; then the caller hears of it.
    let mut again = bench.session(Mode::ReadOnly, "1").await;
    if again.is_err() {
        again = bench.session(Mode::ReadOnly, "1").await;
    }
    assert_eq!(body(again).as_deref(), Some("1"));
}

#[tokio::test]
async fn keys_are_quoted_to_the_service_only() {
    let bench = Bench::new(
        "scrub",
        "create table t (email text unique); insert into t values ('hidden@x.io')",
    )
    .await;
    let insert = "with w as (insert into t values ('hidden@x.io') returning 1) \
                  select ''::text, 1::int8, null::int8, 0::int8 from w";

    let told = |identity: Identity| {
        let bench = &bench;
        async move {
            bench
                .as_caller(&identity, Route::Fast, Mode::ReadWrite, insert, &[], None)
                .await
                .expect_err("a duplicate")
        }
    };
    let (user, service) = (told(user()).await, told(Identity::service()).await);

    assert_eq!(user.details(), None);
    assert_eq!(
        user.message(),
        "duplicate key value violates unique constraint \"t_email_key\""
    );
    assert!(
        service
            .details()
            .is_some_and(|it| it.contains("hidden@x.io"))
    );
}

#[tokio::test]
async fn a_hidden_value_in_a_cast_stays_hidden_and_ones_own_is_shown() {
    let bench = Bench::new(
        "casts",
        "create table t (a text); insert into t values ('k2')",
    )
    .await;

    let hidden = bench
        .fast(Mode::ReadOnly, "select a::int from t", &[])
        .await;
    let own = bench.fast(Mode::ReadOnly, "$1::int", &[text("abc")]).await;

    let hidden = hidden.expect_err("no number");
    assert_eq!(hidden.message(), "invalid input syntax for type integer");
    let own = own.expect_err("no number");
    assert_eq!(
        own.message(),
        "invalid input syntax for type integer: \"abc\""
    );
}

#[tokio::test]
async fn a_native_role_has_its_own_rights_only() {
    let bench = Bench::new(
        "native",
        "create table t (a int); create function who() returns text language sql as \
         'select current_user::text'; create function peek() returns bigint language sql as \
         'select count(*) from t'",
    )
    .await;
    let run = |body: &'static str, role: &'static str| {
        let bench = &bench;
        async move {
            bench
                .as_caller(
                    &Identity::anonymous(),
                    Route::Fast,
                    Mode::ReadWrite,
                    body,
                    &[],
                    Some(role),
                )
                .await
        }
    };

    let who = run("public.who()", "anon").await;
    let peek = run("public.peek()", "anon").await;
    let nobody = run("public.who()", "no_such_role").await;

    assert_eq!(body(who).as_deref(), Some("anon"));
    let peek = peek.expect_err("no rights");
    assert_eq!((peek.code(), peek.status()), ("42501", 401));
    assert!(nobody.is_err());
    let after = bench.session(Mode::ReadOnly, "current_user").await;
    assert_eq!(body(after).as_deref(), Some("postern_gateway"));
}

#[tokio::test]
async fn functions_shape_the_answer_through_settings() {
    let bench = Bench::new("response", "").await;

    let answer = bench
        .session(
            Mode::ReadOnly,
            "set_config('response.headers', '[{\"X-A\":\"b\"}]', true) || \
             set_config('response.status', '418', true)",
        )
        .await
        .expect("runs");

    assert_eq!(
        answer.response_headers.as_deref(),
        Some("[{\"X-A\":\"b\"}]")
    );
    assert_eq!(answer.response_status.as_deref(), Some("418"));
    let next = bench.session(Mode::ReadOnly, "1").await.expect("runs");
    assert_eq!((next.response_headers, next.response_status), (None, None));
}

#[tokio::test]
async fn a_full_pool_says_so() {
    let bench = Bench::with("full", "", |it| {
        it.session_connections = 1;
        it.acquire_timeout = Duration::from_secs(1);
    })
    .await;

    let slow = bench.session(Mode::ReadOnly, "pg_sleep(4)");
    let waiting = async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        bench.session(Mode::ReadOnly, "1").await
    };
    let (slow, waiting) = tokio::join!(slow, waiting);

    assert!(slow.is_ok());
    let busy = waiting.expect_err("no place");
    assert_eq!((busy.code(), busy.status()), ("PGRST003", 504));
}

#[tokio::test]
async fn one_slow_statement_does_not_hold_up_the_others() {
    let bench = Bench::with("slow", "", |it| it.read_connections = 1).await;
    assert!(bench.fast(Mode::ReadOnly, "1", &[]).await.is_ok());
    let slow = bench.fast(Mode::ReadOnly, "pg_sleep(3)", &[]);
    let quick = async {
        let started = Instant::now();
        for _ in 0..20 {
            // The first of these is sent right behind the slow one and must get away from it.
            assert!(bench.fast(Mode::ReadOnly, "1", &[]).await.is_ok());
        }
        started.elapsed()
    };

    let (slow, quick) = tokio::join!(biased; slow, quick);

    assert!(slow.is_ok());
    assert!(quick < Duration::from_secs(2), "{quick:?}");
}

#[tokio::test]
async fn a_database_that_is_not_there_is_unreachable() {
    let url = Secret::new("postgresql://nobody:x@127.0.0.1:1/none".into());

    let error = Db::connect(&DbConfig::new(url))
        .await
        .expect_err("nothing there");

    assert_eq!((error.code(), error.status()), ("PGRST000", 503));
}

#[tokio::test]
async fn a_worker_that_ends_takes_no_connection_of_another_with_it() {
    let bench = Bench::new("workers", "create table t (a int)").await;
    let insert = "with w as (insert into t select 1 from pg_sleep(1) returning a) \
                  select a::text, 1::int8, null::int8, 1::int8 from w";
    let db = bench.db.clone();
    let owner = bench.owner.clone();
    let first = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        runtime.block_on(async {
            let bench = Bench { db, owner };
            assert!(bench.fast(Mode::ReadWrite, "1", &[]).await.is_ok());
            assert!(bench.session(Mode::ReadWrite, "1").await.is_ok());
        });
    });
    first.join().expect("ends");

    assert!(bench.fast(Mode::ReadWrite, insert, &[]).await.is_ok());
    assert!(bench.session(Mode::ReadWrite, insert).await.is_ok());
}

#[tokio::test]
async fn many_requests_share_few_connections() {
    let bench = Bench::with("shared", "", |it| it.read_connections = 2).await;

    let requests = (0..200).map(|n| {
        let bench = &bench;
        async move {
            let answer = bench
                .fast(Mode::ReadOnly, "$1::int", &[text(&n.to_string())])
                .await;
            assert_eq!(body(answer), Some(n.to_string()));
        }
    });
    futures_util::future::join_all(requests).await;

    let open = bench
        .session(
            Mode::ReadOnly,
            "select count(*) from pg_stat_activity where application_name = 'postern' \
             and datname = current_database()",
        )
        .await;
    let open: u32 = body(open).expect("a count").parse().expect("a number");
    assert!(open <= 8, "{open} connections");
}
