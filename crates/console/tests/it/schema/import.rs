//! Rows out of CSV files.

use std::time::{Duration, Instant};

use postern_testkit::{Reply, TestApp, TestClient};

use super::shop;
use crate::it::kit;

const CUSTOMERS: &str = "/console/tables/public.customers/import";
const ORDERS: &str = "/console/tables/public.orders/import";

/// Sends a file as a browser does; the form's token stands before it.
async fn send(app: &TestApp, browser: &kit::Browser, path: &str, csv: &[u8]) -> Reply {
    send_form(app, browser, path, (&browser.form, csv)).await
}

async fn send_form(
    app: &TestApp,
    browser: &kit::Browser,
    path: &str,
    (token, csv): (&str, &[u8]),
) -> Reply {
    let mut body = format!(
        "--xx\r\nContent-Disposition: form-data; name=\"form\"\r\n\r\n{token}\r\n--xx\r\n\
         Content-Disposition: form-data; name=\"file\"; filename=\"list.csv\"\r\n\
         Content-Type: text/csv\r\n\r\n"
    )
    .into_bytes();
    body.extend_from_slice(csv);
    body.extend_from_slice(b"\r\n--xx--\r\n");
    let client = TestClient::new(app.address(), "none", None)
        .without_header("apikey")
        .without_header("authorization");
    let request = client.request("POST".parse().expect("a method"), path);
    let request = request.bytes("multipart/form-data; boundary=xx", body);
    let cookie = browser.cookie.clone().unwrap_or_default();
    let request = request.header("cookie", &cookie);
    let request = request.header("origin", app.address());
    request.header("sec-fetch-site", "same-origin").send().await
}

/// The page of a file that was taken.
async fn taken(app: &TestApp, browser: &kit::Browser, path: &str, csv: &str) -> String {
    let reply = send(app, browser, path, csv.as_bytes()).await;
    let reply = reply.expect_status(303);
    reply.header("location").expect("a place").to_owned()
}

