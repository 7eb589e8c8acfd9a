//! Policy files that are wrong, missing or older than the tables: what they do not open is closed.

use std::time::{Duration, Instant};

use postern_testkit::{TestApp, TestAppBuilder, TestClient};
use serde_json::{Value, json};

use super::super::leaks::world::{ALICE, BOB};

/// How long a change of files or tables may take to be served.
const SERVED_WITHIN: Duration = Duration::from_secs(60);

const SQL: &str = "
create table public.pages (
  id int primary key, owner_id uuid, team text, flagged boolean not null default false,
  title text, salary int
);
insert into public.pages values
  (1, 'a11ce000-0000-4000-8000-000000000001', 'red', false, 'hers', 10),
  (2, 'b0b00000-0000-4000-8000-000000000002', 'red', false, 'of her team', 20),
  (3, 'b0b00000-0000-4000-8000-000000000002', 'blue', true, 'flagged', 30),
  (4, 'b0b00000-0000-4000-8000-000000000002', 'blue', false, 'BOBS', 40);
";

/// Two branches of roles above one: what one branch shows of columns, the other does of rows.
const ROLES: &str = "
[roles.auditor]
inherits = 'authenticated'
when = \"auth.jwt() #>> '{app_metadata,auditor}' = 'yes'\"
[roles.manager]
inherits = 'authenticated'
when = \"auth.jwt() #>> '{app_metadata,manager}' = 'yes'\"
[roles.chief]
inherits = 'manager'
when = \"auth.jwt() #>> '{app_metadata,chief}' = 'yes'\"
";

const PAGES: &str = "
table = 'public.pages'
[columns.authenticated]
select = ['id', 'title']
[columns.auditor]
select = ['salary']
[[allow]]
name = 'own'
roles = ['authenticated']
for = ['select']
where = 'owner_id = auth.uid()'
[[allow]]
name = 'flagged'
roles = ['auditor']
for = ['select']
where = 'flagged'
[[allow]]
name = 'of the team'
roles = ['manager']
for = ['select']
where = \"team = auth.jwt() #>> '{app_metadata,team}'\"
[[deny]]
name = 'not of strangers'
for = ['select']
when = \"title = 'BOBS' AND owner_id <> auth.uid()\"
";

const OWN: &str = "
table = 'public.pages'
[columns.authenticated]
select = ['id', 'title']
[[allow]]
name = 'own'
roles = ['authenticated']
for = ['select']
where = 'owner_id = auth.uid()'
";

fn builder() -> TestAppBuilder {
    TestApp::builder().migrations(SQL)
}

async fn read(client: &TestClient, select: &str) -> (u16, Value) {
    let path = format!("/rest/v1/pages?select={select}&order=id");
    let reply = client.get(&path).send().await;
    (reply.status.as_u16(), reply.json())
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "each call makes the value for it"
)]
fn with_metadata(app: &TestApp, metadata: Value) -> TestClient {
    app.caller(json!({ "sub": ALICE, "app_metadata": metadata }))
}

#[tokio::test]
async fn attack_52_roles_do_not_lend_each_other_columns_or_rows() {
    let builder = builder().policy("_shared.toml", ROLES);
    let app = builder.policy("public.pages.toml", PAGES).start().await;
    let ids = |ids: &[i64]| {
        let rows: Vec<_> = ids.iter().map(|id| json!({ "id": id })).collect();
        (200, json!(rows))
    };

    let plain = with_metadata(&app, json!({}));
    assert_eq!(read(&plain, "id").await, ids(&[1]));
    assert_eq!(read(&plain, "salary").await.0, 400);

    let auditor = with_metadata(&app, json!({ "auditor": "yes" }));
    let salaries = json!([{ "id": 1, "salary": 10 }, { "id": 3, "salary": 30 }]);
    assert_eq!(read(&auditor, "id,salary").await, (200, salaries.clone()));

    // Heirs of heirs keep the rules of rows, the refusals and the columns of all that they inherit.
    for role in ["manager", "chief"] {
        let client = with_metadata(&app, json!({ role: "yes", "team": "red" }));
        assert_eq!(read(&client, "id").await, ids(&[1, 2]), "{role}");
        assert_eq!(read(&client, "salary").await.0, 400, "{role}");
        let blue = with_metadata(&app, json!({ role: "yes", "team": "blue" }));
        assert_eq!(read(&blue, "id").await, ids(&[1, 3]), "{role}");
    }

    // Whoever is not signed in stays so, whatever else the token says.
    let chief = json!({ "chief": "yes", "manager": "yes", "auditor": "yes", "team": "red" });
    let anonymous = app.caller(json!({ "role": "anon", "app_metadata": chief }));
    let (status, _) = read(&anonymous, "id").await;
    assert!(matches!(status, 401 | 403 | 404), "{status}");

    // Who meets several conditions has one role and no union of them.
    let all = json!({ "auditor": "yes", "manager": "yes", "chief": "yes", "team": "red" });
    assert_eq!(
        read(&with_metadata(&app, all), "id,salary").await,
        (200, salaries)
    );
    for roles in [
        json!(["auditor", "manager"]),
        json!("auditor,manager"),
        json!({ "a": "auditor" }),
    ] {
        let client = app.caller(json!({ "sub": ALICE, "role": roles }));
        let (status, _) = read(&client, "id").await;
        assert!(matches!(status, 401 | 403 | 404), "{roles}: {status}");
    }
}

