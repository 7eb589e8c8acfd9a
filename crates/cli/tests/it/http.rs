//! As much HTTP as a test of the binary needs, without a client library's retries and pools.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// How long one answer may take.
const ANSWER_WITHIN: Duration = Duration::from_secs(60);

/// An answer's status and body.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

/// Asks once, on a connection of its own.
pub(crate) fn get(port: u16, path: &str, headers: &[(&str, &str)]) -> io::Result<Answer> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(ANSWER_WITHIN))?;
    let headers: String = headers
        .iter()
        .map(|(name, value)| format!("{name}: {value}\r\n"))
        .collect();
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}\r\n"
    )?;
    read(stream)
}

/// Sends JSON, on a connection of its own.
pub(crate) fn post(port: u16, path: &str, json: &str) -> io::Result<Answer> {
    send(port, ("POST", path), None, json)
}

/// Sends JSON with a token, on a connection of its own.
pub(crate) fn send(
    port: u16,
    (method, path): (&str, &str),
    token: Option<&str>,
    json: &str,
) -> io::Result<Answer> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(ANSWER_WITHIN))?;
    let length = json.len();
    let authorization = token.map(|it| format!("Authorization: Bearer {it}\r\n"));
    let authorization = authorization.unwrap_or_default();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{authorization}\
         Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{json}"
    )?;
    read(stream)
}

fn read(mut stream: TcpStream) -> io::Result<Answer> {
    let mut text = String::new();
    stream.read_to_string(&mut text)?;
    let wrong = || io::Error::other(format!("no answer: {text:?}"));
    let (head, body) = text.split_once("\r\n\r\n").ok_or_else(wrong)?;
    let status = head.split(' ').nth(1).and_then(|it| it.parse().ok());
    Ok(Answer {
        status: status.ok_or_else(wrong)?,
        head: head.into(),
        body: body.into(),
    })
}

/// Asks once and keeps the connection, as clients with a pool do.
pub(crate) fn keep_alive(port: u16, path: &str) -> TcpStream {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_read_timeout(Some(ANSWER_WITHIN)).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    let mut start = [0; 12];
    stream.read_exact(&mut start).unwrap();
    assert_eq!(&start, b"HTTP/1.1 200");
    stream
}

/// Asks until the answer is as wanted; fails with the last one when that takes too long.
#[track_caller]
pub(crate) fn wait_for(
    port: u16,
    path: &str,
    within: Duration,
    wanted: impl Fn(&Answer) -> bool,
) -> Answer {
    let deadline = Instant::now() + within;
    loop {
        let answer = get(port, path, &[]);
        match answer {
            Ok(answer) if wanted(&answer) => return answer,
            answer if Instant::now() > deadline => {
                panic!("{path} was not as wanted within {within:?}: {answer:?}")
            }
            _ => std::thread::sleep(Duration::from_millis(20)),
        }
    }
}
