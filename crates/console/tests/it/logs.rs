//! The log of requests: what it shows, what it never shows, who is denied most.

use std::time::Duration;

use postern_testkit::{TestApp, TestClient};
use serde_json::json;

use crate::it::kit;
use crate::it::kit::Browser;

const SCHEMA: &str = "create table public.notes (id bigint primary key, owner_id uuid, body text);
create table public.ledger (id bigint primary key);
insert into public.notes values (1, '11111111-1111-4111-8111-111111111111', 'mine');";
const POLICY: &str = r#"
table = "public.notes"

[columns.authenticated]
select = "*"
insert = "*"

[[allow]]
name = "own notes"
roles = ["authenticated"]
for = ["select", "insert"]
where = "owner_id = auth.uid()"
"#;
const ANN: &str = "11111111-1111-4111-8111-111111111111";
const BEN: &str = "22222222-2222-4222-8222-222222222222";

async fn shop() -> (TestApp, Browser) {
    let app = kit::app()
        .migrations(SCHEMA)
        .policy("public.notes.toml", POLICY)
        .start()
        .await;
    let owner = kit::owner(&app).await;
    (app, owner)
}

/// Asks under a request id; the log knows of it before the answer goes out.
async fn ask(client: &TestClient, path: &str, id: &str) -> u16 {
    let reply = client.get(path).header("x-request-id", id).send().await;
    reply.status.as_u16()
}

async fn lines(owner: &Browser, query: &str) -> Vec<String> {
    let part = owner.get_part(&format!("/console/logs{query}")).await;
    let text = part.expect_status(200).text;
    let rows = text.split_once("id=\"lines\"").map_or("", |it| it.1);
    let rows = rows.split("<tr>").skip(1);
    rows.map(str::to_owned).collect()
}

#[tokio::test]
async fn requests_are_found_by_all_that_narrows() {
    let (app, owner) = shop().await;
    assert_eq!(
        ask(&app.user(ANN), "/rest/v1/notes?select=id", "mine").await,
        200
    );
    assert_eq!(
        ask(&app.user(BEN), "/rest/v1/notes?body=eq.x", "none").await,
        200
    );
    assert_eq!(ask(&app.user(BEN), "/rest/v1/ledger", "hidden").await, 404);
    ask(&app.anon(), "/auth/v1/user", "auth").await;

    for (query, expected) in [
        ("?service=data", 3),
        ("?service=auth", 1),
        ("?status=4xx&service=data", 1),
        ("?table=public.notes", 2),
        ("?caller=2222", 2),
        ("?q=BODY%3DEQ", 1),
        ("?q=pgrst205", 1),
        ("?show=empty", 1),
        ("?show=denied&service=data", 1),
        ("?method=DELETE", 0),
        ("?time=5m&service=data", 3),
        ("?status=nonsense&service=data&before=x&show=y", 3),
    ] {
        let found = lines(&owner, query).await;
        assert_eq!(found.len(), expected, "{query}: {found:#?}");
    }
    app.advance(600);
    assert_eq!(lines(&owner, "?time=5m&service=data").await.len(), 0);
    let page = owner.get("/console/logs?table=public.notes").await.text;
    assert!(
        page.contains("<option selected>public.notes</option>"),
        "{page}"
    );
    assert!(
        page.contains("A restart of the server empties the list"),
        "{page}"
    );
}

#[tokio::test]
async fn requests_over_time_stand_above_the_list() {
    let (app, owner) = shop().await;
    ask(&app.user(ANN), "/rest/v1/notes", "one").await;
    app.advance(5 * 60);
    ask(&app.user(ANN), "/rest/v1/notes", "two").await;
    ask(&app.user(BEN), "/rest/v1/ledger", "hidden").await;

    let all = owner.get_part("/console/logs?service=data").await.text;
    let denied = owner
        .get_part("/console/logs?service=data&status=4xx")
        .await
        .text;
    let none = owner.get_part("/console/logs?method=DELETE").await.text;
    let live = owner.get_part("/console/logs?live=1").await.text;
    let older = owner.get_part("/console/logs?before=2").await.text;

    let counted = |page: &str| {
        let rows = page.split("<tr data-slot=").skip(1);
        rows.map(|row| row.matches("data-value=\"1\"").count() + row.matches("\"2\"").count())
            .collect::<Vec<_>>()
    };
    assert!(all.contains("<pn-chart"), "{all}");
    assert_eq!(counted(&all).len(), 2, "{all}");
    assert_eq!(counted(&denied), [2], "answered and refused: {denied}");
    for page in [&none, &live, &older] {
        assert!(!page.contains("<pn-chart"), "{page}");
    }
}

