//! Rules that differ by verb: what may be read may not therefore be written, nor the other way.

use postern_testkit::{Reply, TestApp};
use serde_json::{Value, json};

use super::super::leaks::world::ALICE;

/// Row 1 is hers, row 2 can be read by all and is Bob's, row 3 can be written by all and read by
/// nobody.
const SQL: &str = "
create table public.sheets (
  id int primary key, owner_id uuid, seen boolean not null default true,
  open boolean not null default false, title text, stamp text not null default 'old'
);
insert into public.sheets (id, owner_id, seen, open, title) values
  (1, 'a11ce000-0000-4000-8000-000000000001', true, false, 'hers'),
  (2, 'b0b00000-0000-4000-8000-000000000002', true, false, 'BOBS'),
  (3, 'b0b00000-0000-4000-8000-000000000002', false, true, 'BOBS open');
";

const SHEETS: &str = "
table = 'public.sheets'
[columns.authenticated]
select = ['id', 'title', 'seen', 'stamp']
insert = ['id', 'title', 'seen', 'open']
update = ['title', 'seen']
[[allow]]
name = 'what is seen is read'
roles = ['authenticated']
for = ['select']
where = 'seen'
[[allow]]
name = 'own or open sheets are written'
roles = ['authenticated']
for = ['update', 'delete']
where = 'owner_id = auth.uid() OR open'
[[allow]]
name = 'anything is added'
roles = ['authenticated']
for = ['insert']
check = 'true'
";

async fn app() -> TestApp {
    let app = TestApp::builder().migrations(SQL);
    app.policy("public.sheets.toml", SHEETS).start().await
}

async fn rows(app: &TestApp) -> Value {
    let sql = "select json_agg(s order by id)::text from public.sheets s";
    let row = app.sql().await.query_one(sql, &[]).await.expect("rows");
    serde_json::from_str(row.get(0)).expect("JSON")
}

async fn patch(app: &TestApp, filter: &str, body: Value) -> Reply {
    let path = format!("/rest/v1/sheets?select=id&{filter}");
    let request = app.user(ALICE).patch(&path, &body);
    request.prefer("return=representation").send().await
}

#[tokio::test]
async fn attack_50_reading_is_not_writing_and_writing_is_not_reading() {
    let app = app().await;
    let alice = app.user(ALICE);
    let before = rows(&app).await;
    for filter in ["id=eq.2", "id=eq.3", "title=like.BOBS*"] {
        let updated = patch(&app, filter, json!({ "title": "x" })).await;
        assert_eq!(updated.expect_status(200).json(), json!([]), "{filter}");
        let path = format!("/rest/v1/sheets?{filter}");
        let delete = alice.delete(&path).prefer("return=representation");
        assert_eq!(
            delete.send().await.expect_status(200).json(),
            json!([]),
            "{filter}"
        );
    }
    // Out of sight by her own change, or never in it.
    let hidden = patch(&app, "id=eq.1", json!({ "seen": false })).await;
    assert_eq!(hidden.expect_status(403).json()["code"], "42501");
    let body = json!({ "id": 9, "title": "t", "seen": false });
    let insert = alice
        .post("/rest/v1/sheets", &body)
        .prefer("return=representation");
    assert_eq!(
        insert.send().await.expect_status(403).json()["code"],
        "42501"
    );
    for id in [2, 3] {
        let upsert = alice.post("/rest/v1/sheets", &json!({ "id": id, "title": "stolen" }));
        let upsert = upsert.prefer("resolution=merge-duplicates").send().await;
        assert_eq!(upsert.expect_status(403).json()["code"], "42501", "{id}");
    }
    assert_eq!(rows(&app).await, before);

    let own = patch(&app, "id=eq.1", json!({ "title": "new" })).await;
    assert_eq!(own.expect_status(200).json(), json!([{ "id": 1 }]));
    let minimal = alice.post("/rest/v1/sheets", &json!({ "id": 9, "seen": false }));
    minimal.send().await.expect_status(201);
}

#[tokio::test]
async fn attack_51_a_column_that_is_only_read_cannot_be_set() {
    let app = app().await;
    let before = rows(&app).await;
    for body in [
        json!({ "stamp": "new" }),
        json!({ "id": 7 }),
        json!({ "open": true }),
    ] {
        let reply = patch(&app, "id=eq.1", body).await;
        assert!(reply.status.is_client_error(), "{}", reply.text);
    }
    let insert = app
        .user(ALICE)
        .post("/rest/v1/sheets", &json!({ "id": 9, "stamp": "new" }));
    assert_eq!(
        insert.send().await.expect_status(403).json()["code"],
        "42501"
    );
    assert_eq!(rows(&app).await, before);
}
