//! How often: by network address, by destination, by account.

use futures_util::future::join_all;
use postern_testkit::{Reply, TestApp, TestAppBuilder};
use serde_json::{Value, json};

use super::kit::{PASSWORD, app, app_with_mail, mail_to, newest, sign_up};

const SIGN_IN: &str = "/auth/v1/token?grant_type=password";

/// A server with limits behind a proxy on this machine, so that tests come from anywhere.
fn limited(builder: TestAppBuilder) -> TestAppBuilder {
    builder
        .setting("rates.enabled", "true")
        .setting("api.trusted_proxies", "127.0.0.1")
}

async fn post_from(app: &TestApp, ip: &str, path: &str, body: &Value) -> Reply {
    let request = app.anon().post(path, body);
    request.header("x-forwarded-for", ip).send().await
}

async fn guess_from(app: &TestApp, ip: &str, email: &str) -> u16 {
    let body = json!({ "email": email, "password": "not-the-password" });
    post_from(app, ip, SIGN_IN, &body).await.status.as_u16()
}

#[tokio::test]
async fn a_refusal_names_the_limit_and_the_pause() {
    let app = limited(app())
        .setting("rates.sign_in_per_5_min", "3")
        .start()
        .await;
    let body = json!({ "email": "ann@example.com", "password": PASSWORD });

    let first = post_from(&app, "192.0.2.1", SIGN_IN, &body).await;
    for _ in 0..2 {
        post_from(&app, "192.0.2.1", SIGN_IN, &body)
            .await
            .expect_status(400);
    }
    let refused = post_from(&app, "192.0.2.1", SIGN_IN, &body)
        .await
        .expect_status(429);
    let other = post_from(&app, "192.0.2.2", SIGN_IN, &body).await;
    app.advance(100);
    let later = post_from(&app, "192.0.2.1", SIGN_IN, &body).await;

    assert_eq!(
        first.header("ratelimit-policy"),
        Some("\"sign-in\";q=3;w=300")
    );
    assert_eq!(first.header("ratelimit"), Some("\"sign-in\";r=2;t=100"));
    let pause: i64 = refused
        .header("retry-after")
        .expect("a pause")
        .parse()
        .expect("seconds");
    // Less than the whole step, because the three took some time themselves.
    assert!((1..=101).contains(&pause), "{pause}");
    let refused = refused.json();
    assert_eq!(refused["error_code"], "over_request_rate_limit");
    let message = refused["msg"].as_str().expect("a message");
    assert!(
        message.contains("sign-ins from one network address"),
        "{message}"
    );
    assert!(message.contains("3 in 5 minutes"), "{message}");
    other.expect_status(400);
    later.expect_status(400);
}

#[tokio::test]
async fn attack_17_the_key_of_a_limit_cannot_be_rotated() {
    let app = limited(app())
        .setting("rates.sign_in_per_5_min", "4")
        .start()
        .await;
    let with = |email: &str| json!({ "email": email, "password": PASSWORD, "ip": "9.9.9.9" });

    for (ip, email) in [
        ("2001:db8::1", "ann@example.com"),
        ("2001:db8::2", "ANN@example.com"),
        ("1.1.1.1, 2001:db8:0:0:ffff::3", "ann+tag@example.com"),
        ("2001:db8::ffff:0:4", "bob@example.com"),
    ] {
        post_from(&app, ip, SIGN_IN, &with(email))
            .await
            .expect_status(400);
    }
    let refused = post_from(
        &app,
        "7.7.7.7, 2001:db8::5",
        SIGN_IN,
        &with("x@example.com"),
    )
    .await;
    let mapped = post_from(&app, "::ffff:192.0.2.9", SIGN_IN, &with("x@example.com")).await;

    refused.expect_status(429);
    assert_eq!(mapped.header("ratelimit"), Some("\"sign-in\";r=3;t=75"));
    let plain = post_from(&app, "192.0.2.9", SIGN_IN, &with("x@example.com")).await;
    // How long it takes depends on the second in which it came.
    let standing = plain.header("ratelimit").expect("a standing");
    assert!(standing.starts_with("\"sign-in\";r=2;t=1"), "{standing}");
}

