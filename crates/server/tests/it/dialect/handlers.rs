//! Aggregates that make a media type of rows: listed as functions are, and given what the caller
//! may see of the rows.

use postern_testkit::{Reply, TestApp, TestAppBuilder};
use serde_json::json;

use super::{ANNA, BORIS, callable, described, served};

const AGGREGATES: &str = r#"
create domain public."text/x-lines" as text;
create domain public."application/x-seats" as bytea;
create domain public."application/x-hidden" as text;
create function public.add_line(so_far public."text/x-lines", line anyelement)
  returns public."text/x-lines" language sql immutable
  as $$ select (so_far || to_jsonb(line)::text || ';')::public."text/x-lines" $$;
create aggregate public.lines_of(anyelement)
  (sfunc = public.add_line, stype = public."text/x-lines", initcond = '');
create function public.add_seat(so_far public."application/x-seats", seat public.seats)
  returns public."application/x-seats" language sql immutable
  as $$ select (so_far || convert_to(seat.place || ',', 'utf8'))::public."application/x-seats" $$;
create aggregate public.seats_of(public.seats)
  (sfunc = public.add_seat, stype = public."application/x-seats", initcond = '');
create function public.add_hidden(so_far public."application/x-hidden", line anyelement)
  returns public."application/x-hidden" language sql immutable
  as $$ select so_far $$;
create aggregate public.hidden_of(anyelement)
  (sfunc = public.add_hidden, stype = public."application/x-hidden", initcond = '');
create function public.some_seats() returns setof public.seats language sql stable
  as $$ select * from public.seats order by id $$;
create function public.pairs() returns table (a int, b text) language sql stable
  as $$ values (1, 'x'), (2, 'y') $$;
"#;

fn builder() -> TestAppBuilder {
    let policies = callable(&[
        "public.lines_of(anyelement)",
        "public.seats_of(seats)",
        "public.pairs()",
    ]);
    let seats = "[function.\"public.some_seats()\"]\nroles = [\"authenticated\"]\n\
                 mode = \"trusted\"\nreturns = \"public.seats\"\n";
    served(AGGREGATES, &[policies.as_str(), seats].concat())
}

async fn accepting(app: &TestApp, sub: &str, path: &str, accept: &str) -> Reply {
    let request = app.user(sub).get(&format!("/rest/v1/{path}"));
    request.header("accept", accept).send().await
}

