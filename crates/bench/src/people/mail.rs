//! A mail server that takes everything and keeps nothing.

use std::io::{BufRead, BufReader, Result, Write};
use std::net::{TcpListener, TcpStream};

/// Listens until the program ends.
pub(super) struct MailSink {
    pub(super) port: u16,
}

impl MailSink {
    pub(super) fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let port = listener.local_addr()?.port();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // A connection that breaks off is the client's affair.
                std::thread::spawn(move || talk(&stream).ok());
            }
        });
        Ok(Self { port })
    }
}

fn talk(stream: &TcpStream) -> Result<()> {
    let mut writer = stream;
    let mut is_letter = false;
    writer.write_all(b"220 sink\r\n")?;
    for line in BufReader::new(stream).lines() {
        let line = line?.to_ascii_uppercase();
        let answer: &[u8] = match line.as_str() {
            "." if is_letter => b"250 taken\r\n",
            _ if is_letter => continue,
            "DATA" => b"354 go on\r\n",
            _ => b"250 ok\r\n",
        };
        is_letter = line == "DATA";
        writer.write_all(answer)?;
    }
    Ok(())
}
