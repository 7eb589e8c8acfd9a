//! A web server of the test's own: it notes what it is sent and answers what the test says.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;

use super::kit::{LOOKS, moment};

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Noted {
    /// The path with its query.
    pub(crate) path: String,
    /// Everything before the body.
    pub(crate) head: String,
    /// The body.
    pub(crate) body: String,
}

/// What is answered.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) kind: &'static str,
    pub(crate) body: String,
    pub(crate) delay: Duration,
}

/// The server; its thread ends with the test's process.
pub(crate) struct Stub {
    pub(crate) address: String,
    noted: Arc<Mutex<Vec<Noted>>>,
}

type Script = dyn Fn(&Noted) -> Answer + Send + Sync;

impl Noted {
    /// A header's value, or nothing.
    pub(crate) fn header(&self, name: &str) -> &str {
        let found = self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        });
        found.unwrap_or_default()
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("JSON")
    }

    /// A field of a form.
    pub(crate) fn field(&self, name: &str) -> String {
        let mut pairs = url::form_urlencoded::parse(self.body.as_bytes());
        let found = pairs.find(|(key, _)| key == name);
        found
            .map(|(_, value)| value.into_owned())
            .unwrap_or_default()
    }
}

impl Answer {
    /// JSON with status 200.
    pub(crate) fn json(value: &Value) -> Self {
        Self {
            status: 200,
            kind: "application/json",
            body: value.to_string(),
            delay: Duration::ZERO,
        }
    }

    /// The same with another status.
    pub(crate) fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }
}

impl Stub {
    /// Starts a server that answers by a script.
    pub(crate) fn start(script: impl Fn(&Noted) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address").to_string();
        let noted = Arc::new(Mutex::new(Vec::new()));
        let (notes, script): (_, Arc<Script>) = (Arc::clone(&noted), Arc::new(script));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (notes, script) = (Arc::clone(&notes), Arc::clone(&script));
                std::thread::spawn(move || serve(stream, &notes, &*script));
            }
        });
        Self { address, noted }
    }

    /// Its address as a URL with this path.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// What came so far.
    pub(crate) fn noted(&self) -> Vec<Noted> {
        self.noted.lock().expect("no panic").clone()
    }

    /// Waits until so many requests have come.
    pub(crate) async fn wait_for(&self, count: usize) -> Vec<Noted> {
        for _ in 0..LOOKS {
            let noted = self.noted();
            if noted.len() >= count {
                return noted;
            }
            moment().await;
        }
        panic!("{} of {count} requests came", self.noted().len());
    }
}

fn serve(mut stream: TcpStream, notes: &Mutex<Vec<Noted>>, script: &Script) {
    let timeout = Some(Duration::from_secs(60));
    stream.set_read_timeout(timeout).expect("a timeout");
    let Some(noted) = read(&mut stream) else {
        return;
    };
    let answer = script(&noted);
    notes.lock().expect("no panic").push(noted);
    std::thread::sleep(answer.delay);
    let head = format!(
        "HTTP/1.1 {} X\r\ncontent-type: {}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        answer.status,
        answer.kind,
        answer.body.len()
    );
    // Whoever asked may have gone away; that is what some tests are about.
    let _ = stream.write_all(format!("{head}{}", answer.body).as_bytes());
}

fn read(stream: &mut TcpStream) -> Option<Noted> {
    let mut text = String::new();
    let mut buffer = [0; 4096];
    loop {
        let length = stream.read(&mut buffer).ok()?;
        if length == 0 {
            return None;
        }
        text.push_str(&String::from_utf8_lossy(&buffer[..length]));
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let path = head.split(' ').nth(1)?.to_owned();
        let noted = Noted {
            path,
            head: head.to_owned(),
            body: body.to_owned(),
        };
        if body.len() >= noted.header("content-length").parse().unwrap_or(0) {
            return Some(noted);
        }
    }
}