#[tokio::test]
async fn attack_57_a_file_with_an_error_serves_nothing() {
    let wide = OWN.replace("owner_id = auth.uid()", "true");
    for (name, text) in [
        ("public.pages.toml", wide.replace("[[allow]]", "[[alow]]")),
        (
            "public.pages.toml",
            format!("{wide}\nwhat = 'nobody knows'\n"),
        ),
        (
            "public.pages.toml",
            wide.replace("'select'", "'everything'"),
        ),
        (
            "public.pages.toml",
            wide.replace("where = 'true'", "where = 'true AND'"),
        ),
        (
            "public.pages.toml",
            wide.replace("where = 'true'", "where = 'no_such_column'"),
        ),
        (
            "public.pages.toml",
            wide.replace("where = 'true'", "where = 'title'"),
        ),
        ("public.pages.toml", wide.replace("where = 'true'\n", "")),
        (
            "public.pages.toml",
            wide.replace("'public.pages'", "'public.nothing'"),
        ),
        ("public.pages.toml", wide.replace("'title'", "'titel'")),
        ("public.pages.toml", wide.chars().take(90).collect()),
        ("_shared.toml", "[predicates]\nx = 'true'".into()),
        (
            "functions.toml",
            "[function.\"public.nothing()\"]\nroles = ['anon']".into(),
        ),
    ] {
        let mut builder = builder().policy(name, &text);
        if name != "public.pages.toml" {
            builder = builder.policy("public.pages.toml", &wide);
        }
        let started = builder.try_start().await;
        let Err(error) = started else {
            panic!("served: {name}\n{text}");
        };
        assert!(
            format!("{error:#}").contains("nothing is served"),
            "{error:#}"
        );
    }
}

/// Asks until the answer is the expected one.
async fn until(client: &TestClient, select: &str, expected: (u16, Value)) {
    let deadline = Instant::now() + SERVED_WITHIN;
    loop {
        let (status, answer) = read(client, select).await;
        let code = answer.get("code").cloned();
        if (status, code.unwrap_or(answer.clone())) == expected {
            return;
        }
        assert!(Instant::now() < deadline, "{status} {answer}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn attack_57_a_bad_change_of_files_opens_nothing() {
    let app = builder().policy("public.pages.toml", OWN).start().await;
    let alice = app.user(ALICE);
    let own = (200, json!([{ "id": 1 }]));
    assert_eq!(read(&alice, "id").await, own);

    // Wider, but with an error: the files before it stay in force, which only an answer to a
    // later change of files can prove.
    let wide = OWN.replace("owner_id = auth.uid()", "true");
    app.write_policy(
        "public.pages.toml",
        &format!("{wide}\nwhat = 'nobody knows'\n"),
    );
    app.write_policy(
        "public.other.toml",
        &OWN.replace("public.pages", "public.other"),
    );
    let sql = app.sql().await;
    sql.batch_execute("create table public.other (id int, owner_id uuid, title text)")
        .await
        .expect("a table");
    for _ in 0..100 {
        assert_eq!(read(&alice, "id").await, own);
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    app.write_policy(
        "public.pages.toml",
        &OWN.replace("['id', 'title']", "['id']"),
    );
    until(&alice, "title", (400, json!("42703"))).await;
    assert_eq!(read(&alice, "id").await, own);

    // No file at all: no table.
    app.remove_policy("public.pages.toml");
    until(&alice, "id", (404, json!("PGRST205"))).await;
}

#[tokio::test]
async fn attack_59_a_new_table_or_column_is_closed_until_a_file_names_it() {
    let app = builder().policy("public.pages.toml", OWN).start().await;
    let (alice, sql) = (app.user(ALICE), app.sql().await);
    sql.batch_execute(
        "create table public.fresh (id int primary key, title text);
         insert into public.fresh values (1, 'BOBS');
         grant all on public.fresh to public;
         alter table public.pages add column email text default 'BOBS mail';",
    )
    .await
    .expect("a table and a column");
    // The secret key sees the new column as soon as the new schema is served.
    until(
        &app.service(),
        "email&id=eq.1",
        (200, json!([{ "email": "BOBS mail" }])),
    )
    .await;

    for client in [app.anon(), app.user(ALICE), app.user(BOB)] {
        let hidden = client.get("/rest/v1/fresh").send().await;
        let missing = client.get("/rest/v1/frxxx").send().await;
        let renamed = hidden.text.replace("fresh", "frxxx");
        assert_eq!((hidden.status, renamed), (missing.status, missing.text));
        let root = client.get("/rest/v1/").send().await.expect_status(200);
        assert!(
            !root.text.contains("fresh") && !root.text.contains("email"),
            "{}",
            root.text
        );
    }
    assert_eq!(read(&alice, "email").await.0, 400);
    let all = read(&alice, "*").await;
    assert_eq!(all, (200, json!([{ "id": 1, "title": "hers" }])));

    app.write_policy(
        "public.fresh.toml",
        "table = 'public.fresh'\n[columns.authenticated]\nselect = ['id']\n[[allow]]\n\
         name = 'all'\nroles = ['authenticated']\nfor = ['select']\nwhere = 'true'\n",
    );
    let deadline = Instant::now() + SERVED_WITHIN;
    while alice.get("/rest/v1/fresh?select=id").send().await.status != 200 {
        assert!(Instant::now() < deadline, "the new file is not served");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
