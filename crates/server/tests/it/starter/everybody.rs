//! Starter files about rows that many may read and few may write.

use serde_json::json;

use super::*;

#[tokio::test]
async fn the_world_reads_posts_and_authors_write_them() {
    let rows = format!(
        "insert into public.posts (author_id, title) values ('{ANNA}', 'a'), ('{BORIS}', 'b');"
    );
    let app = starter(&["public-read-owner-write.toml"], &rows).await;
    let anna = app.user(ANNA);
    let both = json!([{"title": "a"}, {"title": "b"}]);

    assert_eq!(
        get(&app.anon(), "/rest/v1/posts?select=title&order=id").await,
        both
    );
    assert_eq!(
        get(&anna, "/rest/v1/posts?select=title&order=id").await,
        both
    );
    let anonymous = posted(&app.anon(), "/rest/v1/posts", json!({"title": "x"})).await;
    assert!(anonymous.status.is_client_error(), "{}", anonymous.text);
    let changed = patched(
        &anna,
        "/rest/v1/posts?id=gt.0&select=title",
        json!({"body": "x"}),
    )
    .await;
    assert_eq!(changed, json!([{"title": "a"}]));
    let added = posted(
        &anna,
        "/rest/v1/posts?select=author_id",
        json!({"title": "c"}),
    )
    .await;
    assert_eq!(
        added.expect_status(201).json(),
        json!([{"author_id": ANNA}])
    );
}

#[tokio::test]
async fn admins_write_announcements() {
    let app = starter(&["admin-role.toml"], "").await;
    let admin = app.caller(json!({"sub": ANNA, "app_metadata": {"role": "admin"}}));
    let pretender = app.caller(json!({"sub": BORIS, "user_metadata": {"role": "admin"}}));
    let body = json!({"title": "t", "body": "b"});

    posted(&admin, "/rest/v1/announcements", body.clone())
        .await
        .expect_status(201);
    let refused = posted(&pretender, "/rest/v1/announcements", body).await;

    assert!(refused.status.is_client_error(), "{}", refused.text);
    assert_eq!(
        get(&admin, "/rest/v1/announcements?select=title,created_by").await,
        json!([{"title": "t", "created_by": ANNA}])
    );
    assert_eq!(
        get(&pretender, "/rest/v1/announcements?select=title").await,
        json!([{"title": "t"}])
    );
    let column = pretender
        .get("/rest/v1/announcements?select=created_by")
        .send()
        .await;
    assert_code(&column, 400, "42703");
    assert_absent(&app.anon(), "announcements").await;
}

#[tokio::test]
async fn articles_are_visible_in_their_window() {
    let rows = format!(
        "insert into public.articles (author_id, title, published_at, unpublished_at) values
         ('{ANNA}', 'out', now() - interval '1 day', null),
         ('{ANNA}', 'draft', null, null),
         ('{ANNA}', 'soon', now() + interval '1 day', null),
         ('{ANNA}', 'over', now() - interval '2 days', now() - interval '1 day');"
    );
    let app = starter(&["published-window.toml"], &rows).await;
    let path = "/rest/v1/articles?select=title&order=id";

    assert_eq!(get(&app.anon(), path).await, json!([{"title": "out"}]));
    assert_eq!(get(&app.user(BORIS), path).await, json!([{"title": "out"}]));
    assert_eq!(
        get(&app.user(ANNA), path).await,
        json!([{"title": "out"}, {"title": "draft"}, {"title": "soon"}, {"title": "over"}])
    );
}

#[tokio::test]
async fn reference_data_is_read_by_all_and_written_by_none() {
    let rows = "insert into public.countries values ('CH', 'Switzerland', 'CHF'), ('FR', 'France', 'EUR');";
    let app = starter(&["reference-data.toml"], rows).await;
    let anna = app.user(ANNA);

    assert_eq!(
        get(&app.anon(), "/rest/v1/countries?select=code&order=code").await,
        json!([{"code": "CH"}, {"code": "FR"}])
    );
    assert_eq!(
        get(&anna, "/rest/v1/countries?select=count()").await,
        json!([{"count": 2}])
    );
    let written = posted(
        &anna,
        "/rest/v1/countries",
        json!({"code": "XX", "name": "x", "currency": "x"}),
    )
    .await;
    assert!(written.status.is_client_error(), "{}", written.text);
    let removed = anna.delete("/rest/v1/countries?code=eq.CH").send().await;
    assert!(removed.status.is_client_error(), "{}", removed.text);
}
