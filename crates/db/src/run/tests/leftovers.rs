//! What code of the database may leave on a session for longer than its transaction, one by one:
//! the next request on the same connection meets none of it, whether it was left by a read, by a
//! call, or by something that failed afterwards.

use super::*;

/// Leaves something in each of these ways, and looks for it.
struct Leftover {
    database: &'static str,
    /// A statement of PL/pgSQL.
    leaves: &'static str,
    /// An expression that is NULL where nothing was left.
    trace: &'static str,
}

impl Leftover {
    /// Holds for sessions that rest in a role, whether companions travel with their statements or
    /// not, and for those that rest in their login's.
    async fn must_be_gone(self) {
        let schema = self.functions();
        let (bare, own) = (
            format!("{}_bare", self.database),
            format!("{}_own", self.database),
        );
        for (role, bench) in [
            (
                Some("authenticated"),
                native::bench(self.database, &schema).await,
            ),
            (
                Some("authenticated"),
                native::bare_bench(&bare, &schema).await,
            ),
            (
                None,
                Bench::with(&own, &schema, |it| it.session_connections = 1).await,
            ),
        ] {
            for way in ["(select public.leave())", "public.leave()", "public.fail()"] {
                self.look_after(&bench, role, way).await;
            }
        }
    }

    fn functions(&self) -> String {
        let leaves = self.leaves;
        format!(
            "create function public.leave() returns text language plpgsql as $$ begin
               {leaves}; return 'left'; end $$;
             create function public.fail() returns text language plpgsql as $$ begin
               {leaves}; raise exception 'failed'; end $$"
        )
    }

    async fn look_after(&self, bench: &Bench, role: Option<&str>, way: &str) {
        let run = |mode, body: String| async move {
            let route = Route::Session {
                reason: String::new(),
            };
            bench
                .as_caller(&user(), route, mode, &body, &[], role)
                .await
        };
        let mode = match way.starts_with('(') {
            true => Mode::ReadOnly,
            false => Mode::ReadWrite,
        };
        let left = run(mode, way.to_owned()).await;
        // What cannot be done in a READ ONLY transaction was not done.
        let refused = left.as_ref().err().map(Error::code);
        assert!(
            left.is_ok() || way == "public.fail()" || refused == Some("25006"),
            "{way}: {left:?}"
        );

        let found = run(Mode::ReadOnly, format!("(select {})", self.trace)).await;

        assert_eq!(found.expect("runs").body, None, "after {way} as {role:?}");
    }
}

#[tokio::test]
async fn attack_53_a_setting_that_was_left_is_gone() {
    Leftover {
        database: "left_setting",
        leaves: "perform set_config('app.trace', 'left', false)",
        trace: "nullif(current_setting('app.trace', true), '')",
    }
    .must_be_gone()
    .await;
}

#[tokio::test]
async fn attack_53_claims_that_were_left_are_gone() {
    Leftover {
        database: "left_claims",
        leaves: "perform set_config('request.jwt.claims', '{\"sub\":\"left\"}', false)",
        trace: "case when current_setting('request.jwt.claims') like '%left%' then 'left' end",
    }
    .must_be_gone()
    .await;
}

#[tokio::test]
async fn attack_53_looks_of_an_answer_that_were_left_are_gone() {
    Leftover {
        database: "left_response",
        leaves: "perform set_config('response.status', '418', false)",
        trace: "nullif(current_setting('response.status', true), '')",
    }
    .must_be_gone()
    .await;
}

#[tokio::test]
async fn attack_53_limits_that_were_left_are_gone() {
    Leftover {
        database: "left_limits",
        leaves: "perform set_config('statement_timeout', '0', false);
                 perform set_config('search_path', 'pg_catalog', false);
                 perform set_config('default_transaction_read_only', 'on', false)",
        trace: "nullif(concat_ws('|', current_setting('statement_timeout'), \
                current_setting('search_path'), current_setting('default_transaction_read_only')), \
                '8s|\"public\",\"extensions\"|off')",
    }
    .must_be_gone()
    .await;
}

