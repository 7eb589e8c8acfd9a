//! Bytes that are no good HTTP, sent to the real server on raw connections.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use postern_testkit::TestApp;

/// Longer than the server waits for a head or for the next part of a body.
const CLOSED_WITHIN: Duration = Duration::from_secs(60);
/// How long a connection may be silent before its answers are taken to be complete.
const SILENCE: Duration = Duration::from_millis(700);

/// A request whose answer shows that a second request was found in the bytes of the first.
const SMUGGLED: &str = "GET /health/live HTTP/1.1\r\nhost: x\r\n\r\n";
const FOUND: &str = r#"{"status":"ok"}"#;

fn connect(address: &str) -> TcpStream {
    let address = address.trim_start_matches("http://");
    TcpStream::connect(address).expect("the server listens")
}

/// Reads until the server closes the connection, or says nothing for so long.
fn read(stream: &mut TcpStream, silence: Duration) -> (String, bool) {
    stream
        .set_read_timeout(Some(silence))
        .expect("a timeout can be set");
    let mut answer = Vec::new();
    let mut part = [0; 4096];
    loop {
        match stream.read(&mut part) {
            Ok(0) => break (String::from_utf8_lossy(&answer).into_owned(), true),
            Ok(count) => answer.extend_from_slice(&part[..count]),
            Err(error) => {
                let waiting = matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut);
                break (String::from_utf8_lossy(&answer).into_owned(), !waiting);
            }
        }
    }
}

/// Sends bytes on a connection of their own; the answer, and whether the connection was closed.
pub(super) async fn exchange(app: &TestApp, bytes: Vec<u8>) -> (String, bool) {
    let address = app.address().to_owned();
    let exchanged = tokio::task::spawn_blocking(move || {
        let mut stream = connect(&address);
        // The server may refuse, and close, before everything is sent.
        let _ = stream.write_all(&bytes);
        read(&mut stream, SILENCE)
    });
    exchanged.await.expect("exchanged")
}

async fn app() -> TestApp {
    TestApp::builder()
        .migrations("create table public.t (id int);")
        .start()
        .await
}

