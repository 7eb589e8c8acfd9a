//! Starter files about rows that several people share.

use serde_json::json;

use super::*;

#[tokio::test]
async fn a_team_reads_its_editors_write_its_admins_delete() {
    let rows = format!(
        "insert into public.teams values (1, 'one'), (2, 'two');
         insert into public.team_members values
         (1, '{ANNA}', 'admin'), (1, '{BORIS}', 'editor'), (1, '{CLEO}', 'reader'), (2, '{CLEO}', 'admin');
         insert into public.documents (team_id, title) values (1, 'plan'), (2, 'other');"
    );
    let app = starter(&["team-membership.toml"], &rows).await;
    let (anna, boris, cleo) = (app.user(ANNA), app.user(BORIS), app.user(CLEO));
    let plan = "/rest/v1/documents?title=eq.plan&select=title";

    assert_eq!(
        get(&boris, "/rest/v1/documents?select=title").await,
        json!([{"title": "plan"}])
    );
    assert_eq!(
        get(&cleo, "/rest/v1/documents?select=title&order=id").await,
        json!([{"title": "plan"}, {"title": "other"}])
    );
    assert_eq!(patched(&cleo, plan, json!({"body": "x"})).await, json!([]));
    assert_eq!(
        patched(&boris, plan, json!({"body": "x"})).await,
        json!([{"title": "plan"}])
    );
    let foreign = posted(
        &boris,
        "/rest/v1/documents",
        json!({"team_id": 2, "title": "x"}),
    )
    .await;
    assert_code(&foreign, 403, "42501");
    assert_eq!(deleted(&boris, plan).await, json!([]));
    assert_eq!(deleted(&anna, plan).await, json!([{"title": "plan"}]));
}

#[tokio::test]
async fn nothing_reaches_over_the_wall_of_an_organisation() {
    let (red, blue) = (
        "11111111-0000-4000-8000-000000000000",
        "22222222-0000-4000-8000-000000000000",
    );
    let rows = format!(
        "insert into public.customers (org_id, name, created_by) values
         ('{red}', 'r', '{ANNA}'), ('{blue}', 'b', '{ANNA}');"
    );
    let app = starter(&["multi-tenant-org.toml"], &rows).await;
    let in_org =
        |sub: &str, org: &str| app.caller(json!({"sub": sub, "app_metadata": {"org_id": org}}));
    let (anna, boris) = (in_org(ANNA, red), in_org(BORIS, red));

    assert_eq!(
        get(&anna, "/rest/v1/customers?select=name").await,
        json!([{"name": "r"}])
    );
    assert_eq!(
        get(&app.user(ANNA), "/rest/v1/customers?select=name").await,
        json!([])
    );
    let all = "/rest/v1/customers?id=gt.0&select=name";
    assert_eq!(patched(&boris, all, json!({"notes": "x"})).await, json!([]));
    assert_eq!(
        patched(&anna, all, json!({"notes": "x"})).await,
        json!([{"name": "r"}])
    );
    posted(&boris, "/rest/v1/customers", json!({"name": "new"}))
        .await
        .expect_status(201);
    assert_eq!(
        get(
            &app.service(),
            "/rest/v1/customers?select=org_id,created_by&name=eq.new"
        )
        .await,
        json!([{"org_id": red, "created_by": BORIS}])
    );
}

#[tokio::test]
async fn boards_are_shared_to_read_or_to_edit() {
    let rows = format!(
        "insert into public.boards (owner_id, title) values ('{ANNA}', 'read'), ('{ANNA}', 'edit'), ('{ANNA}', 'own');
         insert into public.board_shares values (1, '{BORIS}', false), (2, '{BORIS}', true);"
    );
    let app = starter(&["shared-with.toml", "shared-with-shares.toml"], &rows).await;
    let (anna, boris, cleo) = (app.user(ANNA), app.user(BORIS), app.user(CLEO));

    assert_eq!(
        get(
            &boris,
            "/rest/v1/boards?select=title,board_shares(can_edit)&order=id"
        )
        .await,
        json!([
            {"title": "read", "board_shares": [{"can_edit": false}]},
            {"title": "edit", "board_shares": [{"can_edit": true}]},
        ])
    );
    assert_eq!(
        patched(
            &boris,
            "/rest/v1/boards?id=gt.0&select=title",
            json!({"content": {"x": 1}})
        )
        .await,
        json!([{"title": "edit"}])
    );
    let greedy = posted(
        &boris,
        "/rest/v1/board_shares",
        json!({"board_id": 3, "user_id": BORIS}),
    )
    .await;
    assert_code(&greedy, 403, "42501");
    posted(
        &anna,
        "/rest/v1/board_shares",
        json!({"board_id": 3, "user_id": CLEO}),
    )
    .await
    .expect_status(201);
    assert_eq!(
        get(&cleo, "/rest/v1/boards?select=title").await,
        json!([{"title": "own"}])
    );
    assert_eq!(
        deleted(&cleo, "/rest/v1/board_shares?board_id=gt.0&select=board_id").await,
        json!([{"board_id": 3}])
    );
    assert_eq!(get(&cleo, "/rest/v1/boards?select=title").await, json!([]));
}

#[tokio::test]
async fn a_grant_opens_a_record_while_it_lasts() {
    let rows = format!(
        "insert into public.records (title) values ('now'), ('over'), ('later'), ('never');
         insert into public.access_grants values
         (1, '{ANNA}', now() - interval '1 day', now() + interval '1 day'),
         (2, '{ANNA}', now() - interval '2 days', now() - interval '1 day'),
         (3, '{ANNA}', now() + interval '1 day', now() + interval '2 days');"
    );
    let app = starter(&["time-boxed-access.toml"], &rows).await;

    assert_eq!(
        get(&app.user(ANNA), "/rest/v1/records?select=title").await,
        json!([{"title": "now"}])
    );
    assert_eq!(
        get(&app.user(BORIS), "/rest/v1/records?select=title").await,
        json!([])
    );
    assert_absent(&app.user(ANNA), "access_grants").await;
}
