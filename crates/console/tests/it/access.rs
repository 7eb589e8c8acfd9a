//! Every route as nobody, as a viewer, as an editor and as an owner.

mod entry;
mod keys;
mod operate;
mod palette;
mod people;
mod policies;
mod schema;
mod sql;
mod tables;

use postern_console::routes::{self, Row, Verb};

use crate::it::kit;
use crate::it::kit::Browser;

/// Who may come, written down a second time, by area: a route that is not there fails.
const EXPECTED: &[&[(&str, &str, &str)]] = &[
    entry::EXPECTED,
    keys::EXPECTED,
    operate::EXPECTED,
    palette::EXPECTED,
    people::EXPECTED,
    schema::EXPECTED,
    tables::EXPECTED,
    policies::EXPECTED,
    sql::EXPECTED,
];
const RANKS: [&str; 4] = ["anybody", "viewer", "editor", "owner"];

fn expected() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    EXPECTED.iter().flat_map(|rows| rows.iter().copied())
}

fn verb(row: &Row) -> &'static str {
    match row.verb {
        Verb::Get => "GET",
        Verb::Post => "POST",
    }
}

fn rank(role: &str) -> usize {
    let found = RANKS.iter().position(|it| *it == role);
    found.expect("a role of the table")
}

#[test]
fn every_route_is_in_the_table() {
    let mounted: Vec<_> = routes::all().map(|it| (verb(it), it.path)).collect();
    let expected: Vec<_> = expected().map(|it| (it.0, it.1)).collect();

    assert_eq!(mounted, expected, "write down who may use a new route");
}

#[tokio::test]
async fn every_route_admits_its_role_and_nobody_below() {
    let app = kit::app().start().await;
    let owner = kit::owner(&app).await;
    let user = kit::id(&kit::user(&app, "ann@mail.example").await);
    let viewer = kit::admin(&app, &owner, "viewer").await;
    let editor = kit::admin(&app, &owner, "editor").await;
    let callers = [
        ("anybody", Browser::new(&app)),
        ("viewer", viewer),
        ("editor", editor),
        ("owner", owner),
    ];

    // Signing out comes last: it ends the session that the others need.
    let (last, rest): (Vec<_>, Vec<_>) = expected().partition(|it| it.1 == "/logout");
    for (verb, path, least) in rest.into_iter().chain(last) {
        let address = format!("/console{path}")
            .replace("{id}", &user)
            .replace("{table}", "public.notes")
            .replace("{key}", "1")
            .replace("{name}", "OFL.txt")
            .replace("{token}", "none")
            .replace("{file}", "public.notes.toml");
        for (role, browser) in &callers {
            let reply = match verb {
                "GET" => browser.get(&address).await,
                _ => browser.post(&address, &[]).await,
            };
            let what = format!("{verb} {address} as {role}: {}", reply.status);
            let (status, location) = (reply.status.as_u16(), reply.header("location"));
            if rank(role) >= rank(least) {
                assert!(status != 403 && status != 401 && status < 500, "{what}");
                assert!(
                    path == "/logout" || location != Some("/console/login"),
                    "{what}"
                );
            } else if *role == "anybody" {
                assert_eq!((status, location), (303, Some("/console/login")), "{what}");
            } else {
                assert_eq!(status, 403, "{what}");
            }
        }
    }
}

#[tokio::test]
async fn what_is_refused_changes_nothing() {
    let app = kit::app().start().await;
    let owner = kit::owner(&app).await;
    let user = kit::id(&kit::user(&app, "ann@mail.example").await);
    let viewer = kit::admin(&app, &owner, "viewer").await;
    let editor = kit::admin(&app, &owner, "editor").await;

    let ban = format!("/console/users/{user}/ban");
    viewer
        .post(&ban, &[("for", "24h")])
        .await
        .expect_status(403);
    editor
        .post("/console/keys/rotate", &[])
        .await
        .expect_status(403);
    let promote = [("email", "editor@shop.example"), ("role", "owner")];
    let path = "/console/settings/admins/role";
    editor.post(path, &promote).await.expect_status(403);

    let sql = app.sql().await;
    let banned = "select count(*) from auth.users where banned_until is not null";
    let owners = "select count(*) from postern.admins where role = 'owner'";
    let rotated = "select count(*) from postern.signing_keys where state = 'previous'";
    for (statement, expected) in [(banned, 0_i64), (owners, 1), (rotated, 0)] {
        let row = sql.query_one(statement, &[]).await.expect("a count");
        assert_eq!(row.get::<_, i64>(0), expected, "{statement}");
    }
}

#[tokio::test]
async fn a_demoted_admin_is_less_at_once() {
    let app = kit::app().start().await;
    let owner = kit::owner(&app).await;
    let user = kit::id(&kit::user(&app, "ann@mail.example").await);
    let editor = kit::admin(&app, &owner, "editor").await;
    let end = format!("/console/users/{user}/sessions/end");
    editor.post(&end, &[]).await.expect_status(303);

    let demote = [("email", "editor@shop.example"), ("role", "viewer")];
    owner
        .post("/console/settings/admins/role", &demote)
        .await
        .expect_status(303);

    editor.post(&end, &[]).await.expect_status(403);
    editor.get("/console").await.expect_status(200);
}

#[tokio::test]
async fn the_last_owner_stays() {
    let app = kit::app().start().await;
    let owner = kit::owner(&app).await;

    for path in ["role", "ban"] {
        let fields = [("email", kit::OWNER), ("role", "viewer")];
        let path = format!("/console/settings/admins/{path}");
        let reply = owner.post(&path, &fields).await.expect_status(400);
        assert!(
            reply.text.contains("Nobody would be left"),
            "{}",
            reply.text
        );
    }
    owner.get("/console").await.expect_status(200);
}
