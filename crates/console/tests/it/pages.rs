//! What the pages show and what their buttons do.

use crate::it::kit;

async fn names(browser: &kit::Browser, path: &str) -> Vec<String> {
    let page = browser.get_part(path).await.expect_status(200).text;
    let rows = page.split("<th scope=\"row\"").skip(1);
    let name = |row: &str| {
        let link = row.split_once("<a href=").expect("a link").1;
        let text = link.split_once('>').expect("a text").1;
        text.split('<').next().unwrap_or_default().to_owned()
    };
    rows.map(name).collect()
}

#[tokio::test]
async fn users_are_searched_grouped_and_ordered_by_the_address() {
    let app = kit::app().start().await;
    let owner = kit::owner(&app).await;
    for name in ["ann", "ben", "cleo"] {
        kit::user(&app, &format!("{name}@mail.example")).await;
        app.advance(60);
    }

    let newest = ["cleo@mail.example", "ben@mail.example", "ann@mail.example"];
    assert_eq!(names(&owner, "/console/users").await, newest);
    let by_name = names(&owner, "/console/users?order=email&way=up").await;
    assert_eq!(
        by_name,
        ["ann@mail.example", "ben@mail.example", "cleo@mail.example"]
    );
    assert_eq!(
        names(&owner, "/console/users?q=BEN").await,
        ["ben@mail.example"]
    );
    let nobody: [&str; 0] = [];
    assert_eq!(names(&owner, "/console/users?group=banned").await, nobody);
    let odd = "/console/users?order=nonsense&group=nonsense&page=-7&way=sideways";
    assert_eq!(names(&owner, odd).await, newest);
}

#[tokio::test]
async fn a_part_is_the_inside_of_the_page() {
    let app = kit::app().start().await;
    let owner = kit::owner(&app).await;
    kit::user(&app, "ann@mail.example").await;

    let page = owner.get("/console/users").await.expect_status(200);
    let part = owner.get_part("/console/users").await.expect_status(200);

    assert!(page.text.starts_with("<!doctype html>"), "{}", page.text);
    assert!(!part.text.contains("<html"), "{}", part.text);
    assert!(page.text.contains(part.text.trim()), "{}", part.text);
    assert_eq!(part.header("vary"), Some("HX-Request"));
}

#[tokio::test]
async fn an_ended_session_sends_htmx_to_the_sign_in() {
    let app = kit::app().start().await;
    kit::owner(&app).await;

    let reply = kit::Browser::new(&app).get_part("/console/users").await;

    assert_eq!(reply.header("hx-redirect"), Some("/console/login"));
}

#[tokio::test]
async fn a_ban_works_at_once_and_names_who_did_it() {
    let app = kit::app().start().await;
    let owner = kit::owner(&app).await;
    let session = kit::user(&app, "ann@mail.example").await;
    let id = kit::id(&session);
    let token = session["access_token"].as_str().expect("a token");
    let user = app.anon().with_token(token);
    user.get("/auth/v1/user").send().await.expect_status(200);

    let path = format!("/console/users/{id}/ban");
    owner
        .post(&path, &[("for", "24h")])
        .await
        .expect_status(303);

    let refused = user.get("/auth/v1/user").send().await;
    assert!(refused.status.is_client_error(), "{}", refused.text);
    let banned = names(&owner, "/console/users?group=banned").await;
    assert_eq!(banned, ["ann@mail.example"]);
    let part = "/console/audit?action=user+modified";
    let log = owner.get_part(part).await.text;
    assert!(log.contains(kit::OWNER), "{log}");

    let path = format!("/console/users/{id}/unban");
    owner.post(&path, &[]).await.expect_status(303);
    let banned = names(&owner, "/console/users?group=banned").await;
    assert!(banned.is_empty(), "{banned:?}");
}

#[tokio::test]
async fn sessions_of_a_user_are_listed_and_ended() {
    let app = kit::app().start().await;
    let owner = kit::owner(&app).await;
    let session = kit::user(&app, "ann@mail.example").await;
    let page = format!("/console/users/{}", kit::id(&session));
    let shown = owner.get(&page).await.expect_status(200).text;
    assert!(shown.contains("End all sessions"), "{shown}");

    owner
        .post(&format!("{page}/sessions/end"), &[])
        .await
        .expect_status(303);

    let shown = owner.get(&page).await.text;
    assert!(shown.contains("Not signed in anywhere"), "{shown}");
    assert!(shown.contains("sessions ended"), "{shown}");
    let token = session["access_token"].as_str().expect("a token");
    let refused = app
        .anon()
        .with_token(token)
        .get("/auth/v1/user")
        .send()
        .await;
    assert!(refused.status.is_client_error(), "{}", refused.text);
}

#[tokio::test]
async fn a_user_who_is_not_there_is_not_found() {
    let app = kit::app().start().await;
    let owner = kit::owner(&app).await;

    for id in ["7f000000-0000-4000-8000-000000000001", "no-id"] {
        owner
            .get(&format!("/console/users/{id}"))
            .await
            .expect_status(404);
    }
}

#[tokio::test]
async fn the_overview_tells_how_the_server_is() {
    let app = kit::app().start().await;
    let owner = kit::owner(&app).await;

    let page = owner.get("/console").await.expect_status(200).text;

    for part in [
        "Database",
        "answers in",
        "Auth",
        "people can sign up",
        "Requests",
        "To put right",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let chart = page.split_once("<pn-chart").expect("a chart").1;
    let chart = chart.split_once("</pn-chart>").expect("its end").0;
    assert!(chart.contains("slots=\"60\""), "{chart}");
    assert!(chart.contains("<tr data-slot=\"59\""), "{chart}");
    assert!(!page.contains("cannot be looked up"), "{page}");
}

#[tokio::test]
async fn keys_are_shown_but_for_the_secret_ones() {
    let app = kit::app().start().await;
    let owner = kit::owner(&app).await;

    let page = owner.get("/console/keys").await.expect_status(200).text;

    assert!(page.contains(app.publishable_key()), "{page}");
    assert!(!page.contains(app.secret_key()), "{page}");
    assert!(page.contains("1 configured"), "{page}");
}

#[tokio::test]
async fn the_theme_is_kept_and_leads_back() {
    let app = kit::app().start().await;
    let owner = kit::owner(&app).await;
    let fields = [("theme", "dark"), ("here", "/console/users?q=a")];

    let reply = owner
        .post("/console/theme", &fields)
        .await
        .expect_status(303);

    assert_eq!(reply.header("location"), Some("/console/users?q=a"));
    let cookie = reply.header("set-cookie").expect("a cookie");
    assert!(cookie.starts_with("postern_theme=dark;"), "{cookie}");
    let evil = [("theme", "light"), ("here", "//evil.example")];
    let reply = owner.post("/console/theme", &evil).await.expect_status(303);
    assert_eq!(reply.header("location"), Some("/console"));
}
