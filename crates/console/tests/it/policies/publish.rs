//! Review, publication, versions, tests: what is written, and by whom.

use postern_testkit::TestApp;
use serde_json::Value;

use super::matrix::{NOTES, app};
use crate::it::kit;
use crate::it::kit::Browser;

const FILE: &str = "/console/policies/public.notes.toml";
const ORDERS: &str = "/console/policies/public.orders.toml";
const HOSTILE: &str = "<img src=x onerror=alert(1)>";

/// The mark of the text that the review was made of.
fn seen(page: &str) -> String {
    let rest = page.split_once("name=\"seen\" value=\"").expect("a mark").1;
    rest.split('"').next().unwrap_or_default().to_owned()
}

async fn review(browser: &Browser, file: &str, text: &str) -> String {
    let reply = browser
        .post(&format!("{file}/review"), &[("text", text)])
        .await;
    reply.expect_status(200).text
}

async fn publish(browser: &Browser, file: &str, text: &str) -> String {
    let mark = seen(&review(browser, file, text).await);
    let fields = [
        ("text", text),
        ("seen", &mark),
        ("reason", "because of a test"),
    ];
    let reply = browser.post(&format!("{file}/publish"), &fields).await;
    let reply = reply.expect_status(303);
    reply.header("location").expect("a place").to_owned()
}

async fn count(app: &TestApp, token: &str) -> usize {
    let user = app.anon().with_token(token);
    let rows: Value = user
        .get("/rest/v1/notes?select=id")
        .send()
        .await
        .expect_status(200)
        .json();
    rows.as_array().map_or(0, Vec::len)
}

#[tokio::test]
async fn a_published_policy_is_obeyed_noted_and_brought_back() {
    let app = app().await;
    let owner = kit::owner(&app).await;
    let editor = kit::admin(&app, &owner, "editor").await;
    let ann = kit::user(&app, "ann@mail.example").await;
    let token = ann["access_token"].as_str().expect("a token");
    let sql = app.sql().await;
    let insert = "insert into public.notes (owner_id, body) values (gen_random_uuid(), 'x')";
    sql.batch_execute(insert).await.expect("a row");
    assert_eq!(count(&app, token).await, 0);
    let open = NOTES.replace("where = \"owner_id = auth.uid()\"", "where = \"true\"");

    let page = review(&editor, FILE, &open).await;
    assert!(page.contains("<tr class=\"out\">"), "{page}");
    assert!(page.contains("<tr class=\"in\">"), "{page}");
    assert!(page.contains("wider"), "{page}");
    let place = publish(&editor, FILE, &open).await;

    assert_eq!(place, format!("{FILE}?published=live"));
    assert_eq!(count(&app, token).await, 1);
    let page = owner.get(&place).await.expect_status(200).text;
    assert!(page.contains("written and in force"), "{page}");
    let log = owner
        .get_part("/console/audit?action=admin+policy+published")
        .await
        .text;
    assert!(log.contains("editor@shop.example"), "{log}");
    let versions = owner
        .get(&format!("{FILE}/history"))
        .await
        .expect_status(200)
        .text;
    for said in [
        "because of a test",
        "editor@shop.example",
        "in the folder now",
    ] {
        assert!(versions.contains(said), "{said}: {versions}");
    }

    publish(&owner, FILE, NOTES).await;
    assert_eq!(count(&app, token).await, 0);
    let versions = owner.get(&format!("{FILE}/history")).await.text;
    assert!(versions.contains("Bring this version back"), "{versions}");
    assert!(!versions.contains("Changed on disk"), "{versions}");

    let edited = NOTES.replace("\"own notes\"", "\"my own notes\"");
    assert_ne!(edited, NOTES);
    app.write_policy("public.notes.toml", &edited);
    let versions = owner.get(&format!("{FILE}/history")).await.text;
    let list = versions.split_once("class=\"versions\"").expect("a list").1;
    let (newest, rest) = list.split_once("</li>").expect("a version");
    assert!(newest.contains("Changed on disk"), "{newest}");
    assert!(newest.contains("in the folder now"), "{newest}");
    assert!(!rest.contains("Changed on disk"), "{rest}");
}

