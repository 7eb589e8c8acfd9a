//! Advisors, settings, and whether the audit log is whole.

use crate::it::kit;

/// A table that everybody may read, which the policy lints speak of.
const SCHEMA: &str = "create table public.notes (id bigint primary key, owner_id uuid);";
const POLICY: &str = r#"
table = "public.notes"

[columns.authenticated]
select = "*"

[[allow]]
name = "own notes"
roles = ["authenticated"]
for = ["select"]
where = "owner_id = auth.uid()"
"#;

/// The words by which the page would ignore its first finding.
fn first_finding(page: &str) -> String {
    let rest = page
        .split_once("name=\"finding\" value=\"")
        .expect("a finding")
        .1;
    let value = rest.split('"').next().unwrap_or_default();
    value
        .replace("&#39;", "'")
        .replace("&#34;", "\"")
        .replace("&quot;", "\"")
}

#[tokio::test]
async fn a_finding_is_ignored_for_a_reason_and_shown_again() {
    let app = kit::app()
        .migrations(SCHEMA)
        .policy("public.notes.toml", POLICY)
        .start()
        .await;
    let owner = kit::owner(&app).await;
    let page = owner.get("/console/advisors").await.expect_status(200).text;
    let finding = first_finding(&page);
    let ignore = "/console/advisors/ignore";

    let nameless = [("finding", finding.as_str()), ("reason", " ")];
    let refused = owner.post(ignore, &nameless).await.expect_status(400);
    assert!(refused.text.contains("Say why"), "{}", refused.text);
    let made_up = [("finding", "made-up: nothing"), ("reason", "because")];
    owner.post(ignore, &made_up).await.expect_status(400);
    let fields = [
        ("finding", finding.as_str()),
        ("reason", "small <b>table</b>"),
    ];
    owner.post(ignore, &fields).await.expect_status(303);

    let page = owner.get("/console/advisors").await.text;
    let ignored = page
        .split_once("somebody chose to live")
        .or(page.split_once("chose to live"));
    let ignored = ignored.expect("the ignored ones").1;
    assert!(ignored.contains("small &#60;b&#62;table") || ignored.contains("small &lt;b&gt;table"));
    assert!(ignored.contains(kit::OWNER), "{ignored}");
    let code = finding.split(':').next().expect("a code");
    let overview = owner.get("/console").await.expect_status(200).text;
    let what = finding.split_once(": ").expect("words").1;
    assert!(!overview.contains(what), "{code}: {overview}");
    let log = owner
        .get_part("/console/audit?action=admin+finding+ignored")
        .await
        .text;
    assert!(log.contains("admin finding ignored"), "{log}");

    let heed = "/console/advisors/heed";
    owner
        .post(heed, &[("finding", &finding)])
        .await
        .expect_status(303);
    let page = owner.get("/console/advisors").await.text;
    assert!(!page.contains("chose to live"), "{page}");
    owner
        .post("/console/advisors/run", &[])
        .await
        .expect_status(303);
}

#[tokio::test]
async fn settings_tell_where_they_come_from_and_no_secret() {
    let app = kit::app().setting("limits.rows_max", "123").start().await;
    let owner = kit::owner(&app).await;

    let written = owner
        .get("/console/settings/general")
        .await
        .expect_status(200)
        .text;
    let all = owner.get("/console/settings/general?show=all").await.text;
    let found = owner
        .get("/console/settings/general?q=POSTERN_LOGS")
        .await
        .text;

    assert!(
        written.contains("limits.rows_max") && written.contains("123"),
        "{written}"
    );
    assert!(!written.contains("logs.kept") && all.contains("logs.kept"));
    assert!(
        found.contains("logs.kept") && !found.contains("limits.rows_max"),
        "{found}"
    );
    assert!(all.contains("keys.master_key"), "{all}");
    for page in ["general?show=all", "database", "mail", "about"] {
        let address = format!("/console/settings/{page}");
        let text = owner.get(&address).await.expect_status(200).text;
        for secret in [app.secret_key(), app.master_key(), "a-secret-of-the-tests"] {
            assert!(!text.contains(secret), "{page} shows {secret}");
        }
        let (start, end) = (app.database().gateway_url(), app.database().auth_url());
        assert!(!text.contains(&start) && !text.contains(&end), "{page}");
    }
}

#[tokio::test]
async fn the_database_tells_of_itself() {
    let app = kit::app().migrations(SCHEMA).start().await;
    let owner = kit::owner(&app).await;

    let page = owner
        .get("/console/settings/database")
        .await
        .expect_status(200)
        .text;

    for part in [
        "Postgres 1",
        app.database().name(),
        "plpgsql",
        "public.notes",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
}

#[tokio::test]
async fn a_letter_goes_out_or_the_page_says_why_not() {
    let app = kit::app().start().await;
    let owner = kit::owner(&app).await;
    let path = "/console/settings/mail";

    let page = owner.get(path).await.expect_status(200).text;
    let sent = owner.post(path, &[("to", "ann@mail.example")]).await;
    let nowhere = owner.post(path, &[("to", "")]).await;
    let nobody = owner.post(path, &[("to", "no address")]).await;

    assert!(page.contains(kit::OWNER), "{page}");
    assert_eq!(sent.status, 200, "{}", sent.text);
    assert!(
        sent.text
            .contains("The letter to ann@mail.example was taken.")
    );
    assert_eq!(nowhere.status, 400, "{}", nowhere.text);
    assert_eq!(nobody.status, 502, "{}", nobody.text);
    assert!(
        nobody.text.contains("The letter did not go out."),
        "{}",
        nobody.text
    );
    let log = owner
        .get_part("/console/audit?action=admin+test+letter")
        .await
        .text;
    assert!(log.contains("admin test letter"), "{log}");
}

#[tokio::test]
async fn attack_82_the_page_says_that_somebody_changed_the_log() {
    let app = kit::app().start().await;
    let owner = kit::owner(&app).await;
    let sql = app.sql().await;
    let sealed = "select count(*) from auth.audit_log_entries where seq is not null";
    // The sealer comes a second later.
    for _ in 0..300 {
        let row = sql.query_one(sealed, &[]).await.expect("a count");
        if row.get::<_, i64>(0) > 0 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }

    let whole = owner
        .get("/console/audit/check")
        .await
        .expect_status(200)
        .text;
    let edit = "update auth.audit_log_entries set ip_address = '203.0.113.9' where seq = 1";
    sql.batch_execute(edit).await.expect("as arranged");
    let broken = owner
        .get("/console/audit/check")
        .await
        .expect_status(200)
        .text;

    assert!(
        whole.contains("The log is whole.") && whole.contains("id=\"mark\""),
        "{whole}"
    );
    assert!(broken.contains("Somebody changed the log."), "{broken}");
    assert!(
        broken.contains("entry 1 ") && broken.contains("was edited"),
        "{broken}"
    );
    assert!(!broken.contains("id=\"mark\""), "{broken}");
}
