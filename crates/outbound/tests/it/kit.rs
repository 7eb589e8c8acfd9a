//! A server on loopback that can misbehave, and a name server that tells what it is told to.

use std::collections::VecDeque;
use std::io;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use postern_outbound::{AllowList, Outbound, OutboundSettings, Resolve, Resolving};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// A server that notes each request and answers by its path.
pub(crate) struct Server {
    pub(crate) port: u16,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Speaks plain http.
    pub(crate) async fn start() -> Self {
        Self::listen(None).await
    }

    /// Speaks https.
    pub(crate) async fn start_tls(acceptor: TlsAcceptor) -> Self {
        Self::listen(Some(acceptor)).await
    }

    async fn listen(acceptor: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0))
            .await
            .expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let noted = Arc::clone(&requests);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (noted, acceptor) = (Arc::clone(&noted), acceptor.clone());
                tokio::spawn(async move {
                    // A client that hangs up in the middle is what several tests are about.
                    let _ = welcome(stream, acceptor, port, &noted).await;
                });
            }
        });
        Self { port, requests }
    }

    /// The address of `path` under a host name.
    pub(crate) fn url(&self, host: &str, path: &str) -> String {
        format!("http://{host}:{}{path}", self.port)
    }

    /// All requests so far, head and body.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().expect("no panic").clone()
    }
}

/// A byte stream, encrypted or not.
trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

async fn welcome(
    stream: TcpStream,
    acceptor: Option<TlsAcceptor>,
    port: u16,
    noted: &Mutex<Vec<String>>,
) -> io::Result<()> {
    match acceptor {
        Some(acceptor) => serve(acceptor.accept(stream).await?, port, noted).await,
        None => serve(stream, port, noted).await,
    }
}

async fn serve(mut stream: impl Stream, port: u16, noted: &Mutex<Vec<String>>) -> io::Result<()> {
    let request = read_request(&mut stream).await?;
    let path = request.split(' ').nth(1).unwrap_or_default().to_owned();
    noted.lock().expect("no panic").push(request.clone());
    let path = path.split('?').next().unwrap_or_default();
    match path {
        "/moved" => {
            let place = format!("Location: http://127.0.0.1:{port}/internal\r\n");
            answer(&mut stream, "302 Found", &place, "").await
        }
        "/announced" => {
            let head = "HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\n\r\n";
            stream.write_all(head.as_bytes()).await?;
            pause().await
        }
        "/endless" => endless(&mut stream, &[b'x'; 16 * 1024], Duration::ZERO).await,
        "/drip" => endless(&mut stream, b"x", Duration::from_millis(20)).await,
        "/silent" => pause().await,
        "/broken" => {
            stream
                .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx")
                .await
        }
        "/missing" => answer(&mut stream, "404 Not Found", "", "{}").await,
        "/secret" => answer(&mut stream, "200 OK", "", r#"{"count":"s3cret"}"#).await,
        _ => answer(&mut stream, "200 OK", "", r#"{"count":1}"#).await,
    }
}

async fn read_request(stream: &mut impl Stream) -> io::Result<String> {
    let mut text = String::new();
    let mut buffer = [0; 4096];
    loop {
        let length = stream.read(&mut buffer).await?;
        // The first byte of a TLS handshake, which this server does not speak.
        if buffer[0] == 0x16 {
            return Err(io::ErrorKind::InvalidData.into());
        }
        text.push_str(&String::from_utf8_lossy(&buffer[..length]));
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            if length == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            continue;
        };
        let announced = head
            .lines()
            .find_map(|line| {
                line.to_ascii_lowercase()
                    .strip_prefix("content-length: ")?
                    .parse()
                    .ok()
            })
            .unwrap_or(0);
        if body.len() >= announced {
            return Ok(text);
        }
    }
}

async fn answer(stream: &mut impl Stream, status: &str, more: &str, body: &str) -> io::Result<()> {
    let length = body.len();
    let head = format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n");
    let text = format!("{head}{more}\r\n{body}");
    stream.write_all(text.as_bytes()).await
}

/// Sends pieces until the client hangs up.
async fn endless(stream: &mut impl Stream, piece: &[u8], delay: Duration) -> io::Result<()> {
    let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    stream.write_all(head.as_bytes()).await?;
    loop {
        let size = format!("{:x}\r\n", piece.len());
        stream.write_all(size.as_bytes()).await?;
        stream.write_all(piece).await?;
        stream.write_all(b"\r\n").await?;
        tokio::time::sleep(delay).await;
    }
}

async fn pause() -> io::Result<()> {
    tokio::time::sleep(Duration::from_secs(30)).await;
    Ok(())
}

/// Answers in turn, the last one again and again, and counts how often it is asked.
pub(crate) struct Script {
    answers: Mutex<VecDeque<Vec<IpAddr>>>,
    asked: Mutex<Vec<String>>,
}

impl Script {
    pub(crate) fn new(answers: &[&[&str]]) -> Arc<Self> {
        let parse = |it: &&str| it.parse().expect("an address");
        let answers = answers.iter().map(|it| it.iter().map(parse).collect());
        Arc::new(Self {
            answers: Mutex::new(answers.collect()),
            asked: Mutex::default(),
        })
    }

    /// The names it was asked for.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("no panic").clone()
    }
}

impl Resolve for Script {
    fn resolve<'a>(&'a self, host: &'a str) -> Resolving<'a> {
        self.asked.lock().expect("no panic").push(host.to_owned());
        let mut answers = self.answers.lock().expect("no panic");
        let answer = if answers.len() > 1 {
            answers.pop_front()
        } else {
            answers.front().cloned()
        };
        Box::pin(async move { Ok(answer.unwrap_or_default()) })
    }
}

/// A client with an allow list and scripted names.
pub(crate) fn outbound(allow: &[&str], script: &Arc<Script>) -> Outbound {
    let settings = OutboundSettings {
        allow: AllowList::parse(allow).expect("an allow list"),
        timeout: Duration::from_secs(60),
        ..OutboundSettings::default()
    };
    Outbound::with_resolver(settings, Arc::clone(script) as Arc<dyn Resolve>)
}

/// A client that may reach the server as `idp.test` and nothing else.
pub(crate) fn outbound_to(server: &Server) -> Outbound {
    let allow = format!("idp.test:{}", server.port);
    outbound(&[&allow], &Script::new(&[&["127.0.0.1"]]))
}
