//! The bench: findings, statements, verdicts.

use postern_testkit::TestApp;
use serde_json::json;

use super::matrix::{NOTES, app};
use crate::it::kit;
use crate::it::kit::Browser;

const FILE: &str = "/console/policies/public.notes.toml";
const HOSTILE: &str = "<img src=x onerror=alert(1)>";

/// Sends the bench's form as htmx does.
async fn send(browser: &Browser, part: &str, fields: &[(&str, &str)]) -> String {
    let path = format!("{FILE}/{part}");
    let form = [("form", browser.form.as_str())];
    let fields = [fields, &form].concat();
    let headers = [("sec-fetch-site", "same-origin"), ("hx-request", "true")];
    let reply = browser.post_with(&path, &fields, &headers).await;
    reply.expect_status(200).text
}

/// A note of each of two users; the first one's id and token.
async fn notes(app: &TestApp) -> (String, String) {
    let ann = kit::user(app, "ann@mail.example").await;
    let ben = kit::user(app, "ben@mail.example").await;
    let sql = app.sql().await;
    for (user, body) in [(&ann, "of ann"), (&ben, "of ben")] {
        let insert =
            "insert into public.notes (owner_id, body, secret) values ($1::text::uuid, $2, 'k')";
        sql.execute(insert, &[&kit::id(user), &body])
            .await
            .expect("a row");
    }
    let token = ann["access_token"].as_str().expect("a token").to_owned();
    (kit::id(&ann), token)
}

/// The rows of a verdict: allowed or denied, and what the row says.
fn verdicts(part: &str) -> Vec<(&str, bool)> {
    let rows = part.split("<tr class=\"").skip(1);
    let row = |row: &'_ str| (row.starts_with("allowed"), row.contains("of ann"));
    rows.map(|it| match row(it) {
        (is_allowed, true) => ("ann", is_allowed),
        (is_allowed, false) => ("ben", is_allowed),
    })
    .collect()
}

#[tokio::test]
async fn the_page_holds_the_file_as_it_lies() {
    let app = app().await;
    let owner = kit::owner(&app).await;

    let page = owner.get(FILE).await.expect_status(200).text;

    assert!(page.contains("name = &#34;own notes&#34;"), "{page}");
    assert!(
        page.contains("<script src=\"/console/assets/editor-"),
        "{page}"
    );
    for word in ["owner_id", "auth.uid()", "public.orders", "staff"] {
        assert!(page.contains(&format!("value=\"{word}\"")), "{word}");
    }
    assert!(page.contains("No findings"), "{page}");
    assert!(
        page.contains("<mark title=\"allow &#34;own notes&#34;"),
        "{page}"
    );
    for name in [
        "nothing.txt",
        "..%2Fpostern.toml",
        ".toml",
        "notes.test.toml",
    ] {
        let path = format!("/console/policies/{name}");
        owner.get(&path).await.expect_status(404);
    }
}

#[tokio::test]
async fn a_table_without_a_file_gets_a_starter() {
    let app = app().await;
    let owner = kit::owner(&app).await;
    let path = "/console/policies/public.orders.toml";

    let page = owner.get(path).await.expect_status(200).text;
    assert!(page.contains("template=read-only"), "{page}");
    assert!(!page.contains("template=owner"), "it has no owner: {page}");

    let page = owner.get(&format!("{path}?template=read-only")).await.text;
    assert!(page.contains("everybody signed in"), "{page}");
    assert!(page.contains("No findings"), "{page}");
    let sql = app.sql().await;
    let count = "select count(*) from public.orders";
    assert_eq!(
        sql.query_one(count, &[])
            .await
            .expect("a count")
            .get::<_, i64>(0),
        0
    );
}

#[tokio::test]
async fn findings_stand_at_their_places_and_are_text() {
    let app = app().await;
    let owner = kit::owner(&app).await;
    let hostile = NOTES.replace("own notes", HOSTILE);
    let wrong = hostile.replace("where = \"owner_id", "where = \"owner_ib");

    let part = send(&owner, "check", &[("text", &wrong)]).await;

    assert!(part.contains("data-line=\"22\""), "{part}");
    assert!(part.contains("owner_ib"), "{part}");
    assert!(part.contains("data-severity=\"error\""), "{part}");
    let part = send(&owner, "check", &[("text", &hostile)]).await;
    assert!(part.contains("&#60;img src=x"), "{part}");
    assert!(!part.contains("<img"), "{part}");
    let part = send(&owner, "check", &[("text", "table = \"public.x\"\n<b>")]).await;
    assert!(part.contains("no valid TOML"), "{part}");
    assert!(!part.contains("<b>"), "{part}");
    let lies = owner.get(FILE).await.text;
    assert!(
        lies.contains("own notes"),
        "a check changes nothing: {lies}"
    );
}