#[tokio::test]
async fn attack_17_nobody_but_a_trusted_proxy_tells_addresses() {
    let app = app()
        .setting("rates.enabled", "true")
        .setting("api.trusted_proxies", "10.0.0.0/8")
        .setting("rates.sign_in_per_5_min", "3")
        .start()
        .await;

    for number in 1..=3 {
        assert_eq!(
            guess_from(&app, &format!("192.0.2.{number}"), "a@example.com").await,
            400
        );
    }
    assert_eq!(guess_from(&app, "192.0.2.4", "a@example.com").await, 429);
    assert_eq!(guess_from(&app, "10.0.0.1", "a@example.com").await, 429);
}

#[tokio::test]
async fn the_secret_key_and_a_switch_are_exempt() {
    let app = limited(app())
        .setting("rates.sign_in_per_5_min", "1")
        .start()
        .await;
    let body = json!({ "email": "ann@example.com", "password": PASSWORD });
    for _ in 0..3 {
        app.service()
            .post(SIGN_IN, &body)
            .send()
            .await
            .expect_status(400);
    }

    let open = limited(self::app())
        .setting("rates.enabled", "false")
        .setting("rates.sign_in_per_5_min", "1")
        .start()
        .await;
    for _ in 0..3 {
        assert_eq!(guess_from(&open, "192.0.2.1", "ann@example.com").await, 400);
    }
}

/// Ten thousand guesses, each from an address of its own, a hundred at a time.
#[tokio::test]
async fn attack_16_guesses_from_many_addresses_are_counted_by_account() {
    let app = limited(app()).start().await;
    sign_up(&app, "ann@example.com").await;
    let right = json!({ "email": "ann@example.com", "password": PASSWORD });
    let known = "198.51.100.7";
    post_from(&app, known, SIGN_IN, &right)
        .await
        .expect_status(200);

    let client = app.anon();
    let (mut looked_at, mut refused) = (0, 0);
    for round in 0..100 {
        let guesses = (0..100).map(|number| {
            let ip = format!("10.{round}.{number}.1");
            // Tags and case make no other account of it.
            let email = if number % 2 == 0 {
                "ann@example.com"
            } else {
                "Ann@Example.com"
            };
            let body = json!({ "email": email, "password": "not-the-password" });
            let request = client.post(SIGN_IN, &body).header("x-forwarded-for", &ip);
            async move { request.send().await.status.as_u16() }
        });
        for status in join_all(guesses).await {
            match status {
                400 => looked_at += 1,
                429 => refused += 1,
                other => panic!("{other}"),
            }
        }
    }
    let stranger = post_from(&app, "203.0.113.1", SIGN_IN, &right).await;
    let owner = post_from(&app, known, SIGN_IN, &right).await;
    let bystander = guess_from(&app, "203.0.113.2", "bob@example.com").await;
    app.advance(3600);
    let later = post_from(&app, "203.0.113.1", SIGN_IN, &right).await;

    // The right sign-in at the beginning was put back, so that all twenty are guesses; on a machine
    // that takes minutes for all of them, every third minute forgets one.
    assert_eq!(looked_at + refused, 10_000);
    assert!((20..=25).contains(&looked_at), "{looked_at}");
    let message = stranger.expect_status(429).json();
    assert!(
        message["msg"]
            .as_str()
            .is_some_and(|it| it.contains("wrong passwords"))
    );
    owner.expect_status(200);
    assert_eq!(bystander, 400);
    later.expect_status(200);
}

#[tokio::test]
async fn attack_16_new_codes_bring_no_new_tries() {
    let app = limited(app_with_mail())
        .setting("rates.account_failures_per_hour", "7")
        .setting("rates.mails_per_hour", "100")
        .start()
        .await;
    let mut seen = Vec::new();
    for letter in 1..=2 {
        let ip = format!("192.0.2.{letter}");
        let body = json!({ "email": "ann@example.com" });
        let asked = post_from(&app, &ip, "/auth/v1/otp", &body).await;
        asked.expect_status(200);
        let mail = newest(&app, "ann@example.com", letter).await;
        let wrong = if mail["code"] == "000000" {
            "000001"
        } else {
            "000000"
        };
        let guess = json!({ "type": "email", "email": "ann@example.com", "token": wrong });
        for number in 0..5 {
            let ip = format!("198.51.100.{letter}{number}");
            let reply = post_from(&app, &ip, "/auth/v1/verify", &guess).await;
            seen.push(reply.status.as_u16());
        }
    }

    assert_eq!(seen, [403, 403, 403, 403, 403, 403, 403, 429, 429, 429]);
}

