//! What an allowed call sends and brings back.

use http::header::{CONTENT_TYPE, HOST, HeaderValue};
use http::{Method, StatusCode};
use postern_base::Secret;
use postern_outbound::{Error, Request};
use serde::Deserialize;
use serde_json::json;

use crate::kit::{Server, outbound_to};

#[derive(Debug, Deserialize, PartialEq)]
struct Count {
    count: u32,
}

#[tokio::test]
async fn a_document_comes_back_with_its_status() {
    let server = Server::start().await;
    let outbound = outbound_to(&server);

    let found = outbound
        .get(&server.url("idp.test", "/a"))
        .await
        .expect("found");
    let missing = outbound
        .get(&server.url("idp.test", "/missing"))
        .await
        .expect("an answer");

    assert_eq!(found.json(), Ok(Count { count: 1 }));
    assert_eq!(found.success().expect("success").host(), "idp.test");
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
    assert_eq!(
        missing.success().expect_err("no success"),
        Error::Status {
            host: "idp.test".into(),
            status: StatusCode::NOT_FOUND
        }
    );
    let head = server.requests().remove(0).to_ascii_lowercase();
    assert!(head.contains("accept: application/json\r\n"), "{head}");
    assert!(
        head.contains(&format!(
            "user-agent: postern/{}\r\n",
            env!("CARGO_PKG_VERSION")
        )),
        "{head}"
    );
}

#[tokio::test]
async fn forms_and_json_are_posted() {
    let server = Server::start().await;
    let outbound = outbound_to(&server);
    let url = server.url("idp.test", "/token");

    let fields = [("grant_type", "authorization_code"), ("code", "a&b=ü")];
    outbound.post_form(&url, &fields).await.expect("posted");
    outbound
        .post_json(&url, &json!({"a": 1}))
        .await
        .expect("posted");

    let requests = server.requests();
    assert!(requests[0].starts_with("POST /token "));
    assert!(requests[0].contains("application/x-www-form-urlencoded"));
    assert!(requests[0].ends_with("\r\n\r\ngrant_type=authorization_code&code=a%26b%3D%C3%BC"));
    assert!(requests[1].contains("application/json"));
    assert!(requests[1].ends_with("\r\n\r\n{\"a\":1}"));
}

#[tokio::test]
async fn a_request_carries_its_headers_but_no_other_host() {
    let server = Server::start().await;
    let outbound = outbound_to(&server);
    let request = Request::new(Method::PUT, server.url("idp.test", "/hook"))
        .header(CONTENT_TYPE, HeaderValue::from_static("text/plain"))
        .header(HOST, HeaderValue::from_static("internal.test"))
        .bearer(&Secret::new("t0ken".into()))
        .expect("a token")
        .body("text");

    outbound.request(request).await.expect("sent");

    let sent = server.requests().remove(0);
    assert!(sent.starts_with("PUT /hook "), "{sent}");
    assert!(sent.contains("authorization: Bearer t0ken\r\n"), "{sent}");
    assert!(
        sent.contains(&format!("host: idp.test:{}\r\n", server.port)),
        "{sent}"
    );
    assert!(!sent.contains("internal.test"), "{sent}");
    let newline = Request::get("https://a.b").bearer(&Secret::new("a\nb".into()));
    assert_eq!(newline.expect_err("refused"), Error::Header);
}

/// What OAuth's libraries ask of a client's future.
fn sendable<T: Future + Send>(future: T) -> T {
    future
}

#[tokio::test]
async fn libraries_call_with_the_types_of_http() {
    let server = Server::start().await;
    let outbound = outbound_to(&server);
    let request = http::Request::post(server.url("idp.test", "/token"))
        .header(CONTENT_TYPE, "text/plain")
        .body(b"text".to_vec())
        .expect("a request");

    let client = |request| outbound.call(request);
    let response = sendable(client(request)).await.expect("an answer");

    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.body(), br#"{"count":1}"#);
    assert!(server.requests()[0].ends_with("\r\n\r\ntext"));
}

#[tokio::test]
async fn a_server_that_is_not_there_is_named() {
    let server = Server::start().await;
    let outbound = outbound_to(&server);
    let broken = outbound.get(&server.url("idp.test", "/broken")).await;

    assert!(
        matches!(broken, Err(Error::Exchange { ref host, .. }) if host == "idp.test"),
        "{broken:?}"
    );
    // Nothing speaks TLS at that port, so https comes to no connection.
    let url = server.url("idp.test", "/").replace("http:", "https:");
    let plain = outbound.get(&url).await;
    assert!(matches!(plain, Err(Error::Connect { .. })), "{plain:?}");
}
