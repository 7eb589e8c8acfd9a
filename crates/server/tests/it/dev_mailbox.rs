//! The dev mailbox is there for the developer and for nobody else.

use std::sync::Arc;

use actix_web::dev::ServiceResponse;
use actix_web::http::StatusCode;
use actix_web::test::TestRequest;
use actix_web::{App, test};
use postern_base::{Secret, SystemClock};
use postern_mail::{Address, DevMailbox, MailKind, Templates, Values};
use postern_server::dev::mailbox::routes;
use serde_json::Value;

/// A mailbox with one sign-in mail.
fn mailbox() -> Arc<DevMailbox> {
    let mailbox = Arc::new(DevMailbox::new(Arc::new(SystemClock)));
    let to = Address::parse("ada@example.com").expect("an address");
    let values = Values {
        code: Some(Secret::new("483920".into())),
        link: Some(Secret::new(
            "http://localhost:54321/auth/v1/verify?token=x".into(),
        )),
        minutes: Some(60),
        ..Values::new("Example", to.clone())
    };
    let templates = Templates::load(None).expect("the built-in templates");
    let rendered = templates.render(MailKind::Otp, "en", &values);
    mailbox.keep(&rendered.expect("a mail").into_mail(to));
    mailbox
}

/// A request as the developer's browser sends it.
fn near(request: TestRequest) -> TestRequest {
    request
        .peer_addr("127.0.0.1:40000".parse().expect("an address"))
        .insert_header(("host", "localhost:54321"))
}

async fn send(mailbox: &Arc<DevMailbox>, request: TestRequest) -> ServiceResponse {
    let app = test::init_service(App::new().configure(routes(Arc::clone(mailbox)))).await;
    test::call_service(&app, request.to_request()).await
}

fn header<'r>(response: &'r ServiceResponse, name: &str) -> &'r str {
    let value = response.headers().get(name);
    value.and_then(|it| it.to_str().ok()).unwrap_or_default()
}

async fn text(response: ServiceResponse) -> String {
    let body = test::read_body(response).await;
    String::from_utf8_lossy(&body).into_owned()
}

#[actix_web::test]
async fn the_list_leads_to_the_mail_and_its_code() {
    let mailbox = mailbox();

    let list = send(&mailbox, near(TestRequest::get().uri("/_dev/mailbox"))).await;
    let mail = send(&mailbox, near(TestRequest::get().uri("/_dev/mailbox/1"))).await;
    let plain = send(
        &mailbox,
        near(TestRequest::get().uri("/_dev/mailbox/1?view=text")),
    )
    .await;

    assert!(header(&list, "content-security-policy").starts_with("default-src 'none'"));
    assert_eq!(header(&list, "cache-control"), "no-store");
    assert!(text(list).await.contains("/_dev/mailbox/1"));
    assert!(text(mail).await.contains("483920"));
    assert!(text(plain).await.contains("Your sign-in code"));
}

#[actix_web::test]
async fn a_mail_itself_is_a_document_without_rights() {
    let mailbox = mailbox();

    let document = send(
        &mailbox,
        near(TestRequest::get().uri("/_dev/mailbox/1/html")),
    )
    .await;

    assert!(header(&document, "content-security-policy").starts_with("sandbox "));
    assert_eq!(header(&document, "x-content-type-options"), "nosniff");
    assert!(text(document).await.contains("<base target=\"_blank\">"));
}

#[actix_web::test]
async fn programs_read_codes_as_json() {
    let mailbox = mailbox();
    let read = async |uri: &str| -> Value {
        let response = send(&mailbox, near(TestRequest::get().uri(uri))).await;
        test::read_body_json(response).await
    };

    let all = read("/_dev/mailbox.json").await;
    let hers = read("/_dev/mailbox.json?to=Ada@Example.com").await;
    let others = read("/_dev/mailbox.json?to=eve@example.com").await;

    assert_eq!(all[0]["code"], "483920");
    assert_eq!(all[0]["kind"], "otp");
    assert_eq!(hers, all);
    assert_eq!(others, serde_json::json!([]));
}

#[actix_web::test]
async fn what_is_gone_leads_back_to_the_list() {
    for uri in [
        "/_dev/mailbox/99",
        "/_dev/mailbox/x",
        "/_dev/mailbox/99/html",
    ] {
        let response = send(&mailbox(), near(TestRequest::get().uri(uri))).await;

        assert_eq!(response.status(), StatusCode::SEE_OTHER, "{uri}");
        assert_eq!(header(&response, "location"), "/_dev/mailbox", "{uri}");
    }
}

#[actix_web::test]
async fn our_own_page_and_programs_may_delete() {
    for request in [
        TestRequest::delete().uri("/_dev/mailbox.json"),
        TestRequest::post()
            .uri("/_dev/mailbox/clear")
            .insert_header(("origin", "http://localhost:54321"))
            .insert_header(("sec-fetch-site", "same-origin")),
    ] {
        let mailbox = mailbox();

        let response = send(&mailbox, near(request)).await;

        assert!(
            !response.status().is_client_error(),
            "{}",
            response.status()
        );
        assert!(mailbox.list().is_empty());
    }
}

#[actix_web::test]
async fn attack_78_nobody_else_reads() {
    let uris = [
        "/_dev/mailbox",
        "/_dev/mailbox.json",
        "/_dev/mailbox/1",
        "/_dev/mailbox/1/html",
        "/_dev/mailbox/style.css",
        "/_dev/mailbox/script.js",
    ];
    for uri in uris {
        let get = || TestRequest::get().uri(uri);
        for request in [
            get().insert_header(("host", "localhost")),
            get()
                .peer_addr("192.168.1.7:4000".parse().expect("an address"))
                .insert_header(("host", "localhost")),
            near(get()).insert_header(("host", "rebind.evil.example:54321")),
            near(get()).append_header(("host", "evil.example")),
            get().peer_addr("127.0.0.1:4000".parse().expect("an address")),
            near(get()).insert_header(("origin", "https://evil.example")),
            near(get()).insert_header(("origin", "null")),
        ] {
            let response = send(&mailbox(), request).await;

            assert_eq!(response.status(), StatusCode::FORBIDDEN, "{uri}");
            assert!(!text(response).await.contains("483920"), "{uri}");
        }
    }
}

#[actix_web::test]
async fn attack_76_other_pages_on_this_machine_delete_nothing() {
    for (name, value) in [
        ("origin", "http://localhost:3000"),
        ("origin", "null"),
        ("origin", "https://evil.example"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
    ] {
        let mailbox = mailbox();
        let request = TestRequest::post().uri("/_dev/mailbox/clear");

        let response = send(&mailbox, near(request).insert_header((name, value))).await;

        assert_eq!(response.status(), StatusCode::FORBIDDEN, "{name}: {value}");
        assert_eq!(mailbox.list().len(), 1);
    }
}