#[tokio::test]
async fn a_new_file_opens_a_table_and_its_removal_closes_it() {
    let app = app().await;
    let owner = kit::owner(&app).await;
    let editor = kit::admin(&app, &owner, "editor").await;
    let text = "table = \"public.orders\"\n[columns.anon]\nselect = [\"id\"]\n\
                [[allow]]\nname = \"all\"\nroles = [\"anon\"]\nfor = [\"select\"]\n\
                where = \"true\"\n";
    let path = "/rest/v1/orders?select=id";
    app.anon().get(path).send().await.expect_status(404);

    let page = review(&editor, ORDERS, text).await;
    assert!(page.contains("not there yet"), "{page}");
    publish(&editor, ORDERS, text).await;
    app.anon().get(path).send().await.expect_status(200);

    let remove = format!("{ORDERS}/remove");
    editor
        .post(&remove, &[("reason", "x")])
        .await
        .expect_status(403);
    app.advance(11 * 60);
    let reply = owner
        .post(&remove, &[("reason", "x")])
        .await
        .expect_status(303);
    let location = reply.header("location").expect("a place");
    assert!(location.starts_with("/console/reauth"), "{location}");
    app.anon().get(path).send().await.expect_status(200);
    let proof = [("password", kit::PASSWORD), ("next", "/console")];
    owner
        .post("/console/reauth", &proof)
        .await
        .expect_status(303);
    owner
        .post(&remove, &[("reason", "x")])
        .await
        .expect_status(303);
    app.anon().get(path).send().await.expect_status(404);
}

#[tokio::test]
async fn what_must_not_be_published_is_not() {
    let app = app().await;
    let owner = kit::owner(&app).await;
    let viewer = kit::admin(&app, &owner, "viewer").await;
    let open = NOTES.replace("where = \"owner_id = auth.uid()\"", "where = \"true\"");
    let mark = seen(&review(&owner, FILE, &open).await);
    let wrong = open.replace("[[allow]]", "[[alow]]");
    let publish = format!("{FILE}/publish");

    for (text, seen, reason, said) in [
        (open.as_str(), mark.as_str(), "", "Say why"),
        (open.as_str(), mark.as_str(), "  ", "Say why"),
        (&wrong, &mark, "x", "has errors"),
        (NOTES, &mark, "x", "the same as the file"),
        (&open, "0", "x", "Somebody has changed the file"),
    ] {
        let fields = [("text", text), ("seen", seen), ("reason", reason)];
        let page = owner.post(&publish, &fields).await.expect_status(200).text;
        assert!(page.contains(said), "{said}: {page}");
    }
    let fields = [("text", open.as_str()), ("seen", &mark), ("reason", "x")];
    viewer.post(&publish, &fields).await.expect_status(403);
    let stray = "/console/policies/..%2Fevil.toml/publish";
    owner.post(stray, &fields).await.expect_status(404);
    let page = owner.get(FILE).await.text;
    assert!(
        page.contains("own notes") && !page.contains("where = &#34;true&#34;"),
        "{page}"
    );
}

#[tokio::test]
async fn a_patch_is_offered_where_a_folder_is_for_deployments_only() {
    let app = app().await;
    let owner = kit::owner(&app).await;
    let open = NOTES.replace("own notes", "all notes");

    let reply = owner
        .post(&format!("{FILE}/patch"), &[("text", &open)])
        .await;

    let reply = reply.expect_status(200);
    assert_eq!(
        reply.header("content-type"),
        Some("text/x-diff; charset=utf-8")
    );
    let text = &reply.text;
    assert!(
        text.starts_with("--- a/policies/public.notes.toml\n+++ b/"),
        "{text}"
    );
    assert!(
        text.contains("-name = \"own notes\"\n+name = \"all notes\"\n"),
        "{text}"
    );
}