#[tokio::test]
async fn older_requests_are_a_page_away() {
    let (app, owner) = shop().await;
    for index in 0..60 {
        ask(&app.user(ANN), "/rest/v1/notes", &format!("n{index}")).await;
    }

    let first = owner.get_part("/console/logs?service=data").await.text;
    let older = first
        .split_once("rel=\"next\" href=\"")
        .expect("a next page")
        .1;
    let older = older.split('"').next().expect("an address");
    let older = older.replace("&#38;", "&").replace("&amp;", "&");
    let second = owner.get_part(&older).await.expect_status(200).text;

    assert!(first.contains("/console/logs/n59\"") && first.contains("/console/logs/n10\""));
    assert!(second.contains("/console/logs/n9\"") && second.contains("/console/logs/n0\""));
    assert!(!second.contains("/console/logs/n10\""), "{second}");
}

#[tokio::test]
async fn a_trace_tells_who_what_and_why() {
    let (app, owner) = shop().await;
    ask(&app.user(ANN), "/rest/v1/notes?id=eq.4711", "read").await;
    ask(&app.user(BEN), "/rest/v1/ledger", "hidden").await;
    let row = json!({ "id": 2, "owner_id": ANN, "body": "a secret diary" });
    let insert = app.user(BEN).post("/rest/v1/notes", &row);
    let refused = insert.header("x-request-id", "refused").send().await;
    assert_eq!(refused.status, 403, "{}", refused.text);

    let read = owner
        .get("/console/logs/read")
        .await
        .expect_status(200)
        .text;
    for part in [
        ANN,
        "authenticated",
        "own notes",
        "$1",
        "Database",
        "no row came back",
    ] {
        assert!(read.contains(part), "{part}: {read}");
    }
    let statement = read.split_once("<pre id=\"sql\"").expect("a statement").1;
    let statement = statement.split_once("</pre>").expect("its end").0;
    assert!(
        !statement.contains("4711") && !statement.contains(ANN),
        "{statement}"
    );
    let hidden = owner.get("/console/logs/hidden").await.text;
    assert!(
        hidden.contains("the table is hidden from this role"),
        "{hidden}"
    );
    let refused = owner.get("/console/logs/refused").await.text;
    assert!(refused.contains("does not satisfy the rules that were asked: own notes"));
    assert!(!refused.contains("secret diary"), "{refused}");
    owner.get("/console/logs/nothing").await.expect_status(404);
}

#[tokio::test]
async fn what_is_denied_most_stands_on_the_overview() {
    let (app, owner) = shop().await;
    for index in 0..3 {
        ask(&app.user(BEN), "/rest/v1/ledger", &format!("l{index}")).await;
    }
    ask(&app.anon(), "/rest/v1/notes", "anon").await;

    let page = owner.get("/console").await.expect_status(200).text;

    let denials = page.split_once("id=\"denials\"").expect("the list").1;
    let ledger = denials.find("public.ledger").expect("the ledger");
    let notes = denials.find("public.notes").expect("the notes");
    assert!(ledger < notes, "{denials}");
    let link = "table=public.ledger&#38;verb=select&#38;role=authenticated&#38;show=denied";
    let link_too = link.replace("&#38;", "&amp;");
    assert!(
        denials.contains(link) || denials.contains(&link_too),
        "{denials}"
    );
}

#[tokio::test]
async fn nothing_is_kept_where_the_log_is_off() {
    let app = kit::app().setting("logs.kept", "0").start().await;
    let owner = kit::owner(&app).await;

    let page = owner.get("/console/logs").await.expect_status(200).text;

    assert!(page.contains("No requests are kept"), "{page}");
    owner.get("/console/logs/any").await.expect_status(404);
}

