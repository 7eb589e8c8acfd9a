//! Typed SQL against a real server: what it gives, what it keeps, and what it cannot get out of.

#![allow(
    clippy::disallowed_methods,
    reason = "this is what is tested, on databases of its own"
)]

use postern_base::Secret;
use postern_db::console::{
    SqlAnswer, SqlDesk, SqlError, SqlMode, SqlReport, SqlRest, SqlStop, SqlWish, TypedSql,
};
use postern_db::managed::Login;
use postern_db::{Db, DbConfig};

use super::server::Database;

const NOTES: &str = "create table notes (id int primary key, body text); \
    insert into notes select n, 'note ' || n from generate_series(1, 250) n";

struct Bench {
    database: Database,
    desk: SqlDesk,
}

impl Bench {
    async fn new() -> Self {
        let database = Database::with(NOTES).await;
        let desk = desk(&database, None).await;
        Self { database, desk }
    }

    async fn run(&self, mode: SqlMode, sql: &str) -> SqlReport {
        let report = self.desk.run(&wish(mode, sql), &SqlStop::default()).await;
        report.expect("it begins")
    }

    async fn read(&self, sql: &str) -> SqlReport {
        self.run(SqlMode::ReadOnly, sql).await
    }

    /// How many notes there are, asked on a connection of its own.
    async fn notes(&self) -> String {
        let report = self.read("select count(*) from notes").await;
        first(&report)
    }
}

async fn desk(database: &Database, url: Option<Secret<String>>) -> SqlDesk {
    let config = DbConfig::new(database.url(Login::Gateway).await);
    let db = Db::connect(&config).await.expect("connects");
    SqlDesk::new(&db, url.as_ref()).expect("a good address")
}

fn wish(mode: SqlMode, sql: &str) -> SqlWish {
    SqlWish {
        sql: TypedSql::by_an_admin(sql.to_owned()),
        mode,
        answer: SqlAnswer::Rows,
        rows_max: 100,
    }
}

#[track_caller]
fn first(report: &SqlReport) -> String {
    assert_eq!(report.failure, None);
    let row = report.ran.last().and_then(|it| it.rows.first());
    let value = row.and_then(|it| it.first().cloned());
    value.flatten().expect("a value")
}

#[track_caller]
fn refused(report: &SqlReport) -> (&str, usize, usize) {
    let failure = report.failure.as_ref().expect("a failure");
    (&failure.code, failure.line, failure.column)
}

#[tokio::test]
async fn each_statement_has_its_rows_as_postgres_writes_them() {
    let bench = Bench::new().await;

    let report = bench
        .read(
            "select 1 as one, null::text, '{a,b}'::text[], 'x'::name; -- two\n\
             values (true); show jit",
        )
        .await;

    assert_eq!(report.failure, None);
    let [one, two, three] = report.ran.as_slice() else {
        panic!("three statements, not {:?}", report.ran);
    };
    let columns: Vec<_> = one
        .columns
        .iter()
        .map(|it| (it.name.as_str(), it.ty.as_str()))
        .collect();
    assert_eq!(
        columns,
        [
            ("one", "int4"),
            ("text", "text"),
            ("text", "text[]"),
            ("name", "name")
        ]
    );
    let row = ["1", "", "{a,b}", "x"].map(|it| (!it.is_empty()).then(|| it.to_owned()));
    assert_eq!(one.rows, [row]);
    assert_eq!((two.line, two.rows[0][0].as_deref()), (2, Some("t")));
    assert_eq!(three.rows[0][0].as_deref(), Some("off"));
}

#[tokio::test]
async fn the_limit_of_rows_is_told() {
    let bench = Bench::new().await;

    let report = bench
        .read(
            "select * from notes; select * from notes limit 100; explain select 1; \
             table notes limit 3",
        )
        .await;

    let rests: Vec<_> = report
        .ran
        .iter()
        .map(|it| (it.rows.len(), it.rest))
        .collect();
    assert_eq!(
        rests,
        [
            (100, SqlRest::More),
            (100, SqlRest::Nothing),
            (1, SqlRest::Nothing),
            (3, SqlRest::Nothing),
        ]
    );
    let wide = bench.read("select repeat('x', 1500000) from notes").await;
    assert_eq!(wide.ran[0].rest, SqlRest::TooLarge);
    assert!(wide.ran[0].rows.len() < 4, "{}", wide.ran[0].rows.len());
    let often = bench
        .read("select repeat('x', 3000000); select repeat('x', 3000000)")
        .await;
    let rests: Vec<_> = often.ran.iter().map(|it| it.rest).collect();
    assert_eq!(rests, [SqlRest::Nothing, SqlRest::TooLarge]);
}

#[tokio::test]
async fn a_mistake_is_found_at_its_line_and_column() {
    let bench = Bench::new().await;

    let report = bench
        .read("-- über\nselect 1;\n\nselect id,\n  bodi from notes;\nselect 3")
        .await;

    assert_eq!(report.ran.len(), 1);
    assert_eq!(refused(&report), ("42703", 5, 3));
    let failure = report.failure.expect("a failure");
    assert_eq!(failure.excerpt, "  bodi from notes;");
    assert!(failure.hint.is_some_and(|it| it.contains("body")));
    let late = bench.read("select 1 / (id - 3) from notes").await;
    assert_eq!(refused(&late).0, "22012");
}

