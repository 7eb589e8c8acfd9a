//! A mail server that takes everything and outlives the server that writes to it.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// A mail as it came: to whom, and its text with headers.
#[derive(Clone, Debug)]
struct Mail {
    to: String,
    text: String,
}

/// Listens on a port of its own until the program ends.
#[derive(Clone)]
pub(crate) struct MailSink {
    pub(crate) port: u16,
    mails: Arc<Mutex<Vec<Mail>>>,
}

impl MailSink {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let sink = Self {
            port: listener.local_addr().unwrap().port(),
            mails: Arc::default(),
        };
        let mails = Arc::clone(&sink.mails);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let mails = Arc::clone(&mails);
                // A client that is killed in the middle has sent no mail.
                std::thread::spawn(move || talk(&stream, &mails).ok());
            }
        });
        sink
    }

    /// The code in the newest mail to an address that holds one; notices hold none.
    pub(crate) fn code_to(&self, address: &str) -> Option<String> {
        let mails = self.mails.lock().unwrap();
        let mut newest = mails.iter().rev().filter(|it| it.to == address);
        newest.find_map(|it| code_in(&it.text))
    }
}

fn talk(stream: &TcpStream, mails: &Mutex<Vec<Mail>>) -> std::io::Result<()> {
    let mut writer = stream;
    let mut lines = BufReader::new(stream).lines();
    let mut to = String::new();
    writer.write_all(b"220 sink\r\n")?;
    while let Some(line) = lines.next().transpose()? {
        let command = line.to_ascii_uppercase();
        if command.starts_with("RCPT TO:") {
            let address = line.split(['<', '>']).nth(1).unwrap_or_default();
            address.clone_into(&mut to);
        }
        if command == "QUIT" {
            writer.write_all(b"221 bye\r\n")?;
            return Ok(());
        }
        if command != "DATA" {
            writer.write_all(b"250 ok\r\n")?;
            continue;
        }
        writer.write_all(b"354 go on\r\n")?;
        let mut text = String::new();
        for line in lines.by_ref() {
            let line = line?;
            if line == "." {
                break;
            }
            text.push_str(&line);
            text.push('\n');
        }
        let to = to.clone();
        mails.lock().unwrap().push(Mail { to, text });
        writer.write_all(b"250 taken\r\n")?;
    }
    Ok(())
}

/// The first six digits that stand alone below the headers.
fn code_in(text: &str) -> Option<String> {
    let body = text.split_once("\n\n")?.1;
    let words = body
        .lines()
        .filter(|it| !it.starts_with("--") && !it.starts_with("Content-"))
        .flat_map(|line| line.split(|it: char| !it.is_ascii_alphanumeric() && it != '#'));
    let is_code = |it: &&str| it.len() == 6 && it.bytes().all(|it| it.is_ascii_digit());
    words.filter(is_code).map(str::to_owned).next()
}