#[tokio::test]
async fn a_case_of_the_bench_becomes_a_test_that_runs() {
    let app = app().await;
    let owner = kit::owner(&app).await;
    let ann = kit::user(&app, "ann@mail.example").await;
    let sql = app.sql().await;
    let insert = "insert into public.notes (owner_id, body) \
                  values ($1::text::uuid, 'mine'), (gen_random_uuid(), 'theirs')";
    sql.execute(insert, &[&kit::id(&ann)]).await.expect("rows");
    let fields = [
        ("text", NOTES),
        ("who", "user"),
        ("user", "ann@mail.example"),
    ];

    let page = owner
        .post(&format!("{FILE}/case"), &fields)
        .await
        .expect_status(200)
        .text;

    let case = page
        .split_once("spellcheck=\"false\">\n")
        .expect("a text")
        .1;
    let case = case.split("</textarea>").next().unwrap_or_default();
    let case = case
        .replace("&#34;", "\"")
        .replace("&#39;", "'")
        .replace("&#60;", "<");
    assert!(
        case.contains("request = \"GET /rest/v1/notes?select=id\""),
        "{case}"
    );
    assert!(case.contains("rows = [{ \"id\" = 1 }]"), "{case}");
    let tests = format!("{FILE}/tests");
    let save = [("name", "ann-reads"), ("case", case.as_str())];
    let reply = owner.post(&tests, &save).await.expect_status(303);
    assert_eq!(reply.header("location"), Some(&*format!("{tests}?saved")));
    let again = owner.post(&tests, &save).await.expect_status(200).text;
    assert!(again.contains("already"), "{again}");
    for name in ["../x", "", ".x", "a/b"] {
        let page = owner.post(&tests, &[("name", name), ("case", &case)]).await;
        assert!(
            page.text.contains("The name has letters"),
            "{name}: {}",
            page.text
        );
    }
    let broken = owner
        .post(&tests, &[("name", "b"), ("case", "[[case]]")])
        .await
        .text;
    assert!(broken.contains("does not say who asks"), "{broken}");

    let shown = owner.get(&tests).await.expect_status(200).text;
    assert!(shown.contains("tests/ann-reads.test.toml"), "{shown}");
    let page = owner.get(FILE).await.text;
    assert!(
        page.contains("ann@mail.example") || page.contains("<option"),
        "{page}"
    );
}

#[tokio::test]
async fn attack_77_texts_of_policies_are_text_everywhere() {
    let app = app().await;
    let owner = kit::owner(&app).await;
    let hostile = NOTES.replace("own notes", HOSTILE).replace(
        "[limits.authenticated]",
        &format!("# {HOSTILE}\n[limits.authenticated]"),
    );
    kit::user(&app, "ann@mail.example").await;
    let sql = app.sql().await;
    let insert = format!(
        "insert into public.notes (owner_id, body) values (gen_random_uuid(), '{HOSTILE}')"
    );
    sql.batch_execute(&insert).await.expect("a row");

    let mark = seen(&review(&owner, FILE, &hostile).await);
    let fields = [
        ("text", hostile.as_str()),
        ("seen", &mark),
        ("reason", HOSTILE),
    ];
    owner
        .post(&format!("{FILE}/publish"), &fields)
        .await
        .expect_status(303);
    let claims = format!("{{\"role\": \"authenticated\", \"x\": \"{HOSTILE}\"}}");
    let judge = [
        ("text", hostile.as_str()),
        ("try", "1"),
        ("who", "claims"),
        ("claims", &claims),
        ("key", HOSTILE),
        ("request", HOSTILE),
        ("values", HOSTILE),
        ("user", HOSTILE),
    ];
    let try_it = [
        ("text", hostile.as_str()),
        ("try", "1"),
        ("who", "claims"),
        ("claims", &claims),
    ];

    let query = kit::encoded(&[
        ("table", "public.notes"),
        ("who", "claims"),
        ("claims", &claims),
    ]);
    let pages = [
        owner.get(FILE).await,
        owner.get(&format!("{FILE}/history")).await,
        owner.get(&format!("/console/policies/why?{query}")).await,
        owner
            .get(&format!(
                "/console/policies?{}",
                kit::encoded(&[("q", HOSTILE)])
            ))
            .await,
        owner.post(&format!("{FILE}/judge"), &judge).await,
        owner.post(&format!("{FILE}/judge"), &try_it).await,
        owner.post(&format!("{FILE}/review"), &fields).await,
        owner.post(&format!("{FILE}/case"), &try_it).await,
    ];
    for page in pages {
        assert!(page.status.is_success(), "{}", page.text);
        assert!(!page.text.contains("<img src=x"), "{}", page.text);
        let policy = page.header("content-security-policy").expect("a policy");
        assert!(!policy.contains("unsafe"), "{policy}");
    }
}