#[tokio::test]
async fn attack_16_an_account_that_does_not_exist_is_counted_alike() {
    let app = limited(app())
        .setting("rates.account_failures_per_hour", "2")
        .start()
        .await;
    sign_up(&app, "ann@example.com").await;

    for email in ["ann@example.com", "nobody@example.com"] {
        let mut seen = Vec::new();
        for number in 0..3 {
            seen.push(guess_from(&app, &format!("192.0.2.{number}"), email).await);
        }
        assert_eq!(seen, [400, 400, 429], "{email}");
    }
}

#[tokio::test]
async fn mails_to_an_address_pause_whether_an_account_is_there_or_not() {
    let app = limited(app_with_mail())
        .setting("codes.email_pause_secs", "60")
        .start()
        .await;
    let body = |email: &str| json!({ "email": email, "password": PASSWORD });
    let path = "/auth/v1/signup";

    for email in ["ann@example.com", "ann+1@example.com"] {
        post_from(&app, "192.0.2.1", path, &body(email))
            .await
            .expect_status(200);
    }
    let refused = post_from(&app, "192.0.2.2", path, &body("Ann@example.com")).await;
    app.advance(61);
    let later = post_from(&app, "192.0.2.2", path, &body("ann@example.com")).await;

    let refused = refused.expect_status(429);
    assert!(refused.header("retry-after").is_some());
    assert_eq!(refused.json()["error_code"], "over_email_send_rate_limit");
    later.expect_status(200);
}

#[tokio::test]
async fn attack_17_tags_of_an_address_share_its_hourly_mails() {
    let app = limited(app_with_mail())
        .setting("rates.mails_per_hour", "3")
        .start()
        .await;
    let mut seen = Vec::new();
    for number in 0..5 {
        let email = format!("ann+{number}@example.com");
        let body = json!({ "email": email, "password": PASSWORD });
        let ip = format!("192.0.2.{number}");
        let reply = post_from(&app, &ip, "/auth/v1/signup", &body).await;
        seen.push(reply.status.as_u16());
    }

    assert_eq!(seen, [200, 200, 200, 429, 429]);
}

#[tokio::test]
async fn what_cannot_be_counted_does_not_pass() {
    let app = limited(app()).start().await;
    sign_up(&app, "ann@example.com").await;
    let break_it = "alter table postern.rate_limits rename to away";
    app.sql()
        .await
        .batch_execute(break_it)
        .await
        .expect("renamed");
    let body = json!({ "email": "ann@example.com", "password": PASSWORD });

    let reply = post_from(&app, "192.0.2.1", SIGN_IN, &body).await;

    assert!(reply.status.is_server_error(), "{}", reply.text);
    // What needs no count goes on.
    app.anon()
        .get("/auth/v1/health")
        .send()
        .await
        .expect_status(200);
}

#[tokio::test]
async fn attack_71_a_storm_of_hashes_leaves_the_rest_alone() {
    let app = app()
        .setting("passwords.memory_kib", "16384")
        .setting("passwords.passes", "1")
        .setting("passwords.slots", "1")
        .start()
        .await;
    let body = json!({ "email": "ann@example.com", "password": PASSWORD });
    let client = app.anon();
    let storm = join_all((0..80).map(|_| client.post(SIGN_IN, &body).send()));
    let calm = async {
        // How fast they are answered is measured by the bench, on a machine that does nothing else.
        for _ in 0..10 {
            let calm = client.get("/auth/v1/health").send().await;
            calm.expect_status(200);
        }
    };

    let (answers, ()) = futures_util::future::join(storm, calm).await;

    let told_to_wait = answers.iter().filter(|it| it.status.as_u16() == 503);
    let told_to_wait: Vec<_> = told_to_wait.collect();
    assert!(!told_to_wait.is_empty(), "all of them were hashed");
    assert!(
        told_to_wait
            .iter()
            .all(|it| it.header("retry-after").is_some())
    );
}

#[tokio::test]
async fn attack_31_headers_do_not_reach_links() {
    let app = limited(app_with_mail()).start().await;
    let client = app
        .anon()
        .with_header("x-forwarded-host", "evil.test")
        .with_header("x-forwarded-proto", "evil")
        .with_header("forwarded", "host=evil.test")
        .with_header("referer", "https://evil.test/");
    let body = json!({ "email": "ann@example.com", "password": PASSWORD });

    client
        .post("/auth/v1/signup", &body)
        .send()
        .await
        .expect_status(200);
    let mail = mail_to(&app, "ann@example.com").await;

    assert!(!mail.to_string().contains("evil"), "{mail}");
}