#[tokio::test]
async fn attack_81_secrets_never_reach_the_log_of_requests() {
    let (app, owner) = shop().await;
    let session = kit::user(&app, "ann@mail.example").await;
    let token = session["access_token"]
        .as_str()
        .expect("a token")
        .to_owned();
    let refresh = session["refresh_token"]
        .as_str()
        .expect("a token")
        .to_owned();
    let key = app.secret_key();
    let anon = app.anon();
    let user = app.anon().with_token(&token);
    // In headers, in the query, encoded, in the path, in a value that an error quotes.
    for path in [
        "/rest/v1/notes".to_owned(),
        format!("/rest/v1/notes?apikey={key}&access_token={token}"),
        format!("/rest/v1/notes?id=eq.{token}"),
        format!("/rest/v1/notes?id=eq.%65{}", &token[1..]),
        format!("/rest/v1/{key}"),
        format!(
            "/rest/v1/rpc/enter?refresh_token={refresh}&password={}",
            kit::PASSWORD
        ),
        format!("/auth/v1/verify?token={refresh}&type=recovery&redirect_to=x"),
        format!("/auth/v1/callback?code={refresh}&state={refresh}"),
        format!("/console/setup/{refresh}"),
        format!("/console/users?q={refresh}"),
    ] {
        user.get(&path).send().await;
        anon.get(&path).send().await;
        app.service().get(&path).send().await;
    }
    let grant = json!({ "refresh_token": refresh });
    anon.post("/auth/v1/token?grant_type=refresh_token", &grant)
        .send()
        .await;
    let setup = app
        .setup_path()
        .rsplit('/')
        .next()
        .expect("a token")
        .to_owned();

    let mut shown = String::new();
    for line in lines(&owner, "").await {
        let id = line.split_once("/console/logs/").expect("a link").1;
        let id = id.split('"').next().expect("an id").to_owned();
        shown.push_str(&line);
        shown.push_str(&owner.get(&format!("/console/logs/{id}")).await.text);
    }

    assert!(shown.contains("/auth/v1/verify"), "{shown}");
    let cookie = owner.cookie.clone().expect("a cookie");
    let cookie = cookie.split_once('=').expect("a pair").1.to_owned();
    let parts = token.split('.').collect::<Vec<_>>();
    for secret in [
        key,
        &refresh,
        &setup,
        kit::PASSWORD,
        &cookie,
        parts[1],
        parts[2],
    ] {
        assert!(!shown.contains(secret), "{secret} is shown");
    }
}

#[tokio::test]
async fn attack_81_what_a_client_sends_is_text_and_nothing_more() {
    let (app, owner) = shop().await;
    let anon = app.anon();
    for path in [
        "/rest/v1/%3Cscript%3Ealert(1)%3C%2Fscript%3E?x=%0d%0aforged%1b[31m",
        "/rest/v1/notes?<script>=1",
    ] {
        ask(&anon, path, "hostile").await;
    }
    let odd = anon
        .get("/rest/v1/notes")
        .header("x-request-id", "a b<script>");
    odd.send().await;

    let page = owner.get("/console/logs").await.text;
    let trace = owner.get("/console/logs/hostile").await.text;

    for text in [page, trace] {
        assert!(
            !text.contains("<script>alert") && !text.contains("b<script>"),
            "{text}"
        );
        assert!(!text.contains('\u{1b}'), "{text}");
    }
}

#[tokio::test]
async fn the_tail_goes_on_from_a_page_and_ends_with_the_session() {
    let (app, owner) = shop().await;
    ask(&app.user(ANN), "/rest/v1/notes", "before").await;
    let page = owner.get("/console/logs?live=1&service=data").await.text;
    let tail = page.split_once("hx-sse:connect=\"").expect("a tail").1;
    let tail = tail.split('"').next().expect("an address");
    let tail = tail.replace("&#38;", "&").replace("&amp;", "&");
    ask(&app.user(ANN), "/rest/v1/notes", "after").await;

    // The stream ends when the session has: what came until then is the whole body. A session
    // that ended before the stream began shows nothing, and another one is tried.
    let mut text = String::new();
    for patience in 1..30 {
        let other = Browser::sign_in(&app, kit::OWNER, kit::PASSWORD).await;
        let ending = async {
            tokio::time::sleep(Duration::from_millis(300 * patience)).await;
            other.post("/console/logout", &[]).await.expect_status(303);
        };
        let (reply, ()) = tokio::join!(other.get(&tail), ending);
        if reply.status == 200 {
            text = reply.text;
            break;
        }
    }

    assert!(text.contains("/console/logs/after\""), "{text}");
    assert!(!text.contains("/console/logs/before\""), "{text}");
    assert!(
        text.contains("event: end\ndata: Your session has ended."),
        "{text}"
    );
    owner.get("/console/logs/tail").await.expect_status(404);
}
