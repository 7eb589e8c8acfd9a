//! Texts that Postgres or its protocol would stumble on: NUL, what is no UTF-8, absurd lengths.

use postern_testkit::{Reply, TestClient};
use serde_json::json;

use super::super::leaks::world::{MARKER, World, world};
use super::wire::exchange;

/// Ends of characters, quotes behind half characters, NUL, surrogates, an overlong slash.
const BYTES: &[&str] = &[
    "%00",
    "a%00b",
    "%00%27%20or%20true%20--",
    "%FF",
    "%C0%27%20or%20true%20--",
    "%E2%28%A1",
    "%ED%A0%80",
    "%C0%AF",
    "%F4%90%80%80",
    "%EF%BB%BFid",
    "%",
    "%2",
    "%zz",
];

const PLACES: &[&str] = &[
    "{}",
    "{}?select=id",
    "records?select={}",
    "records?select=doc->>{}",
    "records?title=eq.{}",
    "records?title=in.({},x)",
    "records?title=fts.{}",
    "records?{}=eq.x",
    "records?or=(title.eq.{})",
    "records?order={}",
    "records?select=id,{}(id)",
    "records?limit={}",
    "rpc/{}",
    "query/{}",
];

#[track_caller]
fn harmless(reply: &Reply, of: &str) {
    assert!(
        reply.status.as_u16() < 500,
        "{of}: {} {}",
        reply.status,
        reply.text
    );
    assert!(!reply.text.contains(MARKER), "{of}: {}", reply.text);
}

async fn posted(client: &TestClient, media_type: &str, body: &[u8]) -> Reply {
    let request = client.request("POST".parse().expect("a verb"), "/rest/v1/records");
    request.bytes(media_type, body).send().await
}

async fn count(world: &World) -> serde_json::Value {
    world.truth("select count(*) from public.records").await
}

#[tokio::test]
async fn attack_56_bytes_that_are_no_text_are_refused_in_addresses() {
    let world = world().await;
    for (place, bytes) in PLACES
        .iter()
        .flat_map(|it| BYTES.iter().map(move |b| (it, b)))
    {
        let path = format!("/rest/v1/{}", place.replace("{}", bytes));
        let reply = world.alice.get(&path).send().await;
        harmless(&reply, &path);
        if bytes.contains("%00") {
            assert!(reply.status.is_client_error(), "{path}: {}", reply.text);
        }
    }
    assert_eq!(
        world.rows("records?select=id&title=eq.her first").await,
        json!([{ "id": 1 }])
    );
}

#[tokio::test]
async fn attack_56_bytes_that_are_no_text_are_refused_in_bodies() {
    let world = world().await;
    let before = count(&world).await;
    let bodies: &[(&str, &[u8])] = &[
        ("application/json", b"{\"title\": \"a\\u0000b\"}"),
        ("application/json", b"{\"title\": \"a\0b\"}"),
        ("application/json", b"{\"title\": \"\\ud800\"}"),
        ("application/json", b"{\"title\": \"\xff\"}"),
        ("application/json", b"{\"title\": \"\xc0' or true --\"}"),
        (
            "application/json",
            b"{\"title\": \"t\", \"doc\": {\"a\": \"\\u0000\"}}",
        ),
        ("application/json", b"{\"ti\\u0000tle\": \"t\"}"),
        (
            "application/json",
            b"\xef\xbb\xbf{\"title\": \"t\", \"x\": 1}",
        ),
        ("text/csv", b"title\na\0b\n"),
        ("text/csv", b"title\n\xff\xfe\n"),
        ("text/csv", b"ti\0tle\nx\n"),
        ("application/x-www-form-urlencoded", b"title=%00"),
        ("application/x-www-form-urlencoded", b"title=\xff"),
    ];
    for (media_type, body) in bodies {
        let of = format!("{media_type} {}", String::from_utf8_lossy(body));
        let reply = posted(&world.alice, media_type, body).await;
        assert!(
            reply.status.is_client_error(),
            "{of}: {} {}",
            reply.status,
            reply.text
        );
        harmless(&reply, &of);
    }
    assert_eq!(count(&world).await, before);
}

#[tokio::test]
async fn attack_56_lengths_beyond_the_protocol_are_refused_before_they_are_read() {
    let world = world().await;
    for length in [
        "4294967296",
        "4294967301",
        "18446744073709551616",
        "2147483648",
    ] {
        // The length is announced and never sent: an answer means that nobody waits for it.
        let request = format!(
            "POST /rest/v1/records HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
             content-length: {length}\r\n\r\n[]"
        );
        let (answer, _) = exchange(&world.app, request.into_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 4"), "{length}: {answer}");
    }
    for query in [
        "limit=4294967297",
        "limit=18446744073709551616",
        "offset=9223372036854775808",
        "offset=-1",
        "id=eq.4294967301",
        "id=in.(1,99999999999999999999)",
        "doc->4294967296=eq.1",
        "select=doc->99999999999999999999",
    ] {
        let reply = world.read(&format!("records?{query}")).await;
        harmless(&reply, query);
    }
}
