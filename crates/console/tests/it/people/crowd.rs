//! The list of users when there are many: its orders, its groups, its counts.

use postern_testkit::TestApp;

use crate::it::kit;

/// Makes so many users: each 10th is unconfirmed, each 100th banned, each 7th has never signed in.
async fn crowd(app: &TestApp, count: i32) {
    let sql = app.sql().await;
    let insert = format!(
        "insert into auth.users (id, email, phone, created_at, updated_at, email_confirmed_at, \
         last_sign_in_at, banned_until, raw_app_meta_data) \
         select gen_random_uuid(), 'user' || lpad(n::text, 7, '0') || '@mail.example', \
         case when n % 50 = 0 then '4366' || lpad(n::text, 8, '0') end, \
         now() - n * interval '1 minute', now(), \
         case when n % 10 > 0 then now() end, \
         case when n % 7 > 0 then now() - (n % 997) * interval '1 hour' end, \
         case when n % 100 = 1 then now() + interval '100 years' end, \
         '{{\"provider\": \"email\", \"providers\": [\"email\"]}}' \
         from generate_series(1, {count}) n"
    );
    sql.batch_execute(&insert).await.expect("users");
    sql.batch_execute("vacuum analyze auth.users")
        .await
        .expect("statistics");
}

fn names(page: &str) -> Vec<String> {
    let rows = page.split("<th scope=\"row\"").skip(1);
    let name = |row: &str| {
        let link = row.split_once("<a href=").expect("a link").1;
        let text = link.split_once('>').expect("a text").1;
        text.split('@').next().unwrap_or_default().to_owned()
    };
    rows.map(name).collect()
}

#[tokio::test]
async fn orders_and_groups_hold_with_and_without_a_search() {
    let app = kit::app().start().await;
    let owner = kit::owner(&app).await;
    crowd(&app, 200).await;
    let list = async |query: &str| {
        let path = format!("/console/users?{query}");
        names(&owner.get_part(&path).await.expect_status(200).text)
    };

    assert_eq!(list("").await[..2], ["user0000001", "user0000002"]);
    assert_eq!(list("way=up").await[..2], ["user0000200", "user0000199"]);
    assert_eq!(list("order=email&way=up").await[0], "user0000001");
    assert_eq!(list("order=email").await[0], "user0000200");
    assert_eq!(list("order=signed-in").await[0], "user0000001");
    assert_eq!(
        list("group=banned&order=email").await,
        ["user0000101", "user0000001"]
    );
    assert_eq!(list("group=unconfirmed").await.len(), 20);
    assert_eq!(list("page=4&order=email&way=up").await.len(), 50);
    assert_eq!(list("page=5").await.len(), 0);
    for (query, found) in [
        ("q=USER00001", 50),
        ("q=0000199%40mail", 1),
        ("q=%2B436600000100", 1),
        ("q=_", 0),
        ("q=%25", 0),
        ("q=user00001&group=banned", 1),
        ("q=user00001&group=unconfirmed&order=email&way=up", 10),
    ] {
        assert_eq!(list(query).await.len(), found, "{query}");
    }
    let by_name = list("q=user00001&order=email&way=up").await;
    assert_eq!(by_name[..2], ["user0000100", "user0000101"]);
}

#[tokio::test]
async fn a_crowd_is_not_counted_to_its_end() {
    let app = kit::app().start().await;
    let owner = kit::owner(&app).await;
    crowd(&app, 10_050).await;
    let list = async |query: &str| {
        let path = format!("/console/users?{query}");
        owner.get_part(&path).await.expect_status(200).text
    };

    let first = list("").await;
    assert!(first.contains("1–50 of about 10\u{202f}000"), "{first}");
    assert!(first.contains("rel=\"next\""), "{first}");
    let last = list("page=201").await;
    assert!(last.contains("10\u{202f}001–10\u{202f}050"), "{last}");
    assert!(!last.contains("rel=\"next\""), "{last}");
    let banned = list("group=banned").await;
    assert!(banned.contains("1–50 of 101"), "{banned}");
    let found = list("q=user").await;
    assert!(found.contains("1–50 of many"), "{found}");
    assert_eq!(names(&found)[0], "user0000001");
    let found = list("q=user&order=email&page=201").await;
    assert_eq!(
        names(&found).last().map(String::as_str),
        Some("user0000001")
    );
    let found = list("q=user&group=banned&order=email").await;
    assert_eq!(names(&found)[0], "user0010001");
}
