//! Statements as the caller's own role: what a connection rests in, and what is refused.

use super::*;
use crate::config::Passthrough;

pub(super) async fn bench(name: &str, schema: &str) -> Bench {
    Bench::with(name, schema, rest).await
}

/// The same on an address without a name: no companions travel with statements there, and
/// everything is a message of its own.
pub(super) async fn bare_bench(name: &str, schema: &str) -> Bench {
    let tune = |it: &mut DbConfig| {
        rest(it);
        leave_out_the_name(it);
    };
    Bench::with(name, schema, tune).await
}

fn leave_out_the_name(config: &mut DbConfig) {
    let address: tokio_postgres::Config = config.url.expose().parse().expect("an address");
    let password = address.get_password().map(String::from_utf8_lossy);
    config.url = Secret::new(format!(
        "hostaddr=127.0.0.1 port={} user={} dbname={} password={}",
        address.get_ports()[0],
        address.get_user().expect("a login"),
        address.get_dbname().expect("a database"),
        password.expect("a password"),
    ));
}

fn rest(config: &mut DbConfig) {
    config.session_connections = 1;
    config.passthrough = Some(Passthrough {
        resting_role: "anon".into(),
        complaints: Complaints::Whole,
    });
}

/// Whether statements of this bench have companions.
async fn is_pipelined(bench: &Bench) -> bool {
    let natives = bench.db.natives().expect("native sessions");
    let lease = natives.acquire().await.expect("a session");
    let is_pipelined = lease.pipeline.is_some();
    lease.give_back();
    is_pipelined
}

async fn as_role(bench: &Bench, role: Option<&str>, body: &str) -> Result<Answer, Error> {
    let (identity, route) = (user(), Route::Fast);
    bench
        .as_caller(&identity, route, Mode::ReadWrite, body, &[], role)
        .await
}

/// Who a connection is when no transaction is under way.
async fn resting_role(bench: &Bench) -> String {
    let natives = bench.db.natives().expect("native sessions");
    let lease = natives.acquire().await.expect("a session");
    let row = lease.client.query_one("select current_user::text", &[]);
    let role = row.await.expect("an answer").get(0);
    lease.give_back();
    role
}

#[tokio::test]
async fn attack_53_a_connection_rests_in_the_anonymous_role_whatever_a_request_did() {
    let schema = "create function public.turn() returns text language plpgsql as $$ begin
         perform set_config('role', 'none', false); return current_user; end $$";
    let bench = bench("resting", schema).await;
    assert_eq!(resting_role(&bench).await, "anon");

    let who = as_role(&bench, Some("authenticated"), "current_user").await;
    assert_eq!(body(who).as_deref(), Some("authenticated"));
    assert_eq!(resting_role(&bench).await, "anon");

    let turned = as_role(&bench, Some("authenticated"), "public.turn()").await;
    assert!(turned.is_ok(), "{turned:?}");
    assert_eq!(resting_role(&bench).await, "anon");

    let failed = as_role(&bench, Some("authenticated"), "1 / (select 0)").await;
    assert_eq!(code(failed), "22012");
    assert_eq!(resting_role(&bench).await, "anon");

    let refused = as_role(&bench, Some("postern_gateway"), "current_user").await;
    assert_eq!(code(refused), "42501");
    assert_eq!(resting_role(&bench).await, "anon");
}

#[tokio::test]
async fn attack_53_a_statement_without_a_role_does_not_run() {
    let bench = bench("no_role", "").await;

    let refused = as_role(&bench, None, "current_user").await;

    assert!(matches!(refused, Err(Error::Shape { .. })), "{refused:?}");
}

#[tokio::test]
async fn companions_travel_where_the_server_has_a_name() {
    let named = bench("with_companions", "").await;
    let bare = bare_bench("without_companions", "").await;

    assert!(is_pipelined(&named).await);
    assert!(!is_pipelined(&bare).await);
}

/// Everything about the settings is refused as one: nothing of the statement has run.
#[tokio::test]
async fn attack_53_without_its_role_a_statement_writes_nothing() {
    let schema = "create table public.t (a int); grant all on public.t to public";
    let insert = "with w as (insert into public.t values (1) returning a) \
                  select 'x'::text, count(*), null::int8, 0::int8 from w";
    for bench in [
        bench("refused_role", schema).await,
        bare_bench("refused_role_bare", schema).await,
    ] {
        let refused = as_role(&bench, Some("postern_gateway"), insert).await;
        assert_eq!(code(refused), "42501");

        let rows = as_role(&bench, Some("anon"), "(select count(*) from public.t)").await;
        assert_eq!(body(rows).as_deref(), Some("0"));
    }
}

