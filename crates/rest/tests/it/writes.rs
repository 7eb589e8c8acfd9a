//! Writes: statuses, what comes back, what is refused.

use crate::kit::{ALICE, BOB, Project, anon, json, service, user};

#[actix_web::test]
async fn an_insert_is_created_and_says_what_was_asked() {
    let project = Project::start().await;
    let ask = |prefer: &'static str, body| {
        json(user(ALICE, "POST", "/notes"), body).insert_header(("prefer", prefer))
    };

    let minimal = project
        .send(ask("return=minimal", r#"{"id":10,"body":"a"}"#))
        .await;
    let rows = project
        .send(ask(
            "return=representation,count=exact",
            r#"[{"id":11,"body":"b"}]"#,
        ))
        .await;
    let headers = project
        .send(ask("return=headers-only", r#"{"id":12,"body":"c"}"#))
        .await;

    assert_eq!(
        (minimal.status, minimal.body.as_str()),
        (201, ""),
        "{minimal:?}"
    );
    assert_eq!(minimal.header("content-type"), None);
    assert_eq!(minimal.header("content-range").as_deref(), Some("*/*"));
    assert_eq!(
        minimal.header("preference-applied").as_deref(),
        Some("return=minimal")
    );
    assert_eq!(rows.status, 201);
    assert_eq!(
        rows.body,
        format!(r#"[{{"id":11,"owner":"{ALICE}","body":"b"}}]"#)
    );
    assert_eq!(rows.header("content-range").as_deref(), Some("*/1"));
    assert_eq!(
        headers.header("location").as_deref(),
        Some("/notes?id=eq.12"),
        "{headers:?}"
    );
}

#[actix_web::test]
async fn an_upsert_says_whether_anything_is_new() {
    let project = Project::start().await;
    let ask = |body| {
        json(service("POST", "/items"), body).insert_header((
            "prefer",
            "resolution=merge-duplicates,return=representation",
        ))
    };

    let merged = project.send(ask(r#"{"id":1,"name":"one"}"#)).await;
    let created = project.send(ask(r#"{"id":100,"name":"hundred"}"#)).await;

    assert_eq!(merged.status, 200, "{merged:?}");
    assert_eq!(merged.body, r#"[{"id":1,"name":"one","note":null}]"#);
    assert_eq!(
        merged.header("preference-applied").as_deref(),
        Some("resolution=merge-duplicates, return=representation")
    );
    assert_eq!(created.status, 201, "{created:?}");
}

#[actix_web::test]
async fn updates_and_deletes_touch_own_rows_only() {
    let project = Project::start().await;
    let rename = |subject| {
        json(
            user(subject, "PATCH", "/notes?id=eq.1"),
            r#"{"body":"new"}"#,
        )
    };

    let others = project
        .send(rename(BOB).insert_header(("prefer", "return=representation")))
        .await;
    let own = project.send(rename(ALICE)).await;
    let gone = project
        .send(user(ALICE, "DELETE", "/notes?id=eq.1").insert_header(("prefer", "count=exact")))
        .await;

    assert_eq!(
        (others.status, others.body.as_str()),
        (200, "[]"),
        "{others:?}"
    );
    assert_eq!((own.status, own.body.as_str()), (204, ""));
    assert_eq!(own.header("content-range").as_deref(), Some("0-0/*"));
    assert_eq!(gone.status, 204);
    assert_eq!(gone.header("content-range").as_deref(), Some("*/1"));
}

#[actix_web::test]
async fn denials_ask_the_anonymous_to_sign_in() {
    let project = Project::start().await;
    let body = r#"{"id":50,"name":"x"}"#;

    let anonymous = project.send(json(anon("POST", "/items"), body)).await;
    let signed_in = project
        .send(json(user(ALICE, "POST", "/items"), body))
        .await;
    let service_key = project.send(json(service("POST", "/items"), body)).await;

    assert_eq!(anonymous.status, 401, "{anonymous:?}");
    assert_eq!(
        anonymous.header("www-authenticate").as_deref(),
        Some("Bearer")
    );
    assert!(anonymous.body.contains("42501"));
    assert_eq!(signed_in.status, 403, "{signed_in:?}");
    assert_eq!(service_key.status, 201, "{service_key:?}");
}

#[actix_web::test]
async fn refusals_of_the_database_keep_their_codes() {
    let project = Project::start().await;

    let duplicate = project
        .send(json(service("POST", "/items"), r#"{"id":1,"name":"x"}"#))
        .await;
    let wrong_type = project
        .send(json(service("POST", "/items"), r#"{"id":"x","name":"x"}"#))
        .await;
    let many = project
        .send(
            json(service("PATCH", "/items"), r#"{"name":"x"}"#)
                .insert_header(("prefer", "handling=strict, max-affected=2")),
        )
        .await;

    assert_eq!(duplicate.status, 409, "{duplicate:?}");
    assert!(duplicate.body.contains("23505"));
    assert_eq!(wrong_type.status, 400);
    assert!(wrong_type.body.contains("22P02"));
    assert_eq!(many.status, 400, "{many:?}");
    assert!(many.body.contains("PGRST124"), "{many:?}");
}

#[actix_web::test]
async fn one_row_or_nothing_is_written() {
    let project = Project::start().await;
    let request = json(service("PATCH", "/items?id=lt.3"), r#"{"name":"same"}"#)
        .insert_header(("accept", "application/vnd.pgrst.object+json"))
        .insert_header(("prefer", "return=representation"));

    let refused = project.send(request).await;
    let after = project.send(service("GET", "/items?name=eq.same")).await;

    assert_eq!(refused.status, 406, "{refused:?}");
    assert!(refused.body.contains("The result contains 2 rows"));
    assert_eq!(after.body, "[]");
}

#[actix_web::test]
async fn bodies_may_be_forms_and_csv() {
    let project = Project::start().await;
    let send = |media: &'static str, body: &'static str| {
        service("POST", "/items?select=id,note")
            .insert_header(("content-type", media))
            .insert_header(("prefer", "return=representation"))
            .set_payload(body)
    };

    let form = project
        .send(send("application/x-www-form-urlencoded", "id=60&name=a+b"))
        .await;
    let csv = project
        .send(send("text/csv", "id,name,note\n61,x,NULL\n62,y,z"))
        .await;
    let other = project.send(send("text/plain", "x")).await;

    assert_eq!(form.body, r#"[{"id":60,"note":null}]"#, "{form:?}");
    assert_eq!(
        csv.body,
        "[{\"id\":61,\"note\":null}, \n {\"id\":62,\"note\":\"z\"}]"
    );
    assert_eq!(other.status, 400);
    assert!(
        other
            .body
            .contains("Content-Type not acceptable: text/plain")
    );
}
