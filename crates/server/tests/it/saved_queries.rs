//! Saved queries over HTTP: rows and columns as the caller sees them, attacks refused at load.

use postern_testkit::{TestApp, TestAppBuilder, TestClient};
use serde_json::{Value, json};

const ANNA: &str = "aaaaaaaa-0000-4000-8000-000000000001";
const BORIS: &str = "bbbbbbbb-0000-4000-8000-000000000002";

const TABLES: &str = "
    create table public.todos (
      id bigint primary key, user_id uuid not null, title text not null, secret text, rank int
    );
    insert into public.todos values
      (1, 'aaaaaaaa-0000-4000-8000-000000000001', 'apples', 'k1', 1),
      (2, 'bbbbbbbb-0000-4000-8000-000000000002', 'beans', 'k2', 0),
      (3, 'aaaaaaaa-0000-4000-8000-000000000001', 'corn', 'k3', 4);
    create function public.evil(text, int) returns boolean language sql immutable
      as $$ select true $$;
    create operator public.% (function = public.evil, leftarg = text, rightarg = int);";

const POLICY: &str = "
table = 'public.todos'
[columns.authenticated]
select = ['id', 'user_id', 'title', 'rank']
[[allow]]
name = 'own'
roles = ['authenticated']
for = ['select']
where = 'user_id = auth.uid()'
";

const BY_TITLE: &str = "
-- The caller's todos whose title begins with a text.
-- roles: authenticated
-- param start: text =
-- param most: int8 = 10
select t.id, upper(t.title) as title, 12 / t.rank as share
from todos t
where t.title like :start || '%'
order by t.id
limit :most
";

const COUNTED: &str = "
-- roles: authenticated
select count(*) as many, max(t.rank) as highest,
       (select count(*) from todos o where o.user_id <> auth.uid()) as of_others
from todos t
";

