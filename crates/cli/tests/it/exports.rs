//! A long answer over a real socket: its memory stays bounded, and what is cut off looks cut off.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use postern_testkit::database;

use super::binary::{Running, free_port, postern};
use super::folder::Folder;

/// 200,000 rows of some 1,000 bytes: 200 MB.
const SCHEMA: &str = "
create view public.wide as
  select n as id, repeat('w', 1000) as body from generate_series(1, 200000) n;
create view public.broken as
  select n as id, 1 / (40000 - n) as x, repeat('b', 100) as body from generate_series(1, 50000) n;
";
const ROWS: usize = 200_000;
/// What the gateway may have beside such an answer: debug builds are large at rest.
const MEMORY_MB_MAX: u64 = 150;

fn policy(name: &str, columns: &str) -> String {
    format!(
        "table = \"public.{name}\"\n[columns.anon]\nselect = [{columns}]\n[[allow]]\n\
         name = \"everybody\"\nroles = [\"anon\"]\nfor = [\"select\"]\nwhere = \"true\"\n"
    )
}

fn ask(port: u16, path: &str) -> TcpStream {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let patience = Some(Duration::from_secs(60));
    stream.set_read_timeout(patience).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    stream
}

/// Reads to the last chunk, or to the end of the connection; says whether there was a last chunk.
fn drain(mut stream: TcpStream, mut seen: impl FnMut(&[u8])) -> bool {
    let mut part = vec![0; 64 * 1024];
    let mut tail = Vec::new();
    loop {
        let read = stream.read(&mut part).unwrap_or(0);
        if read == 0 {
            return false;
        }
        seen(&part[..read]);
        tail.extend_from_slice(&part[..read]);
        tail.drain(..tail.len().saturating_sub(7));
        if tail == b"\r\n0\r\n\r\n" {
            return true;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_takes_no_memory_and_never_ends_cleanly_when_cut_off() {
    let folder = Folder::new();
    let settings = "[limits]\nrows_max = 1000000\n[database]\nstatement_timeout_anon_ms = 60000\n";
    folder.write("postern.toml", settings);
    folder.write(
        "policies/public.wide.toml",
        &policy("wide", r#""id", "body""#),
    );
    folder.write(
        "policies/public.broken.toml",
        &policy("broken", r#""id", "x", "body""#),
    );
    let database = database(SCHEMA).await;
    let port = free_port();
    let dir = folder.root().display().to_string();
    let mut command = postern(&["serve", &dir, "--port", &port.to_string()]);
    command.env("DATABASE_URL", database.url());
    let running = Running::start(command, port);

    // A reader that takes a pause in the middle, so that everything before it fills up.
    let (mut rows, mut paused) = (0, false);
    let whole = drain(ask(port, "/rest/v1/wide"), |part| {
        rows += part.iter().filter(|it| **it == b'\n').count();
        if !paused && rows > ROWS / 4 {
            paused = true;
            std::thread::sleep(Duration::from_secs(2));
        }
    });
    let memory = running.most_memory_mb();
    let broken = drain(ask(port, "/rest/v1/broken"), |_| {});

    assert!(whole, "the answer ends with its last chunk");
    assert!(rows > ROWS, "{rows} lines");
    assert!(memory < MEMORY_MB_MAX, "{memory} MB");
    assert!(!broken, "an answer that broke off has no last chunk");
    assert!(running.stop().success());
}
