//! What the dialect adds around a statement, where the database decides.

use serde_json::json;

use super::{ALICE, described, value, world};

const SWITCH: &str = "
create function public.switch_role() returns void language plpgsql as $$
declare headers json := current_setting('request.headers')::json;
begin
  if headers ->> 'x-blocked' is not null then
    raise sqlstate 'PT403' using message = 'blocked';
  end if;
  if headers ->> 'x-editor' is not null then
    perform set_config('role', 'native_editor', true);
  end if;
end $$;
";

#[tokio::test]
async fn a_put_stands_under_row_level_security() {
    let app = world().await;
    let alice = app.user(ALICE);
    let put = |id: i64| {
        let path = format!("/rest/v1/notes?id=eq.{id}&select=id,body");
        alice.put(&path, &json!({"id": id, "body": "put", "rank": 4}))
    };

    put(1).send().await.expect_status(204);
    put(7).send().await.expect_status(201);
    let others = put(3).send().await;

    assert_eq!(others.expect_status(403).json()["code"], "42501");
    assert_eq!(
        value(&app.service(), "/rest/v1/notes?select=id,body&order=id").await,
        json!([
            {"id": 1, "body": "put"}, {"id": 2, "body": "of alice too"},
            {"id": 3, "body": "of bob"}, {"id": 7, "body": "put"},
        ])
    );
}

#[tokio::test]
async fn transactions_end_and_tell_times_as_asked() {
    let builder = described().setting("api.tx_end", "rollback-allow-override");
    let app = builder.start().await;
    let alice = app.user(ALICE);
    let patch = |prefer: &'static str| {
        let body = json!({"body": "changed"});
        alice.patch("/rest/v1/notes?id=eq.1", &body).prefer(prefer)
    };
    let bodies = "/rest/v1/notes?select=body&id=eq.1";

    patch("return=minimal").send().await.expect_status(204);
    assert_eq!(value(&alice, bodies).await, json!([{"body": "of alice"}]));
    patch("tx=commit").send().await.expect_status(204);
    assert_eq!(value(&alice, bodies).await, json!([{"body": "changed"}]));
    let zone = alice.get("/rest/v1/rpc/setting?name=timezone");
    let zone = zone.prefer("timezone=Asia/Tokyo").send().await;
    assert_eq!(zone.expect_status(200).json(), "Asia/Tokyo");
}

#[tokio::test]
async fn what_is_called_before_may_switch_the_role_for_one_request() {
    let builder = described()
        .migrations(SWITCH)
        .setting("api.pre_request", "switch_role")
        .setting("database.session_connections", "1");
    let app = builder.start().await;
    assert_eq!(app.advice(), [""; 0]);
    let pages = "/rest/v1/pages?select=id&order=id";
    let alice = app.user(ALICE);
    let editor = app.user(ALICE).with_header("x-editor", "1");
    let blocked = app.user(ALICE).with_header("x-blocked", "1");

    for _ in 0..3 {
        assert_eq!(value(&editor, pages).await, json!([{"id": 1}, {"id": 2}]));
        assert_eq!(value(&alice, pages).await, json!([{"id": 1}]));
        let write = blocked.patch("/rest/v1/notes?id=eq.1", &json!({"body": "x"}));
        assert_eq!(
            write.send().await.expect_status(403).json()["message"],
            "blocked"
        );
    }
    assert_eq!(
        value(&alice, "/rest/v1/notes?select=body&id=eq.1").await,
        json!([{"body": "of alice"}])
    );
}

#[tokio::test]
async fn what_is_called_before_must_be_there_for_visitors() {
    let hidden = format!("{SWITCH} revoke all on function public.switch_role() from public;");
    let app = described()
        .migrations(&hidden)
        .setting("api.pre_request", "switch_role")
        .start()
        .await;

    let advice = app.advice().join("\n");

    assert!(
        advice.contains("may not be called by role `anon`"),
        "{advice}"
    );
}