/// Starts an import and waits for its end.
async fn imported(browser: &kit::Browser, page: &str, fields: &[(&str, &str)]) -> String {
    let reply = browser.post(page, fields).await.expect_status(303);
    assert_eq!(reply.header("location"), Some(page));
    let begun = Instant::now();
    loop {
        let text = browser.get_part(page).await.expect_status(200).text;
        if !text.contains("<progress") {
            return text;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "{text}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn count(app: &TestApp, table: &str) -> i64 {
    let sql = format!("select count(*) from public.{table}");
    app.sql()
        .await
        .query_one(&sql, &[])
        .await
        .expect("a count")
        .get(0)
}

#[tokio::test]
async fn a_file_finds_its_columns_and_goes_in_as_a_whole() {
    let app = shop().start().await;
    let owner = kit::owner(&app).await;
    let csv = "\u{feff}E-Mail;Name;Shoe size\r\na@x.example;\"Ann; the =first\";41\r\n\
               b@x.example;;42\r\nc@x.example;=1+1;43\r\n";
    let page = taken(&app, &owner, CUSTOMERS, csv).await;

    let shown = owner.get(&page).await.expect_status(200).text;
    assert!(
        shown.contains("<option value=\"email\" selected>"),
        "{shown}"
    );
    assert!(shown.contains("Shoe size"), "{shown}");
    assert!(
        !shown.contains("<option value=\"id\""),
        "a counted column takes no value: {shown}"
    );
    assert_eq!(count(&app, "customers").await, 0);
    let done = imported(
        &owner,
        &page,
        &[("f0", "email"), ("f1", "name"), ("f2", "")],
    )
    .await;

    assert!(done.contains("Imported rows: 3"), "{done}");
    let sql = "select string_agg(coalesce(name, 'none'), '|' order by email) from public.customers";
    let names: String = app
        .sql()
        .await
        .query_one(sql, &[])
        .await
        .expect("names")
        .get(0);
    assert_eq!(names, "Ann; the =first|none|=1+1");
    let log = owner
        .get_part("/console/audit?action=rows+imported")
        .await
        .text;
    assert!(log.contains(kit::OWNER), "{log}");
}

#[tokio::test]
async fn bad_lines_are_all_told_of_and_nothing_goes_in() {
    let app = shop().start().await;
    let owner = kit::owner(&app).await;
    app.sql()
        .await
        .batch_execute("insert into public.customers (email) values ('there@x.example')")
        .await
        .expect("a customer");
    let mut csv = String::from("customer_id,total_cents,note,state,placed_at\n");
    for line in 2..=10_001 {
        csv.push_str(match line {
            // Refused here, by the database, and by a constraint.
            17 => "1,lots,,good,2026-01-02\n",
            5_000 => "1,5,,bad,not a day\n",
            9_999 => "7,5,,good,2026-01-02\n",
            _ => "1,5,\"a note\",good,2026-01-02\n",
        });
    }
    let page = taken(&app, &owner, ORDERS, &csv).await;
    let fields = [
        ("f0", "customer_id"),
        ("f1", "total_cents"),
        ("f2", "note"),
        ("f3", "state"),
        ("f4", "placed_at"),
    ];

    let told = imported(&owner, &page, &fields).await;

    assert!(
        told.contains("Bad lines: 3. Nothing was imported"),
        "{told}"
    );
    for part in [
        "total_cents</td>",
        "“lots” is no whole number",
        "invalid input syntax for type timestamp with time zone",
        "violates foreign key constraint",
        "Import the good lines only: 9\u{202f}997",
    ] {
        assert!(
            told.to_lowercase().contains(&part.to_lowercase()),
            "{part}: {told}"
        );
    }
    assert_eq!(count(&app, "orders").await, 0);
    let file = owner.get(&format!("{page}/bad")).await.expect_status(200);
    assert_eq!(file.text.lines().count(), 4, "{}", file.text);
    assert!(
        file.text
            .contains("1,lots,,good,2026-01-02,\"17: total_cents:"),
        "{}",
        file.text
    );

    let done = imported(&owner, &page, &[("only", "good")]).await;
    assert!(done.contains("Imported rows: 9\u{202f}997"), "{done}");
    assert_eq!(count(&app, "orders").await, 9_997);
}

#[tokio::test]
async fn two_lines_with_one_key_are_found() {
    let app = shop().start().await;
    let owner = kit::owner(&app).await;
    let csv = "email\na@x.example\nb@x.example\na@x.example\nc@x.example\n";
    let page = taken(&app, &owner, CUSTOMERS, csv).await;

    let told = imported(&owner, &page, &[("f0", "email")]).await;

    assert!(told.contains("Bad lines: 1."), "{told}");
    assert!(told.contains("class=\"number\">4</th>"), "{told}");
    assert!(told.contains("Duplicate key"), "{told}");
    assert_eq!(count(&app, "customers").await, 0);
}

#[tokio::test]
async fn a_mapping_that_cannot_work_is_refused() {
    let app = shop().start().await;
    let owner = kit::owner(&app).await;
    let page = taken(&app, &owner, CUSTOMERS, "email,name\na@x.example,Ann\n").await;

    for (fields, words) in [
        (
            [("f0", "email"), ("f1", "email")],
            "Two fields would go into “email”",
        ),
        ([("f0", ""), ("f1", "name")], "These columns need a value"),
        (
            [("f0", "id"), ("f1", "no_such")],
            "These columns need a value",
        ),
    ] {
        let told = owner.post(&page, &fields).await.expect_status(422).text;
        assert!(told.contains(words), "{words}: {told}");
    }
    assert_eq!(count(&app, "customers").await, 0);
}

#[tokio::test]
async fn files_that_are_none_are_refused() {
    let app = shop().start().await;
    let owner = kit::owner(&app).await;

    for csv in ["".as_bytes(), b"\n\n", b"\xff\xfe\x00a\n1\n"] {
        let refused = send(&app, &owner, CUSTOMERS, csv).await;
        refused.expect_status(422);
    }
    let long = vec![b'x'; 33 * 1024 * 1024];
    let refused = send(&app, &owner, CUSTOMERS, &long)
        .await
        .expect_status(422);
    assert!(refused.text.contains("more than 32 MB"), "{}", refused.text);
    let plain = owner.post(CUSTOMERS, &[]).await.expect_status(422);
    assert!(plain.text.contains("Choose a file"), "{}", plain.text);
}

#[tokio::test]
async fn a_file_comes_only_with_a_form_of_the_session_and_stays_its_admins() {
    let app = shop().start().await;
    let owner = kit::owner(&app).await;
    let editor = kit::admin(&app, &owner, "editor").await;
    let viewer = kit::admin(&app, &owner, "viewer").await;
    let csv = "email\na@x.example\n";

    for (browser, token) in [
        (&owner, editor.form.as_str()),
        (&owner, ""),
        (&viewer, &viewer.form),
    ] {
        let refused = send_form(&app, browser, CUSTOMERS, (token, csv.as_bytes())).await;
        refused.expect_status(403);
    }
    let page = taken(&app, &editor, CUSTOMERS, csv).await;
    editor.get(&page).await.expect_status(200);
    owner.get(&page).await.expect_status(404);
    owner
        .post(&page, &[("f0", "email")])
        .await
        .expect_status(404);
    let elsewhere = page.replace("customers", "orders");
    editor.get(&elsewhere).await.expect_status(404);
}

#[tokio::test]
async fn an_import_ends_where_the_admin_wants_no_more_of_it() {
    let app = shop().start().await;
    let owner = kit::owner(&app).await;
    // A line with too many fields: the others are only tried, and wait for the table.
    let csv = "email\nann@x.example\nben@x.example,too many\n";
    let page = taken(&app, &owner, CUSTOMERS, csv).await;
    let shown = owner.get(&page).await.expect_status(200).text;
    assert!(
        shown.contains("a line whose key (id, email) is there already"),
        "{shown}"
    );
    let mut holder = app.sql().await;
    let lock = holder.transaction().await.expect("a transaction");
    lock.batch_execute("lock table public.customers in access exclusive mode")
        .await
        .expect("the table");

    owner
        .post(&page, &[("f0", "email")])
        .await
        .expect_status(303);
    let trying = super::until_it_says(&owner, &page, "Trying 1 rows").await;
    assert!(trying.contains("name=\"stop\""), "{trying}");
    owner.post(&page, &[("stop", "1")]).await.expect_status(303);
    lock.rollback().await.expect("the table is free");

    let stopped = super::until_it_says(&owner, &page, "You stopped it.").await;
    assert!(stopped.contains("Nothing was imported"), "{stopped}");
    assert!(
        stopped.contains("name=\"f0\""),
        "it can begin anew: {stopped}"
    );
    assert_eq!(count(&app, "customers").await, 0);
    let done = imported(&owner, &page, &[("f0", "email")]).await;
    assert!(done.contains("Bad lines: 1"), "{done}");
}
