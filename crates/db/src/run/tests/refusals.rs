//! What callers hear of refusals, and of a database that does not answer.

use super::*;

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
async fn a_full_pool_says_so() {
    let bench = Bench::with("full", "", |it| {
        it.session_connections = 1;
        it.acquire_timeout = Duration::from_secs(1);
        it.statement_timeouts.user = PATIENCE;
    })
    .await;
    let lock = bench.lock().await;

    let slow = bench.session(Mode::ReadOnly, WAITS);
    let waiting = async {
        lock.wait_until_blocked().await;
        let waiting = bench.session(Mode::ReadOnly, "1").await;
        lock.release().await;
        waiting
    };
    let (slow, waiting) = tokio::join!(slow, waiting);

    assert!(slow.is_ok());
    let busy = waiting.expect_err("no place");
    assert_eq!((busy.code(), busy.status()), ("PGRST003", 504));
}

#[tokio::test]
async fn a_database_that_is_not_there_is_unreachable() {
    let url = Secret::new("postgresql://nobody:x@127.0.0.1:1/none".into());

    let error = Db::connect(&DbConfig::new(url))
        .await
        .expect_err("nothing there");

    assert_eq!((error.code(), error.status()), ("PGRST000", 503));
}
