//! A mail server that is not ours: `aiosmtpd`, as a child process on a free loopback port.
//!
//! Its packages are installed into the target folder, once for all test programs.

mod install;

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::skip;

const SERVER: &str = include_str!("smtp/server.py");
/// The only user, and the password.
const LOGIN: (&str, &str) = ("postern", "correct horse");
/// Longest wait for a mail.
const MAIL_WAIT: Duration = Duration::from_secs(60);
/// Between two looks at the inbox.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// How the server talks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SmtpMode {
    /// In the clear, to anybody; STARTTLS is not offered.
    Plain,
    /// Encrypted after STARTTLS, to the user only.
    Starttls,
    /// Encrypted from the first byte, to the user only.
    Tls,
}

/// A running mail server. Addressees decide what it does: `refused@` is refused for good,
/// `later@` is put off, `slow@` is never answered.
pub struct SmtpServer {
    port: u16,
    authority_pem: String,
    inbox: Arc<Mutex<Vec<ReceivedMail>>>,
    child: Child,
    /// The server ends when this closes, even when this program is killed.
    _stdin: ChildStdin,
}

/// A mail as the server got it.
#[derive(Clone, Debug)]
pub struct ReceivedMail {
    /// The sender of the envelope.
    pub from: String,
    /// The addressees of the envelope.
    pub to: Vec<String>,
    /// Who was logged in.
    pub user: Option<String>,
    /// Whether the connection was encrypted.
    pub encrypted: bool,
    /// What the client called itself.
    pub greeting: String,
    /// Headers and bodies.
    pub raw: String,
}

impl SmtpServer {
    /// Starts a server; without a Python the reason is recorded, and the test does nothing.
    pub fn start(mode: SmtpMode) -> Option<Self> {
        let python = match install::python() {
            Ok(python) => python,
            Err(why) => {
                skip(&format!("no mail server to test with: {why:#}"));
                return None;
            }
        };
        let mut command = Command::new(python);
        command.args(["-c", SERVER, mode.name(), LOGIN.0, LOGIN.1]);
        Some(Self::run(command).unwrap_or_else(|error| panic!("the mail server: {error:#}")))
    }

    fn run(mut command: Command) -> Result<Self> {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let stdin = child.stdin.take().context("it has no input")?;
        let mut lines = BufReader::new(child.stdout.take().context("it has no output")?).lines();
        let first = lines.next().context("it ended at once")??;
        let first: Value = serde_json::from_str(&first)?;
        let Some(port) = first["port"].as_u64() else {
            bail!("it told no port: {first}");
        };
        let inbox = Arc::new(Mutex::new(Vec::new()));
        let filled = Arc::clone(&inbox);
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                let mail = ReceivedMail::parse(&line);
                filled
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push(mail);
            }
        });
        Ok(Self {
            port: u16::try_from(port)?,
            authority_pem: first["authority"].as_str().unwrap_or_default().to_owned(),
            inbox,
            child,
            _stdin: stdin,
        })
    }

    /// The port on `localhost`.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The authority that signed the server's certificate.
    pub fn authority_pem(&self) -> &str {
        &self.authority_pem
    }

    /// User and password.
    pub fn login(&self) -> (&'static str, &'static str) {
        LOGIN
    }

    /// Waits until so many mails have arrived, and returns all that have.
    pub async fn received(&self, at_least: usize) -> Vec<ReceivedMail> {
        let deadline = Instant::now() + MAIL_WAIT;
        loop {
            let mails = self
                .inbox
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .clone();
            if mails.len() >= at_least {
                return mails;
            }
            assert!(
                Instant::now() < deadline,
                "{} of {at_least} mails arrived in time",
                mails.len()
            );
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }
}

impl Drop for SmtpServer {
    fn drop(&mut self) {
        // It may have ended already, which is what we want.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl SmtpMode {
    fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Starttls => "starttls",
            Self::Tls => "tls",
        }
    }
}

impl ReceivedMail {
    fn parse(line: &str) -> Self {
        let mail: Value = serde_json::from_str(line)
            .unwrap_or_else(|error| panic!("the mail server said `{line}`: {error}"));
        let text = |name: &str| mail[name].as_str().unwrap_or_default().to_owned();
        let list = |name: &str| mail[name].as_array().cloned().unwrap_or_default();
        Self {
            from: text("from"),
            to: list("to")
                .iter()
                .filter_map(|it| it.as_str().map(str::to_owned))
                .collect(),
            user: mail["user"].as_str().map(str::to_owned),
            encrypted: mail["encrypted"] == true,
            greeting: text("greeting"),
            raw: text("raw"),
        }
    }

    /// The headers, with folded lines joined.
    pub fn head(&self) -> String {
        let head = self.raw.split("\r\n\r\n").next().unwrap_or_default();
        head.replace("\r\n ", " ").replace("\r\n\t", " ")
    }
}