#[tokio::test]
async fn attack_53_a_read_cannot_write_whatever_it_calls() {
    let schema = "create table public.t (a int); grant all on public.t to public;
         create function public.sneak() returns int language plpgsql as $$ begin
           perform set_config('transaction_read_only', 'off', true);
           insert into public.t values (1); return 1; end $$;
         create function public.write() returns int language sql as
           $$ insert into public.t values (1) returning a $$";
    for bench in [
        bench("read_only", schema).await,
        bare_bench("read_only_bare", schema).await,
    ] {
        for (call, expected) in [("sneak", "25001"), ("write", "25006")] {
            let body = format!("(select public.{call}())");
            let (user, role) = (user(), Some("authenticated"));
            let refused = bench
                .as_caller(&user, Route::Fast, Mode::ReadOnly, &body, &[], role)
                .await;
            assert_eq!(code(refused), expected, "{call}");
        }
        let rows = as_role(&bench, Some("anon"), "(select count(*) from public.t)").await;
        assert_eq!(body(rows).as_deref(), Some("0"));
    }
}

#[tokio::test]
async fn a_constraint_that_waits_for_commit_is_reported() {
    let schema = "create table public.t (a int unique deferrable initially deferred);
         grant all on public.t to public";
    let bench = bench("native_deferred", schema).await;
    let insert = "with w as (insert into public.t values (1), (1) returning a) \
                  select 'x'::text, count(*), null::int8, 0::int8 from w";

    let refused = as_role(&bench, Some("authenticated"), insert).await;

    assert_eq!(code(refused), "23505");
    let rows = as_role(&bench, Some("anon"), "(select count(*) from public.t)").await;
    assert_eq!(body(rows).as_deref(), Some("0"));
}

/// What runs at the commit runs before everything is undone.
#[tokio::test]
async fn attack_53_what_a_deferred_trigger_leaves_is_gone() {
    let schema = "create table public.t (a int); grant all on public.t to public;
         create function public.leave() returns trigger language plpgsql as $$ begin
           perform set_config('app.trace', 'left', false);
           perform set_config('role', 'service_role', false); return null; end $$;
         create constraint trigger leaves after insert on public.t
           deferrable initially deferred for each row execute function public.leave()";
    let insert = "with w as (insert into public.t values (1) returning a) \
                  select 'x'::text, count(*), null::int8, 0::int8 from w";
    for bench in [
        bench("deferred_trace", schema).await,
        bare_bench("deferred_trace_bare", schema).await,
    ] {
        let left = as_role(&bench, Some("authenticated"), insert).await;
        assert!(left.is_ok(), "{left:?}");

        let trace = "concat_ws('|', current_user, \
                     nullif(current_setting('app.trace', true), ''))";
        let found = as_role(&bench, Some("authenticated"), trace).await;
        assert_eq!(body(found).as_deref(), Some("authenticated"));
        assert_eq!(resting_role(&bench).await, "anon");
    }
}

#[tokio::test]
async fn attack_53_a_request_that_is_given_up_is_cancelled() {
    let schema = "create table public.t (a int); grant all on public.t to public";
    let slow = "with w as (insert into public.t values (1) returning a) \
                select pg_advisory_xact_lock(7)::text, 1::int8, null::int8, 0::int8 from w";
    let patient = |it: &mut DbConfig| {
        rest(it);
        it.acquire_timeout = PATIENCE;
        it.statement_timeouts.user = PATIENCE;
    };
    let bare = |it: &mut DbConfig| {
        patient(it);
        leave_out_the_name(it);
    };
    for bench in [
        Bench::with("native_given_up", schema, patient).await,
        Bench::with("native_given_up_bare", schema, bare).await,
    ] {
        // Nobody gives the lock back: what is given up must end in another way.
        let lock = bench.lock().await;
        tokio::select! {
            biased;
            answer = as_role(&bench, Some("authenticated"), slow) => {
                panic!("it got the lock: {answer:?}")
            }
            () = lock.wait_until_blocked() => {}
        }

        let rows = as_role(&bench, Some("anon"), "(select count(*) from public.t)").await;
        assert_eq!(body(rows).as_deref(), Some("0"));
    }
}
