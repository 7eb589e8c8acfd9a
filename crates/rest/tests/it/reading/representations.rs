//! Data representations: domains that look to clients as their casts say.

use serde_json::json;

use super::{ALICE, check, get, refused, rows, start};
use crate::kit::{json as with_body, user};

#[actix_web::test]
async fn domains_are_shown_and_compared_as_their_casts_say() {
    let project = start().await;

    for (path, expected) in [
        (
            "/paints?select=*&order=id",
            json!([
                {"id": 1, "shade": "#0000ff"},
                {"id": 2, "shade": "#00ff00"},
                {"id": 3, "shade": null},
            ]),
        ),
        (
            "/paints?select=id,s:shade&shade=eq.%2300ff00",
            json!([{"id": 2, "s": "#00ff00"}]),
        ),
        (
            "/paints?select=id&shade=in.(%230000ff,%2300ff00)&order=shade.desc",
            json!([{"id": 2}, {"id": 1}]),
        ),
        (
            "/paints?select=id&shade=isdistinct.%230000ff&order=id",
            json!([{"id": 2}, {"id": 3}]),
        ),
        (
            "/paints?select=id&or=(shade.lt.%23000100,shade.is.null)&order=id",
            json!([{"id": 1}, {"id": 3}]),
        ),
        (
            "/paints?select=shade::text,id.count()&shade=eq.%230000ff",
            json!([{"shade": "\"#0000ff\"", "count": 1}]),
        ),
        ("/paints?select=shade.max()", json!([{"max": 65280}])),
    ] {
        check(&project, path, expected).await;
    }
}

#[actix_web::test]
async fn lines_of_csv_hold_the_text_of_domains() {
    let project = start().await;
    let ask = |path: &str| {
        let request = get(path).insert_header(("accept", "text/csv"));
        project.send(request)
    };

    let lines = ask("/paints?select=id,shade&order=id").await;
    let hidden = ask("/paints?select=recipe").await;

    assert_eq!(lines.body, "id,shade\n1,0000FF\n2,00FF00\n3,");
    assert_eq!(hidden.status, 400);
}

#[actix_web::test]
async fn converters_meet_nothing_that_is_hidden() {
    let project = start().await;

    for path in [
        "/paints?select=recipe",
        "/paints?recipe=eq.%23000001",
        "/paints?order=recipe",
    ] {
        refused(&project, path, 400, "42703").await;
    }
    // A value that cannot be read tells nothing of a hidden row.
    let hidden = project.send(get("/paints?select=id&id=eq.4&shade=eq.%23wrong"));
    let missing = project.send(get("/paints?select=id&id=eq.9&shade=eq.%23wrong"));
    let (hidden, missing) = (hidden.await, missing.await);
    assert_eq!((hidden.status, hidden.body), (missing.status, missing.body));
    refused(
        &project,
        "/paints?select=id&id=eq.1&shade=eq.%23wrong",
        400,
        "22P02",
    )
    .await;
}

#[actix_web::test]
async fn bodies_are_read_as_the_casts_say() {
    let project = start().await;
    let back = "return=representation";

    let insert = |prefer: &'static str, body| {
        let request = with_body(user(ALICE, "POST", "/paints"), body);
        request.insert_header(("prefer", prefer))
    };
    let made = r##"[{"id":10,"shade":"#000001"},{"id":11,"shade":"#000001"}]"##;
    let made = project.send(insert(back, made)).await;
    assert_eq!(
        rows(&made),
        json!([{"id": 10, "shade": "#000001"}, {"id": 11, "shade": "#000001"}])
    );
    let defaults = r##"[{"id":12,"shade":"#000001"}]"##;
    let defaults = project
        .send(insert("missing=default,return=representation", defaults))
        .await;
    assert_eq!(rows(&defaults), json!([{"id": 12, "shade": "#000001"}]));
    // The check sees the value that is stored.
    let denied = project
        .send(insert(back, r##"[{"id":13,"shade":"#000002"}]"##))
        .await;
    assert_eq!(denied.status, 403, "{denied:?}");
    let changed = with_body(
        user(ALICE, "PATCH", "/paints?id=eq.2"),
        r##"{"shade":"#0a0b0c"}"##,
    );
    let changed = project.send(changed.insert_header(("prefer", back))).await;
    assert_eq!(rows(&changed), json!([{"id": 2, "shade": "#0a0b0c"}]));
}
