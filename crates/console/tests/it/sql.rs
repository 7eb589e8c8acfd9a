//! SQL in the console: what runs for whom, what is kept, and what a result belongs to.

use postern_testkit::{Reply, TestApp};

use super::kit;
use super::kit::Browser;

const NOTES: &str = "create table public.notes (id int primary key, body text); \
    insert into public.notes select n, 'note ' || n from generate_series(1, 120) n";

async fn project() -> (TestApp, Browser) {
    let app = kit::app().migrations(NOTES).start().await;
    let owner = kit::owner(&app).await;
    (app, owner)
}

/// Runs a text, and waits for its end.
async fn run(browser: &Browser, path: &str, sql: &str) -> String {
    let reply = browser.post(path, &[("sql", sql)]).await.expect_status(303);
    let place = reply.header("location").expect("a run").to_owned();
    page(browser, &place).await
}

async fn page(browser: &Browser, place: &str) -> String {
    loop {
        let page = browser.get(place).await.expect_status(200).text;
        if !page.contains("class=\"running\"") {
            return page;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

fn location(reply: &Reply) -> String {
    reply.header("location").expect("an address").to_owned()
}

#[tokio::test]
async fn a_run_shows_its_rows_and_how_many_there_are() {
    let (_app, owner) = project().await;

    let text = "select id, body from notes order by id; select '<b>' as bold, null as nothing";
    let page = run(&owner, "/console/sql/run", text).await;

    for expected in [
        "First 100 rows; there are more",
        "<td class=\"value\">note 100</td>",
        "&#60;b&#62;",
        "<td class=\"quiet\">null</td>",
        "Read only, nothing kept.",
        "by olga@shop.example",
    ] {
        assert!(page.contains(expected), "{expected} in {page}");
    }
    assert!(
        !page.contains("note 101") && !page.contains("<b>"),
        "{page}"
    );
}

#[tokio::test]
async fn a_mistake_is_shown_with_its_place() {
    let (_app, owner) = project().await;

    let page = run(
        &owner,
        "/console/sql/run",
        "select 1;\r\nselect bodi from notes",
    )
    .await;

    assert!(
        page.contains("Column &#34;bodi&#34; does not exist."),
        "{page}"
    );
    assert!(page.contains("Line 2, column 8"), "{page}");
    assert!(page.contains("42703"), "{page}");
    let ended = run(&owner, "/console/sql/run", "commit").await;
    assert!(ended.contains("A run is one transaction"), "{ended}");
}

#[tokio::test]
async fn an_editor_reads_and_an_owner_writes() {
    let (app, owner) = project().await;
    let editor = kit::admin(&app, &owner, "editor").await;
    let viewer = kit::admin(&app, &owner, "viewer").await;
    let delete = [("sql", "delete from notes where id = 7")];

    let refused = run(&editor, "/console/sql/run", delete[0].1).await;
    assert!(
        refused.contains("Nothing was kept.") || refused.contains("Read only"),
        "{refused}"
    );
    assert!(refused.contains("25006"), "{refused}");
    editor
        .post("/console/sql/write", &delete)
        .await
        .expect_status(403);
    viewer
        .post("/console/sql/run", &delete)
        .await
        .expect_status(403);
    let left = run(
        &owner,
        "/console/sql/run",
        "select count(*) as left from notes",
    )
    .await;
    assert!(left.contains(">120</td>"), "{left}");

    let written = run(&owner, "/console/sql/write", delete[0].1).await;
    assert!(
        written.contains("1 row changed") && written.contains("Kept."),
        "{written}"
    );
    let left = run(
        &owner,
        "/console/sql/run",
        "select count(*) as left from notes",
    )
    .await;
    assert!(left.contains(">119</td>"), "{left}");
    let log = owner
        .get_part("/console/audit?action=sql+written")
        .await
        .text;
    assert!(log.contains("olga@shop.example"), "{log}");
}

#[tokio::test]
async fn a_stale_proof_writes_nothing() {
    let (app, owner) = project().await;
    app.advance(11 * 60);

    let fields = [("sql", "delete from notes"), ("here", "/console/sql")];
    let reply = owner
        .post("/console/sql/write", &fields)
        .await
        .expect_status(303);

    assert!(
        location(&reply).starts_with("/console/reauth?next="),
        "{reply:?}"
    );
    let page = owner.get("/console/sql").await.text;
    assert!(page.contains("Confirm that it is you"), "{page}");
    let left = run(
        &owner,
        "/console/sql/run",
        "select count(*) as left from notes",
    )
    .await;
    assert!(left.contains(">120</td>"), "{left}");
}

#[tokio::test]
async fn what_opens_accounts_is_not_read_by_sql() {
    let (_app, owner) = project().await;

    for table in ["auth.users", "postern.admins", "postern.signing_keys"] {
        for path in ["/console/sql/run", "/console/sql/write"] {
            let page = run(&owner, path, &format!("select * from {table}")).await;
            assert!(page.contains("42501"), "{table} by {path}: {page}");
        }
    }
}

#[tokio::test]
async fn a_login_that_reaches_too_far_is_no_login_for_the_console() {
    let app = kit::app().migrations(NOTES);
    let app = app.console_as_superuser().start().await;
    let owner = kit::owner(&app).await;

    let page = run(&owner, "/console/sql/run", "select 1").await;

    assert!(
        page.contains("SQL is off, because its login reaches too far"),
        "{page}"
    );
    assert!(page.contains("as a superuser"), "{page}");
}

#[tokio::test]
async fn a_snippet_has_versions_and_a_stale_save_loses_no_text() {
    let (app, owner) = project().await;
    let editor = kit::admin(&app, &owner, "editor").await;

    let first = [("name", "Latest notes"), ("sql", "select 1")];
    let place = location(&owner.post("/console/sql", &first).await.expect_status(303));
    let second = [
        ("name", "Latest notes"),
        ("sql", "select 2"),
        ("version", "1"),
    ];
    editor.post(&place, &second).await.expect_status(303);
    let late = [
        ("name", "Latest notes"),
        ("sql", "select 3"),
        ("version", "1"),
    ];
    let reply = owner.post(&place, &late).await.expect_status(409);

    assert!(
        reply.text.contains("editor@shop.example saved version 2"),
        "{}",
        reply.text
    );
    assert!(reply.text.contains("select 3</textarea>"), "{}", reply.text);
    assert!(
        reply.text.contains("<pre tabindex=\"0\">select 2</pre>"),
        "{}",
        reply.text
    );
    assert!(
        reply.text.contains("name=\"version\" value=\"2\""),
        "{}",
        reply.text
    );
    let now = owner.get(&place).await.text;
    assert!(now.contains("select 2</textarea>"), "{now}");
    let older = owner.get(&format!("{place}?version=1")).await.text;
    assert!(older.contains("select 1</textarea>"), "{older}");

    let run = owner
        .post(
            "/console/sql/run",
            &[
                ("sql", "select 2"),
                ("snippet", place.rsplit('/').next().unwrap_or_default()),
                ("version", "2"),
            ],
        )
        .await;
    assert!(
        location(&run).starts_with(&format!("{place}/runs/")),
        "{run:?}"
    );
    owner
        .post(&format!("{place}/delete"), &[])
        .await
        .expect_status(303);
    owner.get(&place).await.expect_status(404);
}

#[tokio::test]
async fn a_name_is_needed_and_a_result_belongs_to_its_run() {
    let (app, owner) = project().await;
    let viewer = kit::admin(&app, &owner, "viewer").await;

    owner
        .post("/console/sql", &[("sql", "select 1")])
        .await
        .expect_status(400);
    let reply = owner
        .post("/console/sql/run", &[("sql", "select 'mine' as it")])
        .await;
    let place = location(&reply);
    page(&owner, &place).await;
    viewer.get(&place).await.expect_status(403);
    let elsewhere = place.replace("/new/", "/11111111-1111-4111-8111-111111111111/");
    owner.get(&elsewhere).await.expect_status(404);
    owner
        .get("/console/sql/new/runs/unknown")
        .await
        .expect_status(404);
    let shown = viewer.get("/console/sql").await.expect_status(200).text;
    assert!(shown.contains("Your role may read queries."), "{shown}");
    assert!(!shown.contains("data-run"), "{shown}");
}

#[tokio::test]
async fn rows_leave_as_files_that_spreadsheets_do_not_run() {
    let (_app, owner) = project().await;

    let text = "select '=1+1' as a, null as b, 'x,y' as c, 3 as d, true as e";
    let reply = owner.post("/console/sql/run", &[("sql", text)]).await;
    let place = location(&reply);
    page(&owner, &place).await;

    let csv = owner
        .get(&format!("{place}/1.csv"))
        .await
        .expect_status(200);
    assert_eq!(csv.text, "a,b,c,d,e\r\n\"'=1+1\",,\"x,y\",3,t\r\n");
    let disposition = csv.header("content-disposition").expect("a name");
    assert!(disposition.starts_with("attachment"), "{disposition}");
    let json = owner
        .get(&format!("{place}/1.json"))
        .await
        .expect_status(200);
    assert_eq!(json.json()[0]["a"], "=1+1");
    assert_eq!(json.json()[0]["d"], 3);
    for wrong in ["2.csv", "0.csv", "1.exe", "csv"] {
        owner
            .get(&format!("{place}/{wrong}"))
            .await
            .expect_status(404);
    }
}

#[tokio::test]
async fn a_plan_is_a_tree_and_runs_nothing_that_writes() {
    let (_app, owner) = project().await;
    let ask = async |sql: &str, answer: &str| {
        let fields = [("sql", sql), ("answer", answer)];
        let reply = owner.post("/console/sql/run", &fields).await;
        page(&owner, &location(&reply)).await
    };

    let plan = ask(
        "select * from notes where body > 'a' order by body",
        "measured",
    )
    .await;
    assert!(plan.contains("Seq Scan on notes"), "{plan}");
    assert!(plan.contains("Filter: <code>(notes.body"), "{plan}");
    assert!(plan.contains("Planned in"), "{plan}");
    let planned = ask("delete from notes", "plan").await;
    assert!(
        planned.contains("Delete") && !planned.contains("Planned in"),
        "{planned}"
    );
    let refused = ask("delete from notes", "measured").await;
    assert!(refused.contains("25006"), "{refused}");
    let none = ask("show jit", "plan").await;
    assert!(none.contains("This statement has no plan."), "{none}");
}

#[tokio::test]
async fn a_run_is_stopped() {
    let (_app, owner) = project().await;
    let reply = owner
        .post("/console/sql/run", &[("sql", "select pg_sleep(25)")])
        .await;
    let place = location(&reply);

    let page = loop {
        owner
            .post(&format!("{place}/stop"), &[])
            .await
            .expect_status(303);
        let page = owner.get(&place).await.text;
        if !page.contains("class=\"running\"") {
            break page;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    };

    assert!(page.contains("57014"), "{page}");
}

const POLICY: &str = r#"
table = "public.notes"

[columns.anon]
select = ["id"]

[columns.authenticated]
select = ["id", "body"]

[[allow]]
name = "the first ones"
roles = ["anon", "authenticated"]
for = ["select"]
where = "id <= 3"
"#;

#[tokio::test]
async fn somebody_else_sees_what_the_policies_let_them_see() {
    let app = kit::app().migrations(NOTES);
    let app = app.policy("public.notes.toml", POLICY).start().await;
    let owner = kit::owner(&app).await;
    kit::user(&app, "ann@mail.example").await;
    let ask = async |sql: &str, who: &str| {
        let fields = [
            ("sql", sql),
            ("answer", "asked"),
            ("who", who),
            ("user", "ann@mail.example"),
        ];
        let reply = owner.post("/console/sql/run", &fields).await;
        page(&owner, &location(&reply.expect_status(303))).await
    };

    let seen = ask("select id, body from notes order by id", "user").await;
    assert!(seen.contains("3 rows") && seen.contains("note 3"), "{seen}");
    assert!(
        seen.contains("As ann@mail.example, through the policies."),
        "{seen}"
    );
    assert!(seen.contains("OFFSET 0"), "{seen}");
    let hidden = ask("select id,\n  body from notes", "anon").await;
    assert!(hidden.contains("Line 2, column 3"), "{hidden}");
    assert!(hidden.contains("may not read column `body`"), "{hidden}");
    for unsafe_text in [
        "delete from notes",
        "select * from auth.users",
        "select pg_sleep(1)",
        "select 1; select 2",
    ] {
        let refused = ask(unsafe_text, "anon").await;
        assert!(
            refused.contains("role=\"alert\""),
            "{unsafe_text}: {refused}"
        );
        assert!(
            !refused.contains("through the policies.</p><details>"),
            "{unsafe_text}"
        );
    }
}