#[tokio::test]
async fn any_rows_are_made_into_what_an_aggregate_is_named_for() {
    let app = builder().start().await;
    let lines = "text/x-lines";

    let hers = accepting(&app, ANNA, "seats?select=id,place&order=id.desc", lines).await;
    let his = accepting(&app, BORIS, "seats?select=n:id", lines).await;
    let none = accepting(&app, ANNA, "seats?id=eq.3", lines).await;
    let window = accepting(
        &app,
        ANNA,
        "seats?select=id&order=id&limit=1&offset=1",
        lines,
    )
    .await;
    let pairs = accepting(&app, ANNA, "rpc/pairs", lines).await;
    let seats = accepting(&app, BORIS, "rpc/some_seats?select=id", lines).await;

    assert_eq!(hers.header("content-type"), Some("text/x-lines"));
    assert_eq!(
        hers.expect_status(200).text,
        r#"{"id": 2, "place": 2};{"id": 1, "place": 1};"#
    );
    assert_eq!(his.expect_status(200).text, r#"{"n": 3};"#);
    assert_eq!(none.expect_status(200).text, "");
    assert_eq!(window.text, r#"{"id": 2};"#);
    assert_eq!(pairs.text, r#"{"a": 1, "b": "x"};{"a": 2, "b": "y"};"#);
    assert_eq!(
        seats.text, r#"{"id": 3};"#,
        "rows of functions pass the policy"
    );
}

#[tokio::test]
async fn rows_of_one_table_may_have_an_aggregate_of_their_own() {
    let app = builder().start().await;
    let kind = "application/x-seats";

    let seats = accepting(&app, ANNA, "seats?order=id.desc", kind).await;
    let narrow = accepting(&app, ANNA, "seats?select=id", kind).await;
    let others = accepting(&app, ANNA, "keyless", kind).await;
    let written = app
        .user(ANNA)
        .patch("/rest/v1/seats?id=eq.1", &json!({"note": "x"}));
    let written = written
        .prefer("return=representation")
        .header("accept", kind);
    let written = written.send().await;

    assert_eq!(seats.header("content-type"), Some(kind));
    assert_eq!(seats.expect_status(200).text, "2,1,");
    // It takes whole rows, and no column is made up.
    assert_eq!(narrow.expect_status(400).json()["code"], "42846");
    assert_eq!(others.expect_status(406).json()["code"], "PGRST107");
    assert_eq!(written.expect_status(200).text, "1,");
}

#[tokio::test]
async fn an_aggregate_that_no_policy_lists_is_not_there() {
    let app = builder().start().await;
    let closed = served(AGGREGATES, "").start().await;

    for path in ["seats", "rpc/pairs"] {
        let hidden = accepting(&app, ANNA, path, "application/x-hidden").await;
        let missing = accepting(&app, ANNA, path, "application/x-nothere").await;
        assert_eq!(hidden.status.as_u16(), 406);
        assert_eq!(hidden.text.replace("x-hidden", "x-nothere"), missing.text);
    }
    // A table that is hidden offers no more than one that is not there.
    let hidden = app.anon().get("/rest/v1/seats");
    let hidden = hidden.header("accept", "application/x-seats").send().await;
    let missing = app.anon().get("/rest/v1/seatz");
    let missing = missing.header("accept", "application/x-seats").send().await;
    assert_eq!(
        (hidden.status, &hidden.text),
        (missing.status, &missing.text)
    );
    let unlisted = accepting(&closed, ANNA, "seats", "text/x-lines").await;
    unlisted.expect_status(406);
    // Nobody calls it by its name.
    let called = app.user(ANNA).get("/rest/v1/rpc/lines_of").send().await;
    called.expect_status(404);
    let json = accepting(&app, ANNA, "seats?select=id&limit=1&order=id", "*/*").await;
    assert_eq!(json.json(), json!([{"id": 1}]));
}

#[tokio::test]
async fn an_entry_that_cannot_hold_is_refused() {
    for (more, expected) in [
        ("", "needs `mode = \"trusted\"`"),
        (
            "mode = \"trusted\"\nwhere = \"true\"",
            "cannot have a `where`",
        ),
    ] {
        let policy =
            format!("[function.\"public.lines_of(anyelement)\"]\nroles = [\"anon\"]\n{more}\n");
        let started = served(AGGREGATES, &policy).try_start().await;
        let said = started.err().map(|it| format!("{it:#}"));
        assert!(
            said.as_ref().is_some_and(|it| it.contains(expected)),
            "{said:?}"
        );
    }
}

#[tokio::test]
async fn where_the_database_decides_its_own_rights_count() {
    let sql = "create table public.seats (id int primary key, place int not null);
               insert into public.seats values (1, 7), (2, 8);
               grant select on public.seats to authenticated;";
    let rights = "revoke execute on function public.seats_of(public.seats) from public;";
    let app = described(&[sql, AGGREGATES, rights].concat(), &[])
        .setting("api.enforce", "native")
        .start()
        .await;

    let lines = accepting(&app, ANNA, "seats?order=id", "text/x-lines").await;
    let refused = accepting(&app, ANNA, "seats?order=id", "application/x-seats").await;

    assert_eq!(
        lines.expect_status(200).text,
        r#"{"id": 1, "place": 7};{"id": 2, "place": 8};"#
    );
    assert_eq!(refused.expect_status(403).json()["code"], "42501");
}
