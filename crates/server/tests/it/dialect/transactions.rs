//! How transactions end, time zones, and what undoes a write.

use serde_json::json;

use super::{ANNA, app, rows, served};

#[tokio::test]
async fn a_server_may_undo_everything_unless_asked_to_keep_it() {
    let builder = served("", "").setting("api.tx_end", "rollback-allow-override");
    let app = builder.start().await;
    let anna = app.user(ANNA);
    let insert = |id: i64, prefer: &'static str| {
        anna.post("/rest/v1/seats", &json!({"id": id, "place": id}))
            .prefer(prefer)
    };

    let undone = insert(20, "return=representation").send().await;
    let kept = insert(21, "tx=commit").send().await;
    let asked = insert(22, "tx=rollback").send().await;

    assert_eq!(undone.expect_status(201).json()[0]["id"], 20);
    assert_eq!(
        kept.expect_status(201).header("preference-applied"),
        Some("tx=commit")
    );
    assert_eq!(asked.header("preference-applied"), Some("tx=rollback"));
    assert_eq!(rows(&app, "seats", "id in (20, 22)").await, 0);
    assert_eq!(rows(&app, "seats", "id = 21").await, 1);
    let gone = anna.delete("/rest/v1/seats?id=eq.1").send().await;
    gone.expect_status(204);
    assert_eq!(rows(&app, "seats", "id = 1").await, 1);
}

#[tokio::test]
async fn what_a_commit_would_refuse_is_refused_without_one_too() {
    let builder = served("", "").setting("api.tx_end", "rollback");
    let app = builder.start().await;
    let twice = json!({"id": 30, "place": 1});

    let reply = app.user(ANNA).post("/rest/v1/seats", &twice).send().await;
    let again = app.user(ANNA).get("/rest/v1/seats?id=eq.30").send().await;

    assert_eq!(reply.expect_status(409).json()["code"], "23505");
    assert_eq!(again.expect_status(200).json(), json!([]));
}

#[tokio::test]
async fn a_preference_without_a_say_changes_nothing() {
    let app = app().await;
    let body = json!({"id": 40, "place": 40});

    let reply = app.user(ANNA).post("/rest/v1/seats", &body);
    let reply = reply.prefer("tx=rollback").send().await;

    assert_eq!(reply.expect_status(201).header("preference-applied"), None);
    assert_eq!(rows(&app, "seats", "id = 40").await, 1);
}

#[tokio::test]
async fn times_are_told_in_the_zone_that_was_asked_for() {
    let app = app().await;
    let get = |prefer: &'static str| {
        app.user(ANNA)
            .get("/rest/v1/seats?id=eq.1&select=at")
            .prefer(prefer)
    };

    let there = get("timezone=America/Los_Angeles").send().await;
    let east = get("timezone=3").send().await;
    let west = get("handling=strict, timezone=-5").send().await;
    let day = get("timezone=24").send().await;
    let lenient = get("timezone=Nowhere").send().await;
    let strict = get("handling=strict, timezone=Nowhere").send().await;
    let after = get("count=exact").send().await;

    assert_eq!(there.json(), json!([{"at": "2026-01-01T04:00:00-08:00"}]));
    assert_eq!(
        there.header("preference-applied"),
        Some("timezone=America/Los_Angeles")
    );
    assert_eq!(east.json(), json!([{"at": "2026-01-01T15:00:00+03:00"}]));
    assert_eq!(west.json(), json!([{"at": "2026-01-01T07:00:00-05:00"}]));
    assert_eq!(
        west.header("preference-applied"),
        Some("handling=strict, timezone=-5")
    );
    assert_eq!(day.json(), after.json());
    assert_eq!(lenient.json(), after.json());
    assert_eq!(lenient.header("preference-applied"), None);
    assert_eq!(
        strict.expect_status(400).text,
        concat!(
            r#"{"code":"PGRST122","details":"Invalid preferences: timezone=Nowhere","#,
            r#""hint":null,"message":"Invalid preferences given with handling=strict"}"#
        )
    );
}

#[tokio::test]
async fn one_row_or_none_is_written_whatever_comes_back() {
    let app = app().await;
    let anna = app.user(ANNA);
    let single = "application/vnd.pgrst.object+json";

    for prefer in ["return=minimal", "return=representation"] {
        let two = json!([{"id": 50, "place": 50}, {"id": 51, "place": 51}]);
        let posts = anna.post("/rest/v1/seats", &two);
        let patches = anna.patch("/rest/v1/seats", &json!({"note": "both"}));
        let deletes = anna.delete("/rest/v1/seats");
        for request in [posts, patches, deletes] {
            let reply = request.header("accept", single).prefer(prefer).send().await;
            assert_eq!(
                reply.expect_status(406).text,
                concat!(
                    r#"{"code":"PGRST116","details":"The result contains 2 rows","hint":null,"#,
                    r#""message":"Cannot coerce the result to a single JSON object"}"#
                )
            );
        }
        let nothing = anna.patch("/rest/v1/seats", &json!({}));
        let nothing = nothing.header("accept", single).prefer(prefer).send().await;
        nothing.expect_status(406);
    }
    assert_eq!(rows(&app, "seats", "id >= 50 or note is not null").await, 0);
    assert_eq!(rows(&app, "seats", "true").await, 3);
    let one = anna.patch("/rest/v1/seats?id=eq.1", &json!({"note": "one"}));
    one.header("accept", single).send().await.expect_status(204);
}

#[tokio::test]
async fn a_limit_on_changes_holds_for_changes_only() {
    let app = app().await;
    let anna = app.user(ANNA);
    let strict = "handling=strict, max-affected=1";

    let patched = anna.patch("/rest/v1/seats", &json!({"note": "x"}));
    let patched = patched.prefer(strict).send().await;
    let two = json!([{"id": 60, "place": 60}, {"id": 61, "place": 61}]);
    let posted = anna.post("/rest/v1/seats", &two).prefer(strict);
    let posted = posted.send().await;
    let deleted = anna.delete("/rest/v1/seats?id=eq.60").prefer(strict);
    let deleted = deleted.send().await;

    assert_eq!(patched.expect_status(400).json()["code"], "PGRST124");
    assert_eq!(
        posted.expect_status(201).header("preference-applied"),
        Some("handling=strict")
    );
    assert_eq!(
        deleted.expect_status(204).header("preference-applied"),
        Some("handling=strict, max-affected=1")
    );
    assert_eq!(rows(&app, "seats", "note = 'x'").await, 0);
}
