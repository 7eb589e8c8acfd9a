//! Rows as a file.

use serde_json::Value;

use super::shop;
use crate::it::kit;

const HOSTILE: &str = "
    create table public.notes (id int primary key, body text, tags text[], amount numeric);
    insert into public.notes values
      (1, '=HYPERLINK(\"http://evil.example\")', '{}', -5), (2, '+1|cmd', null, 1.10),
      (3, '', '{\"=x\"}', 12345678901234567890), (4, E'a\"b\\nc', null, null);
    create table public.bare (word text);
    insert into public.bare select '@' || g from generate_series(1, 450) g;
    create table public.many (id int primary key, word text not null);
    insert into public.many select g, md5(g::text) from generate_series(1, 5000) g;
";

#[tokio::test]
async fn attack_80_an_export_holds_no_formula() {
    let app = kit::app().migrations(HOSTILE).start().await;
    let owner = kit::owner(&app).await;

    let reply = owner
        .get("/console/tables/public.notes/export?format=csv")
        .await;

    let reply = reply.expect_status(200);
    assert_eq!(
        reply.header("content-disposition"),
        Some("attachment; filename=\"notes.csv\"")
    );
    assert_eq!(
        reply.text,
        "id,body,tags,amount\r\n\
         1,\"'=HYPERLINK(\"\"http://evil.example\"\")\",{},-5\r\n\
         2,\"'+1|cmd\",,1.10\r\n\
         3,\"\",{=x},12345678901234567890\r\n\
         4,\"a\"\"b\nc\",,\r\n"
    );
    let bare = owner
        .get("/console/tables/public.bare/export")
        .await
        .expect_status(200)
        .text;
    assert_eq!(bare.matches("\"'@").count(), 450, "{bare}");
}

#[tokio::test]
async fn a_file_holds_all_rows_that_the_filters_let_through() {
    let app = kit::app().migrations(HOSTILE).start().await;
    let owner = kit::owner(&app).await;
    let path = "/console/tables/public.many/export?format=json";

    let all = owner.get(path).await.expect_status(200).text;
    let rows: Vec<Value> = serde_json::from_str(&all).expect("JSON");
    assert_eq!(rows.len(), 5000);
    assert!(
        rows.iter()
            .enumerate()
            .all(|(index, row)| row["id"] == index + 1)
    );
    let some = owner
        .get(&format!("{path}&where=id.gt.4990&col=id"))
        .await
        .text;
    let rows: Vec<Value> = serde_json::from_str(&some).expect("JSON");
    assert_eq!(rows.len(), 10);
    assert_eq!(rows[0], serde_json::json!({ "id": 4991 }));
    let none = owner.get(&format!("{path}&where=id.gt.9999")).await.text;
    assert_eq!(none.trim(), "[]");
    let exact = owner
        .get("/console/tables/public.notes/export?format=json")
        .await
        .text;
    assert!(exact.contains("12345678901234567890"), "{exact}");
    let csv = owner.get("/console/tables/public.many/export").await.text;
    assert_eq!(csv.lines().count(), 5001);
}

#[tokio::test]
async fn an_export_is_noted_and_a_refused_one_is_a_page() {
    let (app, owner) = shop().await;

    let page = owner
        .get("/console/tables/public.orders/export?where=id.eq.x")
        .await;
    assert_eq!(page.status, 400);
    assert!(page.text.contains("Invalid input syntax"), "{}", page.text);
    owner
        .get("/console/tables/public.unkeyed/export")
        .await
        .expect_status(200);
    owner
        .get("/console/tables/back_office.ledger/export")
        .await
        .expect_status(404);

    let sql = "select payload -> 'traits' ->> 'table' from auth.audit_log_entries \
        where payload ->> 'action' = 'rows_exported' order by created_at desc limit 1";
    let row = app.sql().await.query_one(sql, &[]).await.expect("an entry");
    assert_eq!(row.get::<_, String>(0), "public.unkeyed");
}
