//! What a hostile page, user or name server tries.

use serde_json::json;

use crate::it::kit;
use crate::it::kit::Browser;

const HOSTILE: &str = "<img src=x onerror=alert(1)>\"'><script>alert(2)</script>";

#[tokio::test]
async fn attack_76_a_foreign_page_changes_nothing() {
    let app = kit::app().start().await;
    let owner = kit::owner(&app).await;
    let ours = app.address().to_owned();
    let user = kit::id(&kit::user(&app, "ann@mail.example").await);
    let ban = format!("/console/users/{user}/ban");
    let fields = [("for", "24h"), ("form", owner.form.as_str())];

    for headers in [
        &[][..],
        &[("origin", "https://evil.example")],
        &[("origin", "null")],
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site")],
        &[("origin", ours.as_str()), ("sec-fetch-site", "cross-site")],
    ] {
        let reply = owner.post_with(&ban, &fields, headers).await;
        assert_eq!(reply.status, 403, "{headers:?}");
    }
    let same = [("origin", ours.as_str()), ("sec-fetch-site", "same-origin")];
    owner
        .post_with(&ban, &fields[..1], &same)
        .await
        .expect_status(403);
    let viewer = kit::admin(&app, &owner, "viewer").await;
    let stolen = [("for", "24h"), ("form", viewer.form.as_str())];
    owner
        .post_with(&ban, &stolen, &same)
        .await
        .expect_status(403);

    let page = owner.get(&format!("/console/users/{user}")).await;
    assert!(page.text.contains("Ban this user"), "{}", page.text);
    owner
        .post_with(&ban, &fields, &same)
        .await
        .expect_status(303);
}

#[tokio::test]
async fn attack_76_a_foreign_page_signs_nobody_in() {
    let app = kit::app().start().await;
    kit::owner(&app).await;
    let browser = Browser::new(&app);
    let fields = [("email", kit::OWNER), ("password", kit::PASSWORD)];

    let evil = [("origin", "https://evil.example")];
    let reply = browser.post_with("/console/login", &fields, &evil).await;

    assert_eq!(reply.expect_status(403).header("set-cookie"), None);
}

#[tokio::test]
async fn attack_77_what_users_write_is_text() {
    let app = kit::app().start().await;
    let owner = kit::owner(&app).await;
    let body = json!({
        "email": "ann@mail.example", "password": kit::PASSWORD,
        "data": { HOSTILE: HOSTILE },
    });
    let signup = app.anon().post("/auth/v1/signup", &body);
    let session = signup.header("user-agent", HOSTILE).send().await;
    let user = kit::id(&session.expect_status(200).json());
    let search = kit::encoded(&[("q", HOSTILE)]);
    let actor = kit::encoded(&[("actor", HOSTILE), ("action", HOSTILE), ("kind", HOSTILE)]);
    let next = kit::encoded(&[("next", HOSTILE)]);

    for path in [
        format!("/console/users/{user}"),
        format!("/console/users?{search}"),
        format!("/console/audit?{actor}"),
        format!("/console/reauth?{next}"),
        format!("/console/nothing?{search}"),
    ] {
        let reply = owner.get(&path).await;
        assert!(!reply.text.contains("<img src=x"), "{path}: {}", reply.text);
        assert!(!reply.text.contains("<script>"), "{path}: {}", reply.text);
        let policy = reply.header("content-security-policy").expect("a policy");
        assert!(
            policy.starts_with("default-src 'none'; script-src 'self';"),
            "{policy}"
        );
        assert!(!policy.contains("unsafe"), "{policy}");
    }
    let page = owner.get(&format!("/console/users/{user}")).await.text;
    assert!(page.contains("&#60;img src=x"), "{page}");
}

#[tokio::test]
async fn every_answer_is_sealed() {
    let app = kit::app().start().await;
    let owner = kit::owner(&app).await;

    for path in [
        "/console",
        "/console/login",
        "/console/nothing",
        "/console/users",
    ] {
        let reply = owner.get(path).await;
        for (name, value) in [
            ("x-frame-options", "DENY"),
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "same-origin"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            ("cache-control", "no-store"),
            ("vary", "HX-Request"),
        ] {
            assert_eq!(reply.header(name), Some(value), "{path} {name}");
        }
        let policy = reply.header("content-security-policy").expect("a policy");
        assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
    }
}

#[tokio::test]
async fn no_other_origin_reads_a_page() {
    let app = kit::app().start().await;
    let client = postern_testkit::TestClient::new(app.address(), "x", None);

    let reply = client
        .get("/console/login")
        .header("origin", "https://evil.example");

    let reply = reply.send().await.expect_status(200);
    assert_eq!(reply.header("access-control-allow-origin"), None);
}

#[tokio::test]
async fn attack_78_a_name_that_is_not_ours_is_refused() {
    let app = kit::app().start().await;
    let owner = kit::owner(&app).await;
    let cookie = owner.cookie.clone().expect("a cookie");
    let client = postern_testkit::TestClient::new(app.address(), "x", None);

    for host in ["evil.example", "localhost.evil.example", "10.0.0.1:54321"] {
        let request = client.get("/console").header("host", host);
        let reply = request.header("cookie", &cookie).send().await;
        assert_eq!(reply.status, 403, "{host}");
        assert!(!reply.text.contains(kit::OWNER), "{host}");
    }
}

#[tokio::test]
async fn attack_81_passwords_and_cookies_are_kept_nowhere() {
    let app = kit::app().start().await;
    let owner = kit::owner(&app).await;
    let cookie = owner.cookie.clone().expect("a cookie");
    let token = cookie.split_once('=').expect("a pair").1.to_owned();

    let sql = app.sql().await;
    let all = "select coalesce(string_agg(t::text, ' '), '') from (\
               select to_jsonb(a) as t from postern.admins a union all \
               select to_jsonb(s) from postern.admin_sessions s union all \
               select to_jsonb(l) from auth.audit_log_entries l) x";
    let text: String = sql.query_one(all, &[]).await.expect("rows").get(0);

    assert!(text.contains(kit::OWNER), "{text}");
    assert!(!text.contains(&token), "{text}");
    assert!(!text.contains(kit::PASSWORD), "{text}");
}