fn described(queries: &[(&'static str, &str)]) -> TestAppBuilder {
    let app = TestApp::builder()
        .migrations(TABLES)
        .policy("public.todos.toml", POLICY);
    queries
        .iter()
        .fold(app, |app, (name, text)| app.file(name, text))
}

async fn app() -> TestApp {
    described(&[
        ("queries/by-title.sql", BY_TITLE),
        ("queries/counted.sql", COUNTED),
    ])
    .generic_plans()
    .start()
    .await
}

async fn get(client: &TestClient, path: &str) -> Value {
    client.get(path).send().await.expect_status(200).json()
}

#[tokio::test]
async fn callers_get_their_own_rows_with_typed_parameters() {
    let app = app().await;
    let anna = app.user(ANNA);

    let all = get(&anna, "/rest/v1/query/by-title").await;
    assert_eq!(
        all,
        json!([{"id": 1, "title": "APPLES", "share": 12}, {"id": 3, "title": "CORN", "share": 3}])
    );
    assert_eq!(
        get(&anna, "/rest/v1/query/by-title?start=c&most=1").await,
        json!([{"id": 3, "title": "CORN", "share": 3}])
    );
    let posted = anna.post("/rest/v1/query/by-title", &json!({"most": 1}));
    let posted = posted.send().await.expect_status(200).json();
    assert_eq!(posted[0]["id"], json!(1));
    assert_eq!(
        get(&anna, "/rest/v1/query/counted").await,
        json!([{"many": 2, "highest": 4, "of_others": 0}]),
        "subqueries are behind the policy too"
    );
    // A condition of the query that would fail for Boris' row never meets it.
    assert_eq!(
        get(&anna, "/rest/v1/query/by-title?start=b").await,
        json!([])
    );
    assert_eq!(
        app.user(BORIS)
            .get("/rest/v1/query/by-title")
            .send()
            .await
            .status
            .as_u16(),
        400
    );
}

#[tokio::test]
async fn missing_and_forbidden_queries_give_the_same_answer() {
    let app = app().await;

    let forbidden = app.anon().get("/rest/v1/query/counted").send().await;
    let missing = app.anon().get("/rest/v1/query/nothing").send().await;

    assert_eq!(forbidden.status.as_u16(), 404);
    assert_eq!(forbidden.status, missing.status);
    assert_eq!(forbidden.json(), missing.json());
}

#[tokio::test]
async fn parameters_of_the_wrong_kind_are_refused() {
    let app = app().await;
    let anna = app.user(ANNA);
    for query in [
        "most=many",
        "most=1;drop table todos",
        "nothing=1",
        "most=1&most=2",
        "start=%00",
    ] {
        let reply = anna
            .get(&format!("/rest/v1/query/by-title?{query}"))
            .send()
            .await;
        assert_eq!(reply.status.as_u16(), 400, "{query}");
    }
    let quoted = get(&anna, "/rest/v1/query/by-title?start=' or true --").await;
    assert_eq!(quoted, json!([]));
    for body in [
        json!([]),
        json!({"most": {"a": 1}}),
        json!({"role": "service_role"}),
    ] {
        let reply = anna.post("/rest/v1/query/by-title", &body).send().await;
        assert_eq!(reply.status.as_u16(), 400, "{body}");
    }
}

#[tokio::test]
async fn queries_that_are_not_provably_safe_stop_the_start() {
    let secret = "-- roles: authenticated\nselect t.secret from todos t";
    let stranger = "-- roles: nobody\nselect t.id from todos t";
    let visitor = "-- roles: anon\nselect t.id from todos t";
    let operator = "-- roles: authenticated\nselect t.id from todos t where t.title % t.rank";
    let attack =
        "-- roles: authenticated\nselect ts_stat('select secret from todos') as x from todos";
    for (text, words) in [
        (secret, "may not read column `secret`"),
        (stranger, "unknown role `nobody`"),
        (visitor, "role `anon` may not read `public.todos`"),
        (
            operator,
            "the database reads more into the query than its text says",
        ),
        (attack, "function `ts_stat` is not on the list"),
    ] {
        let started = described(&[("queries/bad.sql", text)]).try_start().await;
        let Err(error) = started else {
            panic!("served: {text}");
        };
        let told = format!("{error:#}");
        assert!(told.contains(words), "{told}");
        assert!(told.contains("queries/bad.sql:"), "{told}");
    }
}

const NUMBERED: &str = "-- roles: authenticated
-- param size: int8 = 10
-- param page: int8 = 0
select t.*, row_number() over (order by t.id desc) as place,
       sum(t.rank) over (order by t.id rows between unbounded preceding and current row) as so_far
from todos t
order by t.id
limit :size offset :size * :page
";

const PAIRS: &str = "-- roles: authenticated
select id, later.title as next_title, other.title as same_title
from todos t
join (select o.id, o.title from todos o) other using (id)
left join lateral (
  select n.title from todos n where n.id > t.id order by n.id fetch first 1 rows only
) later on true
order by id
";

#[tokio::test]
async fn windows_stars_using_and_lateral_stay_behind_the_policy() {
    let app = described(&[
        ("queries/numbered.sql", NUMBERED),
        ("queries/pairs.sql", PAIRS),
    ]);
    let app = app.generic_plans().start().await;
    let anna = app.user(ANNA);

    // The row of Boris has no place, no rank in the sum, and the hidden column is not in `*`.
    assert_eq!(
        get(&anna, "/rest/v1/query/numbered").await,
        json!([
            {"id": 1, "user_id": ANNA, "title": "apples", "rank": 1, "place": 2, "so_far": 1},
            {"id": 3, "user_id": ANNA, "title": "corn", "rank": 4, "place": 1, "so_far": 5},
        ])
    );
    let second = get(&anna, "/rest/v1/query/numbered?size=1&page=1").await;
    assert_eq!(second[0]["id"], json!(3));
    assert_eq!(second.as_array().map(Vec::len), Some(1));
    assert_eq!(
        get(&anna, "/rest/v1/query/pairs").await,
        json!([
            {"id": 1, "next_title": "corn", "same_title": "apples"},
            {"id": 3, "next_title": null, "same_title": "corn"},
        ])
    );
}

#[tokio::test]
async fn findings_name_the_line_and_column_of_what_is_refused() {
    for (text, place) in [
        (
            "-- roles: authenticated\nselect t.id,\n  t.secret\nfrom todos t",
            "bad.sql:3:3",
        ),
        (
            "-- Mine.\n-- roles: nobody\nselect t.id from todos t",
            "bad.sql:2:1",
        ),
        ("-- roles: anon\nselect t.id\nfrom todos t", "bad.sql:3:6"),
        (
            "-- roles: authenticated\n\nselect sum(row_number() over ()) as x from todos t",
            "bad.sql:3:1",
        ),
    ] {
        let started = described(&[("queries/bad.sql", text)]).try_start().await;
        let Err(error) = started else {
            panic!("served: {text}");
        };
        let told = format!("{error:#}");
        assert!(told.contains(place), "{text}\n{told}");
    }
}
