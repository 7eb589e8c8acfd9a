//! What the guide says in prose: keys of the format that its longer examples do not use.

use postern_testkit::TestApp;
use serde_json::{Value, json};

use super::starter::{ANNA, BORIS, described};

const TABLES: &str = "
create table public.rooms (id bigint primary key, owner_id uuid, name text not null);
create table public.bookings (
  id       bigint generated always as identity primary key,
  room_id  bigint references public.rooms (id),
  user_id  uuid,
  note     text
);
create function public.is_even(number bigint) returns boolean
language sql immutable as $$ select number % 2 = 0 $$;
create function public.room_count() returns bigint
language sql stable set search_path = '' as $$ select count(*) from public.rooms $$;
";

const ROOMS: &str = r#"
table = "public.rooms"
[columns.authenticated]
select = ["id", "name"]
[[allow]]
name  = "own"
roles = ["authenticated"]
for   = ["select"]
where = "owner_id = auth.uid()"
"#;

/// A file for bookings with this rule for reading them.
fn bookings(rule: &str) -> String {
    format!(
        r#"
table = "public.bookings"
[columns.authenticated]
select = ["id", "room_id", "user_id", "note"]
insert = ["room_id", "user_id", "note"]
[preset.insert]
user_id = {{ value = "auth.uid()", on_conflict = "same" }}
[[allow]]
name  = "write"
roles = ["authenticated"]
for   = ["insert"]
check = "true"
[[allow]]
name  = "read"
roles = ["authenticated"]
for   = ["select"]
{rule}
"#
    )
}

async fn app(rule: &str, more: &[(&str, &str)]) -> TestApp {
    let rows = format!(
        "insert into public.rooms values (1, '{ANNA}', 'red'), (2, '{BORIS}', 'blue');
         insert into public.bookings (room_id, user_id, note) values
         (1, '{BORIS}', 'r'), (2, '{BORIS}', 'b'), (null, null, 'n');"
    );
    let bookings = bookings(rule);
    let mut policies = vec![
        ("public.rooms.toml", ROOMS),
        ("public.bookings.toml", &bookings),
    ];
    policies.extend(more);
    let policies: Vec<_> = policies
        .into_iter()
        .map(|(name, text)| (name.to_owned(), text.to_owned()))
        .collect();
    described(&[TABLES, &rows].concat(), &policies)
        .start()
        .await
}

/// The notes of the bookings that Anna sees.
async fn notes(app: &TestApp) -> Vec<String> {
    let request = app.user(ANNA).get("/rest/v1/bookings?select=note&order=id");
    let reply = request.send().await.expect_status(200).json();
    let notes = reply.as_array().into_iter().flatten();
    notes
        .filter_map(|row| Some(row["note"].as_str()?.to_owned()))
        .collect()
}

#[tokio::test]
async fn a_preset_accepts_an_equal_value_where_the_file_says_so() {
    let app = app("where = \"true\"", &[]).await;
    let anna = app.user(ANNA);
    let insert = |user: Value| {
        anna.post(
            "/rest/v1/bookings",
            &json!({"room_id": 1, "user_id": user, "note": "x"}),
        )
    };

    insert(json!(ANNA)).send().await.expect_status(201);
    let other = insert(json!(BORIS)).send().await.expect_status(403);
    let nobody = insert(Value::Null).send().await.expect_status(403);

    assert_eq!(other.json()["code"], "42501");
    assert_eq!(nobody.json()["code"], "42501");
}

#[tokio::test]
async fn subqueries_see_all_rows_unless_the_rule_has_the_callers_scope() {
    let rule = "where = \"room_id IN (SELECT r.id FROM public.rooms r)\"";

    let definer = app(rule, &[]).await;
    let caller = app(&format!("{rule}\nscope = \"caller\""), &[]).await;

    assert_eq!(notes(&definer).await, ["r", "b"]);
    assert_eq!(notes(&caller).await, ["r"]);
}

#[tokio::test]
async fn null_never_lets_a_row_through() {
    let inequality = app("where = \"room_id <> 1\"", &[]).await;
    let deny =
        "where = \"true\"\n[[deny]]\nname = \"d\"\nfor = [\"select\"]\nwhen = \"room_id = 1\"";
    let denied = app(deny, &[]).await;

    assert_eq!(notes(&inequality).await, ["b"]);
    assert_eq!(notes(&denied).await, ["b"]);
}

#[tokio::test]
async fn a_rule_may_call_an_opaque_function_when_it_says_so() {
    let opaque = app("where = \"public.is_even(room_id)\"\nnative = true", &[]).await;

    assert_eq!(notes(&opaque).await, ["b"]);
}

#[tokio::test]
async fn a_native_function_has_the_rights_of_the_database_role() {
    let functions = r#"
[function."public.room_count()"]
roles = ["authenticated"]
mode  = "native"
"#;
    let app = app("where = \"true\"", &[("functions.toml", functions)]).await;
    let call = || {
        app.user(ANNA)
            .post("/rest/v1/rpc/room_count", &json!({}))
            .send()
    };

    let before = call().await;
    let owner = app.sql().await;
    owner
        .batch_execute("grant select on public.rooms to authenticated")
        .await
        .expect("granted");
    let after = call().await.expect_status(200);

    assert_eq!(
        (before.status.as_u16(), &before.json()["code"]),
        (403, &json!("42501"))
    );
    assert_eq!(after.json(), json!(2));
}

#[tokio::test]
async fn a_subject_that_is_no_uuid_is_nobody() {
    let app = app("where = \"user_id = auth.uid()\"", &[]).await;
    let stranger = app.caller(json!({"sub": "user-17"}));

    let reply = stranger
        .get("/rest/v1/bookings")
        .send()
        .await
        .expect_status(200);

    assert_eq!(reply.json(), json!([]));
}

#[tokio::test]
async fn own_limits_of_a_role_win_over_inherited_ones() {
    let shared = r#"
[roles.auditor]
inherits = "authenticated"
when     = "auth.jwt() #>> '{app_metadata,role}' = 'auditor'"
"#;
    let rule = "where = \"true\"\n[limits.authenticated]\nrows = 1\n[limits.auditor]\nrows = 2";
    let app = app(rule, &[("_shared.toml", shared)]).await;
    let auditor = app.caller(json!({"sub": ANNA, "app_metadata": {"role": "auditor"}}));
    let path = "/rest/v1/bookings?select=note&order=id";

    let few = app
        .user(ANNA)
        .get(path)
        .send()
        .await
        .expect_status(200)
        .json();
    let more = auditor.get(path).send().await.expect_status(200).json();

    assert_eq!(few, json!([{"note": "r"}]));
    assert_eq!(more, json!([{"note": "r"}, {"note": "b"}]));
}