#[tokio::test]
async fn a_run_that_reads_changes_nothing() {
    let bench = Bench::new().await;

    for sql in [
        "delete from notes",
        "with gone as (delete from notes returning 1) select count(*) from gone",
        "set transaction read write; delete from notes",
        "select set_config('transaction_read_only', 'off', false); delete from notes",
        "set default_transaction_read_only = off; delete from notes",
        "do $$ begin delete from notes; end $$",
        "create function gone() returns int language sql as 'delete from notes returning 1'",
        "do $$ begin commit; delete from notes; end $$",
        "commit; delete from notes",
        "/* a */ COMMIT; delete from notes",
        "select 1 \\; commit \\; delete from notes",
        "explain analyze delete from notes",
    ] {
        let report = bench.read(sql).await;
        assert!(report.failure.is_some(), "{sql}: {report:?}");
        assert_eq!(bench.notes().await, "250", "{sql}");
    }
}

#[tokio::test]
async fn a_run_that_writes_is_kept_whole_or_not_at_all() {
    let bench = Bench::new().await;

    let kept = bench
        .run(
            SqlMode::Write,
            "delete from notes where id = 1; delete from notes where id = 2 returning id",
        )
        .await;
    assert_eq!(kept.failure, None);
    assert_eq!((kept.ran[0].touched, kept.ran[1].rows.len()), (1, 1));
    assert_eq!(bench.notes().await, "248");

    let half = bench
        .run(SqlMode::Write, "delete from notes where id = 3; selec")
        .await;
    assert_eq!(refused(&half).0, "42601");
    let early = bench.run(SqlMode::Write, "delete from notes; commit").await;
    assert_eq!(refused(&early).0, "");
    assert_eq!(bench.notes().await, "248");
}

#[tokio::test]
async fn what_opens_accounts_stays_hidden() {
    let bench = Bench::new().await;

    for table in [
        "auth.users",
        "auth.sessions",
        "auth.mfa_factors",
        "postern.admins",
        "postern.admin_sessions",
        "postern.signing_keys",
        "postern.codes",
        "postern.outbox",
        "pg_catalog.pg_authid",
    ] {
        for role in [
            "",
            "set role service_role; ",
            "reset role; ",
            "set role anon; ",
        ] {
            let report = bench.read(&format!("{role}select * from {table}")).await;
            assert_eq!(refused(&report).0, "42501", "{role}{table}");
        }
    }
    for sql in [
        "set role postern_auth",
        "set session authorization postern_auth",
        "select pg_read_file('PG_VERSION')",
        "select query_to_xml('select * from postern.admins', true, true, '')",
    ] {
        assert_eq!(refused(&bench.read(sql).await).0, "42501", "{sql}");
    }
}

#[tokio::test]
async fn a_login_that_reaches_too_far_runs_nothing() {
    let bench = Bench::new().await;
    let database = &bench.database;

    for (login, what) in [(Login::Owner, "superuser"), (Login::Auth, "auth.")] {
        let desk = desk(database, Some(database.url(login).await)).await;
        let outcome = desk
            .run(&wish(SqlMode::ReadOnly, "select 1"), &SqlStop::default())
            .await;
        match outcome {
            Err(SqlError::TooFar { what: found, .. }) => assert!(found.contains(what), "{found}"),
            other => panic!("{login:?} ran: {other:?}"),
        }
    }
}

#[tokio::test]
async fn plans_come_without_a_write_and_are_measured_in_reads_alone() {
    let bench = Bench::new().await;
    let plan = |answer, mode| SqlWish {
        answer,
        ..wish(mode, "delete from notes")
    };
    let stop = SqlStop::default();

    let report = bench
        .desk
        .run(&plan(SqlAnswer::Plan, SqlMode::ReadOnly), &stop)
        .await;
    assert!(first(&report.expect("it begins")).contains("\"Plan\""));
    let measured = plan(SqlAnswer::MeasuredPlan, SqlMode::ReadOnly);
    let report = bench.desk.run(&measured, &stop).await.expect("it begins");
    assert_eq!(refused(&report).0, "25006");
    let measured = plan(SqlAnswer::MeasuredPlan, SqlMode::Write);
    let report = bench.desk.run(&measured, &stop).await.expect("it begins");
    assert!(!first(&report).contains("Actual"), "only planned");
    assert_eq!(bench.notes().await, "250");
}

#[tokio::test]
async fn a_run_can_be_stopped() {
    let bench = Bench::new().await;
    let stop = std::sync::Arc::new(SqlStop::default());
    let running = {
        let (desk, stop) = (bench.desk.clone(), std::sync::Arc::clone(&stop));
        tokio::spawn(async move {
            let wish = wish(SqlMode::ReadOnly, "select pg_sleep(25)");
            desk.run(&wish, &stop).await
        })
    };

    // Asked again until the statement has begun and hears it.
    while !running.is_finished() {
        stop.stop().await;
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }

    let report = running.await.expect("no panic").expect("it begins");
    assert_eq!(refused(&report).0, "57014");
}
