//! The bytes on the wire: what a refusal leaves behind on a connection that is kept alive.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use actix_web::{App, HttpResponse, HttpServer, web};
use postern_base::codes;
use postern_http::{ApiError, Edge};

async fn refuse() -> Result<HttpResponse, ApiError> {
    Err(ApiError::new(&codes::NO_TABLE, "no such table"))
}

async fn fall() -> HttpResponse {
    panic!("a handler that falls over")
}

fn serve() -> SocketAddr {
    let server = HttpServer::new(|| {
        App::new()
            .wrap(Edge::new(Arc::new(|_| {})))
            .route("/refuse", web::to(refuse))
            .route("/fall", web::to(fall))
            .route("/ok", web::to(HttpResponse::NoContent))
    })
    .workers(1)
    .bind(("127.0.0.1", 0))
    .expect("a free port");
    let address = server.addrs()[0];
    actix_web::rt::spawn(server.run());
    address
}

/// Sends bytes, says that there are no more, and reads until the server closes.
async fn exchange(address: SocketAddr, bytes: &'static str) -> String {
    web::block(move || {
        let mut stream = TcpStream::connect(address).expect("connected");
        stream
            .set_read_timeout(Some(Duration::from_secs(60)))
            .expect("set");
        stream.write_all(bytes.as_bytes()).expect("sent");
        stream.shutdown(Shutdown::Write).expect("shut down");
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        String::from_utf8_lossy(&answer).into_owned()
    })
    .await
    .expect("exchanged")
}

#[actix_web::test]
async fn a_refused_head_has_no_body() {
    let answer = exchange(serve(), "HEAD /refuse HTTP/1.1\r\nhost: x\r\n\r\n").await;

    assert!(answer.starts_with("HTTP/1.1 404 Not Found\r\n"), "{answer}");
    assert!(answer.contains("proxy-status: PostgREST; error=PGRST205"));
    assert!(answer.ends_with("\r\n\r\n"), "{answer}");
}

#[actix_web::test]
async fn attack_69_an_unread_body_is_not_taken_for_the_next_request() {
    let answer = exchange(
        serve(),
        "POST /refuse HTTP/1.1\r\nhost: x\r\ncontent-length: 37\r\n\r\n\
         GET /ok HTTP/1.1\r\nhost: smuggled\r\n\r\n",
    )
    .await;

    assert!(answer.starts_with("HTTP/1.1 404"), "{answer}");
    assert!(!answer.contains("HTTP/1.1 204"), "{answer}");
}

#[actix_web::test]
async fn attack_74_a_connection_outlives_refusals_and_panics() {
    let answer = exchange(
        serve(),
        "GET /fall HTTP/1.1\r\nhost: x\r\n\r\n\
         GET /refuse HTTP/1.1\r\nhost: x\r\n\r\n\
         GET /ok HTTP/1.1\r\nhost: x\r\n\r\n",
    )
    .await;

    assert_eq!(answer.matches("HTTP/1.1 ").count(), 3, "{answer}");
    assert!(
        answer.contains("HTTP/1.1 500") && answer.contains("HTTP/1.1 204"),
        "{answer}"
    );
}

#[actix_web::test]
async fn attack_69_two_lengths_are_no_length() {
    let address = serve();
    for bytes in [
        "POST /ok HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nGET /ok HTTP/1.1\r\nhost: x\r\n\r\n",
        "POST /ok HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\ncontent-length: 30\r\n\r\nGET /ok HTTP/1.1\r\nhost: x\r\n\r\n",
        "POST /ok HTTP/1.1\r\nhost: x\r\ntransfer-encoding: xchunked\r\n\r\nGET /ok HTTP/1.1\r\nhost: x\r\n\r\n",
    ] {
        let answer = exchange(address, bytes).await;

        let answers = answer.matches("HTTP/1.1 ").count();
        assert!(
            answer.starts_with("HTTP/1.1 400") && answers == 1,
            "{bytes:?}: {answer}"
        );
    }
}
