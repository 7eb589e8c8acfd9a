//! The server is killed in the middle of sign-ups, proofs, refreshes and changes of passwords, at
//! random moments, again and again. Whatever was answered holds afterwards, whatever was not is
//! done or not done, and nothing is half done.

mod invariants;
mod people;

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use postern_testkit::{Database, database};
use tokio_postgres::Client;

use super::binary::{Running, free_port, postern};
use super::folder::Folder;
use super::mail_sink::MailSink;
use people::{Person, live, use_everything_again};

/// How often the server is killed.
const CRASHES: u32 = 5;
/// How many people use it at once.
const AT_ONCE: u32 = 6;
/// How many of them prove their address before the server may be killed.
const PROVED_BEFORE: u32 = 2;
/// How long a busy machine may take for that.
const PROVED_WITHIN: Duration = Duration::from_secs(60);
/// How long it lives at least, and how much longer at most, in milliseconds.
const LIFE_MS: (u64, u64) = (900, 1500);
/// How long letters may take after the last start.
const LETTERS_WITHIN: Duration = Duration::from_secs(60);
/// How many people use everything again at the end.
const ASKED_AGAIN: usize = 60;

const MASTER_KEY: &str = "3f9a1c7e5b2d8046e1f3a5c7093b6d8f20416385a7c9ebfd1e3c5a7890b2d4f6";

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_server_leaves_nothing_half_done() {
    let database = database("").await;
    let sql = database.client().await;
    let mails = MailSink::start();
    let folder = project(&mails);
    let mut people = Vec::new();

    for crash in 0..CRASHES {
        let server = start(&folder, &database);
        people.extend(live_until_killed(server, &mails, crash).await);
        invariants::hold(&sql).await;
    }
    let server = start(&folder, &database);
    letters_are_delivered(&sql, &server).await;
    people.iter().for_each(|it| it.got_mail_if_answered(&mails));
    let port = server.port;
    let proved = people.iter().filter(|it| it.is_proved()).count();
    assert!(
        proved >= (CRASHES * PROVED_BEFORE) as usize,
        "only {proved} of {} were proved",
        people.len()
    );
    // Those of the last moments are the interesting ones.
    people.sort_by_key(Person::is_settled);
    for person in people.iter().take(ASKED_AGAIN) {
        let row = invariants::find(&sql, &person.email).await;
        use_everything_again(port, person, row, &mails);
    }
    invariants::hold(&sql).await;
    assert!(server.stop().success());
}

/// Runs people against the server and kills it in the middle of what they do.
async fn live_until_killed(server: Running, mails: &MailSink, crash: u32) -> Vec<Person> {
    let is_over = Arc::new(AtomicBool::new(false));
    let proved = Arc::new(AtomicU32::new(0));
    let lives: Vec<_> = (0..AT_ONCE)
        .map(|number| {
            let (is_over, mails, port) = (Arc::clone(&is_over), mails.clone(), server.port);
            let (name, proved) = (format!("crash{crash}-{number}"), Arc::clone(&proved));
            std::thread::spawn(move || live(port, &name, &mails, (&is_over, &proved)))
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(random_life_ms())).await;
    let deadline = Instant::now() + PROVED_WITHIN;
    while proved.load(Ordering::SeqCst) < PROVED_BEFORE && Instant::now() < deadline {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    server.signal("KILL");
    drop(server);
    is_over.store(true, Ordering::SeqCst);
    lives
        .into_iter()
        .flat_map(|it| it.join().unwrap())
        .collect()
}

fn random_life_ms() -> u64 {
    let nanos = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap()
        .subsec_nanos();
    let life = LIFE_MS.0 + u64::from(nanos / 1000) % LIFE_MS.1;
    eprintln!("killed after {life} ms");
    life
}

/// Waits until the outbox is empty; what somebody who was killed had taken is made due at once.
async fn letters_are_delivered(sql: &Client, server: &Running) {
    let deadline = Instant::now() + LETTERS_WITHIN;
    let due = "update postern.outbox set next_at = created_at where failed_at is null";
    sql.batch_execute(due).await.unwrap();
    loop {
        let left = sql.query_one("select count(*) from postern.outbox", &[]);
        let left: i64 = left.await.unwrap().get(0);
        if left == 0 {
            return;
        }
        let said = server.said();
        assert!(Instant::now() < deadline, "{left} letters are left: {said}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

fn start(folder: &Folder, database: &Database) -> Running {
    let port = free_port();
    let dir = folder.root().display().to_string();
    let mut command: Command = postern(&["serve", &dir, "--port", &port.to_string()]);
    command
        .env("DATABASE_URL", database.gateway_url())
        .env("POSTERN_AUTH_DATABASE_URL", database.auth_url())
        .env("POSTERN_KEYS_MASTER_KEY", MASTER_KEY);
    Running::start(command, port)
}

fn project(mails: &MailSink) -> Folder {
    let folder = Folder::new();
    let settings = format!(
        r#"
[mail]
transport = "smtp"
host = "127.0.0.1"
port = {}
security = "none"
from = "people@example.com"
[passwords]
memory_kib = 64
passes = 1
[rates]
enabled = false
"#,
        mails.port
    );
    folder.write("postern.toml", &settings);
    folder
}