/// Nobody else has noticed.
async fn still_answers(app: &TestApp) {
    let alive = app.anon().get("/health/ready").send().await;
    assert_eq!(alive.expect_status(200).text, r#"{"status":"ready"}"#);
}

/// Heads whose length a server in front may read in another way than we do.
const HEADS: &[&str] = &[
    "content-length: 5\r\ntransfer-encoding: chunked\r\n",
    "transfer-encoding: chunked\r\ncontent-length: 5\r\n",
    "content-length: 5\r\ncontent-length: 50\r\n",
    "content-length: 5, 50\r\n",
    "content-length: +5\r\n",
    "content-length: -5\r\n",
    "content-length: 0x5\r\n",
    "content-length: 5 5\r\n",
    "content-length: 99999999999999999999999\r\n",
    "content-length : 5\r\n",
    "content-length\t: 5\r\n",
    "content-length:\r\n 5\r\n",
    "transfer-encoding: xchunked\r\n",
    "transfer-encoding: chunked, identity\r\n",
    "transfer-encoding: identity, chunked, x\r\n",
    "transfer-encoding: \x0bchunked\r\n",
    "transfer-encoding : chunked\r\n",
    "transfer-encoding:\r\n chunked\r\n",
    "transfer-encoding: chunked\r\ntransfer-encoding: identity\r\n",
    "transfer-encoding: x\r\ntransfer-encoding: chunked\r\n",
    "x: a\rcontent-length: 5\r\n",
    "x: a\0b\r\n",
    ": a\r\n",
    "x y: a\r\n",
];

#[tokio::test]
async fn attack_69_a_head_of_two_meanings_is_refused() {
    let app = app().await;
    for head in HEADS {
        let request =
            format!("POST /rest/v1/t HTTP/1.1\r\nhost: x\r\n{head}\r\n0\r\n\r\n{SMUGGLED}");
        let (answer, closed) = exchange(&app, request.into_bytes()).await;

        assert!(!answer.contains(FOUND), "{head:?}: {answer}");
        assert!(
            answer.is_empty() || answer.starts_with("HTTP/1.1 4"),
            "{head:?}: {answer}"
        );
        assert!(closed, "{head:?}: {answer}");
    }
    still_answers(&app).await;
}

/// Chunked bodies that are no such thing, or hide what comes next.
const CHUNKS: &[&str] = &[
    "5\r\nabc\r\n0\r\n\r\n",
    "g\r\nabc\r\n0\r\n\r\n",
    "-1\r\nabc\r\n0\r\n\r\n",
    "FFFFFFFFFFFFFFFFF\r\nabc\r\n0\r\n\r\n",
    "3 3\r\nabc\r\n0\r\n\r\n",
    "0x3\r\nabc\r\n0\r\n\r\n",
    "\r\nabc\r\n0\r\n\r\n",
    "3\r\nabcX\r\n0\r\n\r\n",
];

#[tokio::test]
async fn attack_69_a_chunk_that_lies_is_refused() {
    let app = app().await;
    for chunks in CHUNKS {
        let request = format!(
            "POST /rest/v1/t HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n\
             {chunks}{SMUGGLED}"
        );
        let (answer, closed) = exchange(&app, request.into_bytes()).await;

        assert!(!answer.contains(FOUND), "{chunks:?}: {answer}");
        assert!(closed, "{chunks:?}: {answer}");
    }
    // Extensions are part of HTTP; ones without end are not.
    let endless = format!("3;{}", "x".repeat(2_000_000));
    let request = format!(
        "POST /rest/v1/t HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n{endless}"
    );
    let (answer, _) = exchange(&app, request.into_bytes()).await;
    assert!(
        answer.is_empty() || answer.starts_with("HTTP/1.1 4"),
        "{answer}"
    );
    still_answers(&app).await;
}

#[tokio::test]
async fn attack_69_heads_without_end_are_refused() {
    let app = app().await;
    let many: String = (0..10_000).map(|n| format!("x-{n}: y\r\n")).collect();
    for head in [
        many,
        format!("x: {}\r\n", "y".repeat(2_000_000)),
        format!("{}: y\r\n", "x".repeat(2_000_000)),
    ] {
        let request = format!("GET /health/live HTTP/1.1\r\nhost: x\r\n{head}\r\n");
        let (answer, _) = exchange(&app, request.into_bytes()).await;
        assert!(!answer.contains(FOUND), "{answer}");
    }
    let long = format!("GET /{} HTTP/1.1\r\nhost: x\r\n\r\n", "a".repeat(2_000_000));
    let (answer, _) = exchange(&app, long.into_bytes()).await;
    assert!(!answer.contains("HTTP/1.1 2"), "{answer}");
    still_answers(&app).await;
}

#[tokio::test]
async fn attack_69_slow_heads_and_bodies_are_hung_up_on() {
    let app = app().await;
    let starts: [&[u8]; 3] = [
        b"G",
        b"GET / HTTP/1.1\r\nhost: x\r\nx-slow: ",
        b"POST /rest/v1/t HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
          content-length: 100\r\n\r\n[",
    ];
    let mut streams = Vec::new();
    for number in 0..90 {
        let mut stream = connect(app.address());
        stream.write_all(starts[number % 3]).expect("sent");
        streams.push(stream);
    }

    for _ in 0..10 {
        still_answers(&app).await;
    }

    let hung_up_on = tokio::task::spawn_blocking(move || {
        for mut stream in streams {
            let (answer, closed) = read(&mut stream, CLOSED_WITHIN);
            assert!(closed, "still open: {answer}");
            assert!(!answer.contains("HTTP/1.1 2"), "{answer}");
        }
    });
    hung_up_on.await.expect("all are closed");
}

/// The frames of a connection that opens streams and resets them, and of empty DATA.
fn http2_frames() -> Vec<u8> {
    let mut bytes = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
    bytes.extend([0, 0, 0, 4, 0, 0, 0, 0, 0]);
    for stream in (1_u32..2_001).step_by(2) {
        let id = stream.to_be_bytes();
        // HEADERS with `:method: GET`, `:scheme: http` and `:path: /`, then RST_STREAM.
        bytes.extend([0, 0, 3, 1, 4, id[0], id[1], id[2], id[3], 0x82, 0x86, 0x84]);
        bytes.extend([0, 0, 4, 3, 0, id[0], id[1], id[2], id[3], 0, 0, 0, 8]);
        bytes.extend([0, 0, 0, 0, 0, id[0], id[1], id[2], id[3]]);
    }
    bytes
}

#[tokio::test]
async fn attack_69_there_is_no_http_2_to_reset() {
    let app = app().await;
    let (answer, closed) = exchange(&app, http2_frames()).await;
    assert!(
        closed && (answer.is_empty() || answer.starts_with("HTTP/1.1 4")),
        "{answer}"
    );
    let upgrade = "GET /health/live HTTP/1.1\r\nhost: x\r\nconnection: upgrade, http2-settings\r\n\
                   upgrade: h2c\r\nhttp2-settings: AAMAAABkAAQAAP__\r\n\r\n";
    let (answer, _) = exchange(&app, upgrade.as_bytes().to_vec()).await;
    assert!(!answer.contains("HTTP/1.1 101"), "{answer}");
    still_answers(&app).await;
}

#[tokio::test]
async fn attack_72_health_pages_do_no_work_and_tell_no_version() {
    let app = app().await;
    let lock = app.sql().await;
    lock.batch_execute("begin; lock table public.t in access exclusive mode")
        .await
        .expect("locked");
    let bare = app
        .anon()
        .without_header("apikey")
        .without_header("authorization");
    let version = env!("CARGO_PKG_VERSION");
    for (path, text) in [
        ("/", FOUND),
        ("/health/live", FOUND),
        ("/health/ready", r#"{"status":"ready"}"#),
        ("/nowhere", ""),
        ("/health", ""),
        ("/version", ""),
    ] {
        let reply = bare.get(path).send().await;
        let headers = format!("{:?}", reply.headers);
        assert!(
            !reply.text.contains(version) && !headers.contains(version),
            "{path}: {headers}"
        );
        assert!(reply.header("server").is_none() && reply.header("x-powered-by").is_none());
        match text {
            "" => assert_eq!(reply.status.as_u16(), 404, "{path}"),
            text => assert_eq!(reply.expect_status(200).text, text, "{path}"),
        }
    }
    let metrics = bare.get("/metrics").send().await.expect_status(200);
    assert!(!metrics.text.contains(version), "{}", metrics.text);
    // Liveness asks nobody: it answers while no connection of the database can be had.
    let name = app.database().name();
    let refuse = format!("revoke connect on database {name} from public, postern_gateway");
    lock.batch_execute("rollback").await.expect("unlocked");
    lock.batch_execute(&refuse).await.expect("closed");
    lock.batch_execute(
        "select pg_terminate_backend(pid) from pg_stat_activity
         where datname = current_database() and pid <> pg_backend_pid()",
    )
    .await
    .expect("ended");
    assert_eq!(
        bare.get("/health/live")
            .send()
            .await
            .expect_status(200)
            .text,
        FOUND
    );
    let ready = bare.get("/health/ready").send().await.expect_status(503);
    assert_eq!(ready.text, r#"{"status":"no database"}"#);
}