#[tokio::test]
async fn attack_53_a_role_that_was_left_is_gone() {
    Leftover {
        database: "left_role",
        leaves: "perform set_config('role', 'service_role', false)",
        trace: "nullif(nullif(current_user, 'authenticated'), 'postern_gateway')",
    }
    .must_be_gone()
    .await;
}

#[tokio::test]
async fn attack_53_an_advisory_lock_that_was_left_is_given_back() {
    Leftover {
        database: "left_lock",
        leaves: "perform pg_advisory_lock(77); perform pg_advisory_lock_shared(78)",
        trace: "max(objid)::text from pg_locks \
                where locktype = 'advisory' and pid = pg_backend_pid()",
    }
    .must_be_gone()
    .await;
}

#[tokio::test]
async fn attack_53_a_temporary_table_that_was_left_is_gone() {
    Leftover {
        database: "left_table",
        leaves: "create temp table trace as select 1",
        trace: "to_regclass('pg_temp.trace')::text",
    }
    .must_be_gone()
    .await;
}

#[tokio::test]
async fn attack_53_a_channel_that_was_left_is_gone() {
    Leftover {
        database: "left_channel",
        leaves: "listen trace",
        trace: "min(it) from pg_listening_channels() as it",
    }
    .must_be_gone()
    .await;
}

#[tokio::test]
async fn attack_53_a_cursor_that_was_left_is_gone() {
    Leftover {
        database: "left_cursor",
        leaves: "execute 'declare trace cursor with hold for select 1'",
        trace: "min(name) from pg_cursors where is_holdable",
    }
    .must_be_gone()
    .await;
}

/// Statements that were prepared by name stay, as the driver's own do; they give nobody a right.
#[tokio::test]
async fn attack_53_a_statement_that_was_left_has_the_rights_of_whoever_runs_it() {
    let schema = "create table public.secret (a text); insert into public.secret values ('x');
         grant select on public.secret to service_role;
         create function public.leave() returns text language plpgsql as $$ begin
           execute 'prepare trace as select a from public.secret'; return 'left'; end $$;
         create function public.use() returns text language plpgsql as $$ declare found text; begin
           execute 'execute trace' into found; return found; end $$";
    let bench = native::bench("left_statement", schema).await;
    let run = |body: &'static str, role: &'static str| {
        let (bench, user) = (&bench, user());
        async move {
            bench
                .as_caller(&user, Route::Fast, Mode::ReadWrite, body, &[], Some(role))
                .await
        }
    };
    assert_eq!(
        body(run("public.leave()", "service_role").await).as_deref(),
        Some("left")
    );
    assert_eq!(
        body(run("public.use()", "service_role").await).as_deref(),
        Some("x")
    );

    let used = run("public.use()", "authenticated").await;

    assert_eq!(code(used), "42501");
}

#[tokio::test]
async fn attack_53_a_session_that_cannot_be_cleaned_is_not_used_again() {
    let schema = "create function public.leave() returns text language plpgsql as $$ begin
           perform set_config('app.trace', 'left', false);
           execute 'deallocate postern_unlock'; return 'left'; end $$;
         create table public.t (a int)";
    let bench = native::bench("left_unclean", schema).await;
    let insert = "with w as (insert into public.t values (1) returning public.leave() as a) \
                  select a, 1::int8, null::int8, 1::int8 from w";
    bench
        .owner("grant insert, select on public.t to authenticated")
        .await;
    let run = |mode, body: &'static str| {
        let (bench, user) = (&bench, user());
        async move {
            bench
                .as_caller(&user, Route::Fast, mode, body, &[], Some("authenticated"))
                .await
        }
    };

    let left = run(Mode::ReadWrite, insert).await;
    let found = run(
        Mode::ReadOnly,
        "concat_ws('|', (select count(*) from public.t), \
         nullif(current_setting('app.trace', true), ''))",
    )
    .await;

    // What was committed is told as done.
    assert_eq!(body(left).as_deref(), Some("left"));
    assert_eq!(body(found).as_deref(), Some("1"));
}
