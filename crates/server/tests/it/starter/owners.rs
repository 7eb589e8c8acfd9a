//! Starter files about rows that belong to one person.

use postern_base::{Clock, SystemClock};
use serde_json::json;

use super::*;

#[tokio::test]
async fn own_rows_are_for_their_owner_alone() {
    let rows = format!(
        "insert into public.notes (user_id, title) values ('{ANNA}', 'a1'), ('{ANNA}', 'a2'), ('{BORIS}', 'b1');"
    );
    let app = starter(&["own-rows.toml"], &rows).await;
    let (anna, boris) = (app.user(ANNA), app.user(BORIS));

    assert_eq!(
        get(&anna, "/rest/v1/notes?select=title&order=id").await,
        json!([{"title": "a1"}, {"title": "a2"}])
    );
    assert_eq!(
        patched(
            &boris,
            "/rest/v1/notes?title=eq.a1",
            json!({"title": "mine"})
        )
        .await,
        json!([])
    );
    assert_eq!(
        deleted(&boris, "/rest/v1/notes?id=gt.0&select=title").await,
        json!([{"title": "b1"}])
    );

    let added = posted(
        &boris,
        "/rest/v1/notes?select=user_id",
        json!({"title": "b2"}),
    )
    .await;
    assert_eq!(added.expect_status(201).json(), json!([{"user_id": BORIS}]));
    let forged = posted(
        &boris,
        "/rest/v1/notes",
        json!({"title": "x", "user_id": ANNA}),
    )
    .await;
    assert!(forged.status.is_client_error(), "{}", forged.text);
    assert_absent(&app.anon(), "notes").await;
}

#[tokio::test]
async fn audit_log_takes_lines_and_shows_none() {
    let app = starter(&["insert-only-audit-log.toml"], "").await;
    let anna = app.user(ANNA);

    anna.post("/rest/v1/audit_log", &json!({"event": "signed in"}))
        .send()
        .await
        .expect_status(201);

    let asked_back = posted(&anna, "/rest/v1/audit_log", json!({"event": "again"})).await;
    assert!(asked_back.status.is_client_error(), "{}", asked_back.text);
    let read = anna.get("/rest/v1/audit_log").send().await;
    assert!(read.status.is_client_error(), "{}", read.text);
    assert_eq!(
        get(&app.service(), "/rest/v1/audit_log?select=actor,event").await,
        json!([{"actor": ANNA, "event": "signed in"}])
    );
}

#[tokio::test]
async fn soft_delete_lets_a_message_leave_everybodys_view() {
    let rows = format!(
        "insert into public.messages (author_id, body, deleted_at) values
         ('{ANNA}', 'kept', null), ('{ANNA}', 'gone', now()), ('{BORIS}', 'hello', null);"
    );
    let app = starter(&["soft-delete.toml"], &rows).await;
    let anna = app.user(ANNA);
    let deletion = json!({"deleted_at": "2030-01-01T00:00:00Z"});

    let path = "/rest/v1/messages?body=eq.kept";
    let asked_back = anna
        .patch(path, &deletion)
        .prefer("return=representation")
        .send()
        .await;
    assert_code(&asked_back, 403, "42501");
    anna.patch(path, &deletion).send().await.expect_status(204);

    assert_eq!(
        get(&anna, "/rest/v1/messages?select=body").await,
        json!([{"body": "hello"}])
    );
    anna.patch(
        "/rest/v1/messages?body=eq.gone",
        &json!({"deleted_at": null}),
    )
    .send()
    .await
    .expect_status(204);
    assert_eq!(
        get(
            &app.service(),
            "/rest/v1/messages?select=body&deleted_at=is.null"
        )
        .await,
        json!([{"body": "hello"}])
    );
}

#[tokio::test]
async fn directory_masks_the_contact_data_of_others() {
    let rows = format!(
        "insert into public.people values
         ('{ANNA}', 'Anna', 'anna@example.com', '+1 202 555 0101', '1990-01-01'),
         ('{BORIS}', 'Boris', 'boris@example.com', '+1 202 555 0102', '1991-02-02');"
    );
    let app = starter(&["masked-directory.toml"], &rows).await;
    let anna = app.user(ANNA);

    assert_eq!(
        get(&anna, "/rest/v1/people?select=name,email,phone&order=name").await,
        json!([
            {"name": "Anna", "email": "anna@example.com", "phone": "+1 202 555 0101"},
            {"name": "Boris", "email": null, "phone": "***02"},
        ])
    );
    assert_eq!(
        get(&anna, "/rest/v1/people?email=eq.boris@example.com").await,
        json!([])
    );
    assert_eq!(
        get(&anna, "/rest/v1/people?select=name&phone=like.*0102").await,
        json!([])
    );
    let hidden = anna
        .get("/rest/v1/people?birthday=gt.1980-01-01")
        .send()
        .await;
    assert_code(&hidden, 400, "42703");
    assert_eq!(
        patched(
            &anna,
            "/rest/v1/people?id=not.is.null&select=name",
            json!({"name": "A."})
        )
        .await,
        json!([{"name": "A."}])
    );
}

#[tokio::test]
async fn payouts_need_a_second_factor() {
    let app = starter(&["second-factor-for-writes.toml"], "").await;
    let proven =
        |ago: i64| json!([{"method": "totp", "timestamp": SystemClock.now_unix_secs() - ago}]);
    let strong = app.caller(json!({"sub": ANNA, "aal": "aal2", "amr": proven(60)}));
    let stale = app.caller(json!({"sub": ANNA, "aal": "aal2", "amr": proven(3600)}));
    let body = json!({"amount": 12.5, "iban": "DE02120300000000202051"});

    for weak in [app.user(ANNA), stale] {
        let refused = posted(&weak, "/rest/v1/payouts", body.clone()).await;
        assert_code(&refused, 403, "PSTRN403");
    }
    let added = posted(&strong, "/rest/v1/payouts?select=amount,iban", body)
        .await
        .expect_status(201);

    assert_eq!(added.json(), json!([{"amount": 12.5, "iban": "****2051"}]));
    assert_eq!(
        get(&app.user(ANNA), "/rest/v1/payouts?select=amount").await,
        json!([{"amount": 12.5}])
    );
    assert_eq!(
        get(&app.user(BORIS), "/rest/v1/payouts?select=amount").await,
        json!([])
    );
}
