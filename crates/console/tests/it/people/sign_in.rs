//! How users sign in: what the pages say, and the trials that they offer.

use std::io::{Read, Write};
use std::net::TcpListener;

use super::deeds;
use crate::it::kit;

/// A web server that answers every address with what is made of its own; ends with the process.
fn web(answer: impl Fn(&str, &str) -> String + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let origin = format!("http://{}", listener.local_addr().expect("an address"));
    let own = origin.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { continue };
            let mut head = [0; 4096];
            let length = stream.read(&mut head).unwrap_or_default();
            let head = String::from_utf8_lossy(&head[..length]).into_owned();
            let path = head.split(' ').nth(1).unwrap_or_default();
            let body = answer(&own, path);
            let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close";
            let reply = format!("{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len());
            let _ = stream.write_all(reply.as_bytes());
        }
    });
    origin
}

fn providers(origins: &[(&str, &str)]) -> String {
    let table = |(name, issuer): &(&str, &str)| {
        format!(
            "[{name}]\nissuer = \"{issuer}\"\nclient_id = \"shop\"\nsecret = \"a-secret-of-the-tests\"\n"
        )
    };
    origins.iter().map(table).collect()
}

/// An issuer whose keys are at another address.
fn issuer(keys_at: &'static str) -> String {
    web(move |own, path| {
        if path.ends_with("/openid-configuration") {
            let keys = if keys_at.is_empty() {
                format!("{own}/keys")
            } else {
                keys_at.to_owned()
            };
            format!(
                "{{\"issuer\": \"{own}\", \"authorization_endpoint\": \"{own}/a\", \
                 \"token_endpoint\": \"{own}/t\", \"jwks_uri\": \"{keys}\"}}"
            )
        } else {
            "{\"keys\": [{\"kty\": \"RSA\", \"kid\": \"1\", \"n\": \"AQAB\", \"e\": \"AQAB\"}]}"
                .into()
        }
    })
}

#[tokio::test]
async fn every_section_says_what_holds_and_where_it_was_said() {
    let app = kit::app().start().await;
    let owner = kit::owner(&app).await;
    let viewer = kit::admin(&app, &owner, "viewer").await;

    for (section, said) in [
        ("providers", "signup.email_autoconfirm"),
        ("templates", "confirm_signup"),
        ("urls", "auth.site_url"),
        ("limits", "rates.enabled"),
        ("hooks", "custom_access_token"),
    ] {
        let page = viewer.get(&format!("/console/sign-in/{section}")).await;
        let page = page.expect_status(200).text;
        assert!(page.contains(said), "{section}: {page}");
        assert!(
            !page.contains("sign-in/hooks/try\""),
            "a viewer tries nothing"
        );
    }
    viewer
        .get("/console/sign-in/nothing")
        .await
        .expect_status(404);
}

#[tokio::test]
async fn a_provider_is_tried_as_it_is_now() {
    let honest = issuer("");
    let app = kit::app()
        .file(
            "providers.toml",
            &providers(&[("honest", &honest), ("gone", "http://127.0.0.1:9")]),
        )
        .start()
        .await;
    let owner = kit::owner(&app).await;
    let check = async |name: &str| {
        let path = "/console/sign-in/providers/check";
        owner.post(path, &[("provider", name)]).await
    };

    let works = check("honest").await.expect_status(200).text;
    assert!(works.contains("keys: 1"), "{works}");
    assert!(!works.contains("a-secret-of-the-tests"), "{works}");
    let fails = check("gone").await.expect_status(200).text;
    assert!(fails.contains("cannot be reached"), "{fails}");
    check("nobody").await.expect_status(400);
    assert_eq!(deeds(&app, "provider_checked", kit::OWNER).await, 2);
}

#[tokio::test]
async fn attack_63_a_provider_leads_the_server_nowhere_else() {
    let sly = issuer("http://169.254.169.254/latest/meta-data");
    let app = kit::app()
        .file("providers.toml", &providers(&[("sly", &sly)]))
        .start()
        .await;
    let owner = kit::owner(&app).await;

    let path = "/console/sign-in/providers/check";
    let page = owner
        .post(path, &[("provider", "sly")])
        .await
        .expect_status(200)
        .text;

    assert!(page.contains("not in the allow list"), "{page}");
}

#[tokio::test]
async fn attack_77_a_mail_template_is_shown_as_text() {
    let hostile = "{% extends \"_page.html\" %}{% block content %}\
                   <script>alert(1)</script><a href=\"{{ link }}\">{{ code }}</a>{% endblock %}";
    let app = kit::app()
        .file("mail/en/recovery.html", hostile)
        .start()
        .await;
    let owner = kit::owner(&app).await;

    let shown = owner.get("/console/sign-in/templates?mail=recovery").await;
    let shown = shown.expect_status(200).text;

    assert!(shown.contains("483920"), "{shown}");
    assert!(!shown.contains("<script>alert"), "{shown}");
    let german = owner
        .get("/console/sign-in/templates?mail=recovery&locale=de")
        .await;
    let german = german.expect_status(200).text;
    assert!(german.contains("locale=de\" aria-current"), "{german}");
    let odd = owner
        .get("/console/sign-in/templates?mail=%3Cscript%3E&locale=..")
        .await;
    let odd = odd.expect_status(200).text;
    assert!(
        odd.contains("There is no such mail") && !odd.contains("<script>"),
        "{odd}"
    );
}

#[tokio::test]
async fn a_hook_is_tried_with_made_up_values() {
    let app = kit::app()
        .migrations(
            "create function public.add_plan(event jsonb) returns jsonb language sql as \
             $$ select jsonb_build_object('claims', event -> 'claims' || '{\"plan\": \"gold\"}') $$; \
             create function public.refuse(event jsonb) returns jsonb language sql as \
             $$ select '{\"error\": {\"http_code\": 403, \"message\": \"<b>no</b>\"}}'::jsonb $$;",
        )
        .setting("hooks.custom_access_token", "pg-functions://postgres/public/add_plan")
        .setting("hooks.before_user_created", "pg-functions://postgres/public/refuse")
        .start()
        .await;
    let owner = kit::owner(&app).await;
    let viewer = kit::admin(&app, &owner, "viewer").await;
    let path = "/console/sign-in/hooks/try";

    let answer = owner.post(path, &[("hook", "custom_access_token")]).await;
    let answer = answer.expect_status(200).text;
    assert!(answer.contains("gold"), "{answer}");
    let refused = owner.post(path, &[("hook", "before_user_created")]).await;
    let refused = refused.expect_status(200).text;
    assert!(refused.contains("&#60;b&#62;no"), "{refused}");
    owner
        .post(path, &[("hook", "send_sms")])
        .await
        .expect_status(400);
    viewer
        .post(path, &[("hook", "custom_access_token")])
        .await
        .expect_status(403);
    assert_eq!(deeds(&app, "hook_tried", kit::OWNER).await, 2);
}
