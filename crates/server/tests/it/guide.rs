//! The policy guide is loaded as it is printed: its SQL makes the tables, its TOML the policies.

use postern_base::{Clock, SystemClock};
use postern_testkit::{TestApp, TestClient};
use serde_json::{Value, json};

use super::starter::{ANNA, BORIS, CLEO, described, read, repository};

/// The guide's fenced blocks of a language.
fn blocks(guide: &str, language: &str) -> Vec<String> {
    let opening = format!("```{language}");
    let mut blocks = Vec::new();
    let mut lines = guide.lines();
    while lines.by_ref().any(|line| line == opening) {
        let block: Vec<_> = lines.by_ref().take_while(|line| *line != "```").collect();
        blocks.push(block.join("\n"));
    }
    blocks
}

/// The blocks that name their file; those that are marked as planned do not.
fn policies(guide: &str) -> Vec<(String, String)> {
    let named = |block: String| {
        let name = block
            .lines()
            .next()?
            .strip_prefix("# policies/")?
            .to_owned();
        Some((name, block))
    };
    blocks(guide, "toml")
        .into_iter()
        .filter_map(named)
        .collect()
}

async fn app() -> TestApp {
    let guide = read(&repository().join("docs/policy-guide.md"));
    let rows = format!(
        "insert into public.teams (name, frozen) values ('one', false), ('two', true);
         insert into public.members values (1, '{ANNA}', 'admin'), (1, '{BORIS}', 'member'), (2, '{ANNA}', 'admin');
         insert into public.todos (user_id, title) values ('{ANNA}', 'a'), ('{BORIS}', 'b');
         insert into public.documents (team_id, title) values (1, 'plan'), (2, 'cold');
         insert into public.posts (author_id, title, published_at) values ('{ANNA}', 'out', now()), ('{ANNA}', 'draft', null);
         insert into public.profiles values ('{ANNA}', 'anna', null, 'anna@example.com', '5550101'),
                                            ('{BORIS}', 'boris', null, 'boris@example.com', '5550102');"
    );
    let sql = blocks(&guide, "sql").concat() + &rows;
    described(&sql, &policies(&guide))
        .setting("api.schemas", "public,storage")
        .start()
        .await
}

fn strong(app: &TestApp, sub: &str) -> TestClient {
    let amr = json!([{"method": "totp", "timestamp": SystemClock.now_unix_secs()}]);
    app.caller(json!({"sub": sub, "aal": "aal2", "amr": amr}))
}

async fn get(client: &TestClient, path: &str) -> Value {
    client.get(path).send().await.expect_status(200).json()
}

#[test]
fn the_guide_shows_each_kind_of_file() {
    let guide = read(&repository().join("docs/policy-guide.md"));

    let names: Vec<_> = policies(&guide).into_iter().map(|(name, _)| name).collect();

    assert_eq!(names.len(), 10, "{names:?}");
    assert!(names.contains(&"functions.toml".into()) && names.contains(&"_shared.toml".into()));
}

#[tokio::test]
async fn rows_columns_and_masks_are_as_the_guide_says() {
    let app = app().await;
    let (anna, boris) = (app.user(ANNA), app.user(BORIS));

    assert_eq!(
        get(&boris, "/rest/v1/todos?select=title").await,
        json!([{"title": "b"}])
    );
    assert_eq!(
        get(&app.anon(), "/rest/v1/posts?select=title").await,
        json!([{"title": "out"}])
    );
    assert_eq!(
        get(&anna, "/rest/v1/posts?select=title&order=id").await,
        json!([{"title": "out"}, {"title": "draft"}])
    );
    assert_eq!(
        get(
            &boris,
            "/rest/v1/profiles?select=email,phone&order=username"
        )
        .await,
        json!([
            {"email": null, "phone": "***01"},
            {"email": "boris@example.com", "phone": "5550102"},
        ])
    );
    assert_eq!(
        get(&boris, "/rest/v1/profiles?email=eq.anna@example.com").await,
        json!([])
    );
    assert_eq!(
        get(&boris, "/rest/v1/team_sizes").await,
        json!([{"team_id": 1, "people": 2}])
    );
    assert_eq!(get(&app.user(CLEO), "/rest/v1/team_sizes").await, json!([]));
}

#[tokio::test]
async fn allow_require_and_deny_combine_as_the_guide_says() {
    let app = app().await;
    let new = |team: i64| json!({"team_id": team, "title": "new"});
    let insert = |client: TestClient, team: i64| async move {
        client
            .post("/rest/v1/documents", &new(team))
            .send()
            .await
            .status
            .as_u16()
    };

    assert_eq!(insert(app.user(ANNA), 1).await, 403, "no second factor");
    assert_eq!(insert(strong(&app, BORIS), 1).await, 403, "no admin");
    assert_eq!(insert(strong(&app, ANNA), 2).await, 403, "a frozen team");
    assert_eq!(insert(strong(&app, ANNA), 1).await, 201);

    let archive = json!({"archived": true});
    let path = "/rest/v1/documents?title=eq.plan";
    strong(&app, ANNA)
        .patch(path, &archive)
        .send()
        .await
        .expect_status(204);
    assert_eq!(
        get(&app.user(ANNA), "/rest/v1/documents?select=title&order=id").await,
        json!([{"title": "cold"}, {"title": "new"}])
    );
}

#[tokio::test]
async fn functions_exist_for_those_whom_the_guide_lists() {
    let app = app().await;
    let transfer = |amount: i64| json!({"from_team": 1, "to_team": 2, "amount": amount});

    let found = app.user(ANNA).post(
        "/rest/v1/rpc/search_posts?select=title",
        &json!({"words": "draft"}),
    );
    assert_eq!(
        found.send().await.expect_status(200).json(),
        json!([{"title": "draft"}])
    );
    let drafts = app
        .user(BORIS)
        .post("/rest/v1/rpc/search_posts", &json!({"words": "draft"}));
    assert_eq!(drafts.send().await.expect_status(200).json(), json!([]));

    let call = |client: TestClient, amount: i64| async move {
        client
            .post("/rest/v1/rpc/transfer", &transfer(amount))
            .send()
            .await
            .status
            .as_u16()
    };
    assert_eq!(call(app.user(ANNA), 5).await, 204);
    assert_eq!(
        call(app.user(ANNA), -5).await,
        403,
        "`where` looks at the amount"
    );
    assert_eq!(
        call(app.user(BORIS), 5).await,
        403,
        "`where` looks at the team"
    );
    assert_eq!(call(app.anon(), 5).await, 404, "visitors are not listed");
}