#[tokio::test]
async fn a_finding_with_an_obvious_edit_is_mended_at_a_click() {
    let app = app().await;
    let owner = kit::owner(&app).await;
    let viewer = kit::admin(&app, &owner, "viewer").await;
    let wrong = NOTES.replace("where = \"owner_id", "# ä 😀\nwhere = \"owner_ib");

    let part = send(&owner, "check", &[("text", &wrong)]).await;

    let rest = part.split_once("name=\"mend\" value=\"").expect("a fix").1;
    let mark = rest.split('"').next().unwrap_or_default();
    let from = wrong
        .split_once("owner_ib")
        .expect("it")
        .0
        .encode_utf16()
        .count();
    assert!(part.contains(&format!("data-from=\"{from}\"")), "{part}");
    assert!(
        part.contains("data-old=\"owner_ib\" data-new=\"owner_id\""),
        "{part}"
    );
    let fields = [("text", wrong.as_str()), ("mend", mark)];
    let page = owner.post(&format!("{FILE}/check"), &fields).await;
    let page = page.expect_status(200).text;
    assert!(
        page.contains("where = &#34;owner_id = auth.uid()"),
        "{page}"
    );
    assert!(page.contains("No findings"), "{page}");
    let stale = [("text", NOTES), ("mend", mark)];
    let page = owner.post(&format!("{FILE}/check"), &stale).await.text;
    assert!(page.contains("No findings"), "{page}");
    let part = send(&viewer, "check", &[("text", &wrong)]).await;
    assert!(
        part.contains("did you mean") && !part.contains("name=\"mend\""),
        "{part}"
    );
}

#[tokio::test]
async fn a_draft_says_for_whom_it_is_wider() {
    let app = app().await;
    let owner = kit::owner(&app).await;
    let open = NOTES.replace("where = \"owner_id = auth.uid()\"", "where = \"true\"");

    let part = send(&owner, "check", &[("text", &open), ("sql_role", "staff")]).await;

    assert!(part.contains("wider"), "{part}");
    assert!(part.contains("public.notes"), "{part}");
    assert!(part.contains("<option selected>staff</option>"), "{part}");
    let same = send(&owner, "check", &[("text", NOTES)]).await;
    assert!(!same.contains("wider"), "{same}");
}

#[tokio::test]
async fn rows_are_judged_with_each_callers_eyes() {
    let app = app().await;
    let owner = kit::owner(&app).await;
    let (ann, token) = notes(&app).await;
    let claims = json!({ "role": "authenticated", "sub": ann }).to_string();

    for caller in [
        &[("who", "user"), ("user", "ann@mail.example")][..],
        &[("who", "user"), ("user", ann.as_str())],
        &[("who", "token"), ("token", token.as_str())],
        &[("who", "claims"), ("claims", claims.as_str())],
    ] {
        for verb in ["select", "delete"] {
            let fields = [caller, &[("text", NOTES), ("verb", verb)]].concat();
            let part = send(&owner, "judge", &fields).await;
            let mut found = verdicts(&part);
            found.sort_unstable();
            assert_eq!(found, [("ann", true), ("ben", false)], "{caller:?} {part}");
            assert!(part.contains("owner_id = auth.uid()"), "{part}");
            assert!(part.contains("is false"), "{part}");
            assert!(
                part.contains("data-editor=\"editor\" data-line=\""),
                "{part}"
            );
        }
    }
    let anon = [("who", "anon"), ("text", NOTES), ("verb", "select")];
    let part = send(&owner, "judge", &anon).await;
    assert_eq!(verdicts(&part), [("ann", false), ("ben", false)], "{part}");
    assert!(part.contains("does not exist for them"), "{part}");
}

