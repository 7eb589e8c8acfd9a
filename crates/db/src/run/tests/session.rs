//! The session path: what a request sees there, and that nothing of it stays.

use super::*;

#[tokio::test]
async fn attack_53_a_session_sees_claims_and_request_and_the_next_one_does_not() {
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
async fn attack_53_nothing_that_a_function_sets_beyond_its_transaction_reaches_the_next_request() {
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
             (select count(*) from pg_locks where locktype = 'advisory' and database = \
             (select oid from pg_database where datname = current_database())))",
        )
        .await;

    assert!(left.is_ok(), "{left:?}");
    assert_eq!(
        body(after).as_deref(),
        Some("authenticated||postern_gateway|8s|0")
    );
}

#[tokio::test]
async fn attack_53_a_request_that_is_given_up_leaves_neither_work_nor_settings() {
    let bench = Bench::with("given_up", "create table t (a int)", |it| {
        it.session_connections = 1;
        it.acquire_timeout = PATIENCE;
        it.statement_timeouts.user = PATIENCE;
    })
    .await;
    // Nobody gives the lock back: what is given up must end in another way.
    let lock = bench.lock().await;
    let slow = "with w as (insert into t values (1) returning a) \
                select pg_advisory_xact_lock(7)::text, 1::int8, null::int8, 0::int8 from w";

    tokio::select! {
        biased;
        answer = bench.session(Mode::ReadWrite, slow) => panic!("it got the lock: {answer:?}"),
        () = lock.wait_until_blocked() => {}
    }
    let after = bench
        .session(Mode::ReadOnly, "(select count(*) from t) || current_user")
        .await;

    assert_eq!(body(after).as_deref(), Some("0postern_gateway"));
}

#[tokio::test]
async fn attack_53_an_error_ends_its_transaction_only() {
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
async fn attack_53_a_native_role_has_its_own_rights_only() {
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
