//! What functions return, what they may do, and what undoes it.

use postern_testkit::TestApp;
use serde_json::json;

use super::{ANNA, callable, rows, served};

const FUNCTIONS: &str = r"
create table public.tally (n int);
create function public.note_down(n int) returns setof int language sql volatile
  as $$ insert into public.tally select n from generate_series(1, n) returning n $$;
create function public.note_table(n int) returns table (a int) language sql volatile
  as $$ insert into public.tally select n from generate_series(1, n) returning n $$;
create function public.sneaky() returns int language sql stable
  as $$ select * from public.note_down(1) limit 1 $$;
create function public.shown() returns setof public.seats language sql stable
  as $$ select * from public.seats $$;
create function public.pair(a int, out b int, inout c text) language sql immutable
  as $$ select a + 1, c || '!' $$;
create function public.alone(out b int) language sql immutable as $$ select 7 $$;
create type public.point as (x int, y int);
create function public.origin() returns public.point language sql immutable
  as $$ select row(0, 0)::public.point $$;
create function public.path() returns setof public.point language sql immutable
  as $$ values (1, 2), (3, 4) $$;
create function public.numbers() returns int[] language sql immutable
  as $$ select array[1, 2] $$;
create function public.points() returns public.point[] language sql immutable
  as $$ select array[row(0, 0), row(1, 1)]::public.point[] $$;
create domain public.grade as int check (value between 1 and 6);
create function public.graded() returns public.grade language sql immutable
  as $$ select 3::public.grade $$;
create type public.mood as enum ('good', 'bad');
create function public.felt() returns public.mood language sql immutable
  as $$ select 'good'::public.mood $$;
create function public.nothing() returns text language sql immutable as $$ select null::text $$;
create function public.slow() returns text language plpgsql volatile
  set statement_timeout = '50ms'
  as $$ begin perform pg_sleep(20); return 'done'; end $$;
create function public.isolated() returns text language sql volatile
  set default_transaction_isolation = 'serializable'
  as $$ select current_setting('transaction_isolation') $$;
";

const SIGNATURES: [&str; 15] = [
    "public.note_down(int4)",
    "public.note_table(int4)",
    "public.sneaky()",
    "public.pair(int4,text)",
    "public.alone()",
    "public.origin()",
    "public.path()",
    "public.numbers()",
    "public.points()",
    "public.graded()",
    "public.felt()",
    "public.nothing()",
    "public.slow()",
    "public.isolated()",
    "public.unlisted_is_left_out()",
];

async fn app() -> TestApp {
    let policies = [
        callable(&SIGNATURES[..14]),
        "[function.\"public.shown()\"]\nroles = [\"authenticated\"]\nmode = \"trusted\"\n\
         returns = \"public.seats\"\n"
            .to_owned(),
    ];
    served(FUNCTIONS, &policies.concat()).start().await
}

#[tokio::test]
async fn results_come_as_what_they_are() {
    let app = app().await;
    let anna = app.user(ANNA);

    for (path, expected) in [
        ("pair?a=1&c=x", json!({"b": 2, "c": "x!"})),
        ("alone", json!({"b": 7})),
        ("origin", json!({"x": 0, "y": 0})),
        ("path", json!([{"x": 1, "y": 2}, {"x": 3, "y": 4}])),
        ("path?x=gt.1&select=y", json!([{"y": 4}])),
        ("path?order=x.desc&limit=1", json!([{"x": 3, "y": 4}])),
        ("numbers", json!([1, 2])),
        ("points", json!([{"x": 0, "y": 0}, {"x": 1, "y": 1}])),
        ("graded", json!(3)),
        ("felt", json!("good")),
        ("nothing", json!(null)),
    ] {
        let reply = anna.get(&format!("/rest/v1/rpc/{path}")).send().await;
        assert_eq!(reply.expect_status(200).json(), expected, "{path}");
    }
}

#[tokio::test]
async fn rows_of_a_table_are_filtered_ordered_counted_and_the_callers_own() {
    let app = app().await;
    let path = "/rest/v1/rpc/shown?select=id&order=id.desc&limit=1";

    let reply = app.user(ANNA).get(path).prefer("count=exact").send().await;
    let posted = app
        .user(ANNA)
        .post("/rest/v1/rpc/shown?id=gt.1&select=id", &json!({}));
    let posted = posted.send().await;

    assert_eq!(reply.json(), json!([{"id": 2}]));
    assert_eq!(
        (reply.status.as_u16(), reply.header("content-range")),
        (206, Some("0-0/2"))
    );
    assert_eq!(posted.json(), json!([{"id": 2}]), "not the one of Boris");
}

#[tokio::test]
async fn reads_cannot_write() {
    let app = app().await;
    let anna = app.user(ANNA);

    let get = anna.get("/rest/v1/rpc/note_down?n=1").send().await;
    let head = anna.head("/rest/v1/rpc/note_down?n=1").send().await;
    let stable = anna.post("/rest/v1/rpc/sneaky", &json!({})).send().await;
    let put = anna.put("/rest/v1/rpc/sneaky", &json!({})).send().await;

    for refused in [&get, &stable] {
        assert_eq!(refused.status, 405);
        assert_eq!(refused.json()["code"], "25006");
    }
    assert_eq!(head.status, 405);
    assert_eq!(
        put.expect_status(405).text,
        concat!(
            r#"{"code":"PGRST101","details":null,"hint":null,"#,
            r#""message":"Cannot use the PUT method on RPC"}"#
        )
    );
    assert_eq!(rows(&app, "tally", "true").await, 0);
}

#[tokio::test]
async fn a_result_that_is_not_wanted_undoes_the_call() {
    let app = app().await;
    let anna = app.user(ANNA);
    let single = "application/vnd.pgrst.object+json";
    let strict = "handling=strict, max-affected=2";

    for name in ["note_down", "note_table"] {
        let path = format!("/rest/v1/rpc/{name}");
        let two = anna.post(&path, &json!({"n": 2})).header("accept", single);
        assert_eq!(
            two.send().await.expect_status(406).json()["details"],
            "The result contains 2 rows"
        );
        let three = anna.post(&path, &json!({"n": 3})).prefer(strict);
        assert_eq!(
            three.send().await.expect_status(400).json()["code"],
            "PGRST124"
        );
        assert_eq!(rows(&app, "tally", "true").await, 0, "{name}");
        let fine = anna.post(&path, &json!({"n": 2})).prefer(strict);
        assert_eq!(
            fine.send()
                .await
                .expect_status(200)
                .header("preference-applied"),
            Some("handling=strict, max-affected=2")
        );
        app.sql()
            .await
            .batch_execute("truncate public.tally")
            .await
            .expect("empties the table");
    }
    let scalar = anna
        .post("/rest/v1/rpc/isolated", &json!({}))
        .prefer(strict);
    assert_eq!(
        scalar.send().await.expect_status(400).json()["code"],
        "PGRST128"
    );
}

#[tokio::test]
async fn a_functions_own_settings_hold_for_the_whole_call() {
    let app = app().await;
    let anna = app.user(ANNA);

    let slow = anna.post("/rest/v1/rpc/slow", &json!({})).send().await;
    let isolated = anna.post("/rest/v1/rpc/isolated", &json!({})).send().await;
    let after = anna.post("/rest/v1/rpc/isolated", &json!({})).send().await;

    assert_eq!(slow.expect_status(500).json()["code"], "57014");
    assert_eq!(isolated.expect_status(200).json(), "serializable");
    assert_eq!(after.expect_status(200).json(), "serializable");
}