#[tokio::test]
async fn writes_are_judged_and_nothing_is_written() {
    let app = app().await;
    let owner = kit::owner(&app).await;
    let (ann, _) = notes(&app).await;
    let as_ann = [("who", "user"), ("user", ann.as_str()), ("text", NOTES)];
    let judge = async |fields: &[(&str, &str)]| {
        let fields = [&as_ann[..], fields].concat();
        send(&owner, "judge", &fields).await
    };

    let insert = [
        ("verb", "insert"),
        ("values", "{\"body\": \"of ann, new\"}"),
    ];
    let part = judge(&insert).await;
    assert_eq!(verdicts(&part), [("ann", true)], "{part}");
    assert!(part.contains("Not tried here"), "{part}");
    let foreign = [("verb", "insert"), ("values", "{\"secret\": \"of ann\"}")];
    let part = judge(&foreign).await;
    assert!(part.contains("The column secret is not granted"), "{part}");
    assert_eq!(verdicts(&part), [("ann", false)], "{part}");
    let update = [
        ("verb", "update"),
        ("values", "{\"body\": \"x\"}"),
        ("key", "id=1"),
    ];
    let part = judge(&update).await;
    assert_eq!(verdicts(&part), [("ann", true)], "{part}");
    let request = [(
        "request",
        "supabase.from('notes').update({ body: 'x' }).eq('id', 2)",
    )];
    let part = judge(&request).await;
    assert_eq!(verdicts(&part), [("ben", false)], "{part}");

    let sql = app.sql().await;
    let all = "select string_agg(body, ',' order by id), max(id) from public.notes";
    let row = sql.query_one(all, &[]).await.expect("a row");
    assert_eq!(row.get::<_, String>(0), "of ann,of ben");
    let next = "select last_value from public.notes_id_seq";
    assert_eq!(
        sql.query_one(next, &[])
            .await
            .expect("a row")
            .get::<_, i64>(0),
        2
    );
}

#[tokio::test]
async fn a_request_names_rows_in_the_grammar_of_the_api() {
    let app = app().await;
    let owner = kit::owner(&app).await;
    let (ann, _) = notes(&app).await;
    let sql = app.sql().await;
    let more = "insert into public.notes (owner_id, body) values ($1::text::uuid, 'of ann, too')";
    sql.execute(more, &[&ann]).await.expect("a row");
    let judge = async |request: &str| {
        let fields = [
            ("who", "user"),
            ("user", ann.as_str()),
            ("text", NOTES),
            ("request", request),
        ];
        send(&owner, "judge", &fields).await
    };

    for (request, expected) in [
        (
            "GET /rest/v1/notes?or=(id.eq.2,id.eq.3)",
            &[("ann", true), ("ben", false)][..],
        ),
        (
            "GET /rest/v1/notes?not.and=(id.gt.1,body.like.*too)&id=gt.1",
            &[("ben", false)],
        ),
        ("GET /rest/v1/notes?body=match.too$", &[("ann", true)]),
        (
            "GET /rest/v1/notes?id=in.(1,2)&owner_id=not.is.null",
            &[("ann", true), ("ben", false)],
        ),
        (
            "GET /rest/v1/notes?order=id.desc&limit=1",
            &[("ann", true), ("ben", false)],
        ),
        ("DELETE /rest/v1/notes?id=gte.3", &[("ann", true)]),
        (
            "supabase.from('notes').update({ body: 'x' }).lt('id', 2)",
            &[("ann", true)],
        ),
        (
            "POST /rest/v1/notes\n\n[{\"body\": \"of ann 1\"}, {\"body\": \"of ann 2\"}]",
            &[("ann", true), ("ann", true)],
        ),
    ] {
        let part = judge(request).await;
        let mut found = verdicts(&part);
        found.sort_unstable();
        assert_eq!(found, expected, "{request}: {part}");
    }
    let part = judge("GET /rest/v1/notes?order=id.desc&limit=1&id=lte.3").await;
    assert!(
        part.contains("of ann, too"),
        "the first of the order: {part}"
    );
    let part = judge("GET /rest/v1/notes?body=eq.of%20ben").await;
    assert!(part.contains("The mask of body"), "{part}");
    let part = judge("GET /rest/v1/notes?secret=eq.k").await;
    assert!(part.contains("The API answers"), "{part}");
    assert!(
        !part.contains("class=\"allowed"),
        "hidden columns are refused: {part}"
    );
    for (request, said) in [
        ("GET /rest/v1/notes?id=nonsense.4", "nonsense"),
        ("GET /rest/v1/notes?id=eq.four", "four"),
        ("GET /rest/v1/nothing?id=eq.4", "nothing"),
    ] {
        let part = judge(request).await;
        assert!(part.contains("That cannot be tried"), "{request}: {part}");
        assert!(part.contains(said), "{request}: {part}");
    }
}

#[tokio::test]
async fn a_draft_is_compared_with_what_is_in_force() {
    let app = app().await;
    let owner = kit::owner(&app).await;
    let (ann, _) = notes(&app).await;
    let theirs = NOTES.replace("where = \"owner_id = ", "where = \"owner_id <> ");

    let fields = [("who", "user"), ("user", ann.as_str()), ("text", &theirs)];
    let part = send(&owner, "judge", &fields).await;

    assert!(part.contains("1 gained"), "{part}");
    assert!(part.contains("1 lost"), "{part}");
    let mut found = verdicts(&part);
    found.sort_unstable();
    assert_eq!(found, [("ann", false), ("ben", true)], "{part}");
    assert!(
        part.contains("masked"),
        "a note of somebody else is masked: {part}"
    );
}

#[tokio::test]
async fn a_draft_that_loses_an_index_says_what_it_costs() {
    let app = app().await;
    let owner = kit::owner(&app).await;
    let (ann, _) = notes(&app).await;
    let sql = app.sql().await;
    let many = "insert into public.notes (owner_id, body) \
                select gen_random_uuid(), 'x' from generate_series(1, 20000); analyze public.notes";
    sql.batch_execute(many).await.expect("rows");
    let slow = NOTES.replace(
        "where = \"owner_id = auth.uid()\"",
        "where = \"owner_id::text = auth.jwt() ->> 'sub'\"",
    );
    let judge = async |text: &str, request: &str| {
        let fields = [
            ("who", "user"),
            ("user", ann.as_str()),
            ("text", text),
            ("request", request),
        ];
        send(&owner, "judge", &fields).await
    };

    let part = judge(&slow, "GET /rest/v1/notes?select=id").await;
    assert!(part.contains("Dearer than what is in force"), "{part}");
    assert!(
        part.contains("notes is read from one end to the other"),
        "{part}"
    );
    let part = judge(&slow, "PATCH /rest/v1/notes?id=eq.1\n{\"body\": \"y\"}").await;
    assert!(part.contains("plan cost"), "{part}");
    assert!(
        !part.contains("one end to the other"),
        "its key leads to the row: {part}"
    );
    let part = judge(NOTES, "GET /rest/v1/notes?select=id").await;
    assert!(
        part.contains("plan cost") && !part.contains("in force ("),
        "{part}"
    );
    let part = judge(NOTES, "GET /rest/v1/notes?select=secret").await;
    assert!(
        !part.contains("plan cost"),
        "what is refused has no plan: {part}"
    );
    let body = sql
        .query_one("select body from public.notes where id = 1", &[])
        .await;
    assert_eq!(body.expect("a row").get::<_, String>(0), "of ann");
}

#[tokio::test]
async fn what_cannot_be_tried_says_why() {
    let app = app().await;
    let owner = kit::owner(&app).await;
    kit::user(&app, "ann@mail.example").await;
    kit::user(&app, "anna@mail.example").await;

    for (fields, said) in [
        (&[("who", "user"), ("user", "nn")][..], "2 users fit"),
        (&[("who", "user"), ("user", "zoe")], "No user has this"),
        (
            &[("who", "token"), ("token", "a.b.c")],
            "The token is refused",
        ),
        (&[("who", "claims"), ("claims", "[1]")], "no JSON object"),
        (&[("who", "persona"), ("persona", "sam")], "no such persona"),
        (&[("verb", "insert")], "needs the new row"),
        (&[("key", "id")], "write column=value"),
        (&[("key", "nothing=1")], "notes.nothing does not exist"),
        (&[("request", "DROP TABLE notes")], "no request"),
        (&[("text", "table = 3")], "Mend the errors"),
    ] {
        let fields = [fields, &[("text", NOTES)]].concat();
        let part = send(&owner, "judge", &fields).await;
        assert!(part.contains("That cannot be tried"), "{fields:?} {part}");
        assert!(part.contains(said), "{said}: {part}");
    }
}

#[tokio::test]
async fn the_form_works_without_a_script() {
    let app = app().await;
    let owner = kit::owner(&app).await;
    let (ann, _) = notes(&app).await;
    let fields = [
        ("try", "1"),
        ("who", "user"),
        ("user", ann.as_str()),
        ("text", NOTES),
    ];

    let page = owner.post(&format!("{FILE}/judge"), &fields).await;

    let page = page.expect_status(200).text;
    assert!(page.starts_with("<!doctype html>"), "{page}");
    assert!(page.contains("1 allowed"), "{page}");
    assert!(page.contains(&format!("value=\"{ann}\"")), "{page}");
}
