//! `postern serve` against a database that is somebody else's.

use std::time::{Duration, Instant};

use postern_testkit::database;

use super::binary::{Running, free_port, postern};
use super::folder::Folder;
use super::http;

const SCHEMA: &str = "
create table public.notes (id int primary key, body text);
insert into public.notes values (1, 'hello');
create function public.slow() returns int language sql volatile
  set search_path = '' set statement_timeout = '120s'
  as 'select 1 from pg_catalog.pg_advisory_xact_lock(7)';
";

const NOTES: &str = r#"
table = "public.notes"
[columns.anon]
select = ["id", "body"]
[[allow]]
name = "everybody"
roles = ["anon"]
for = ["select"]
where = "true"
"#;

const FUNCTIONS: &str = r#"
[function."public.slow()"]
roles = ["anon"]
mode = "trusted"
"#;

/// How long a change of state may take to be seen from outside.
const SEEN_WITHIN: Duration = Duration::from_secs(60);

const SECRET: &str = "k9Qw2xZp7LmN4vRt8YbC1dFg6HjS3aEu5Ti0OoPq";

#[tokio::test(flavor = "multi_thread")]
async fn sigterm_lets_requests_in_flight_finish() {
    let folder = Folder::new();
    // Longer than the test waits for the end: idle connections must not be what it waits for.
    folder.write("postern.toml", "[api]\nshutdown_timeout_ms = 600000\n");
    folder.write("policies/public.notes.toml", NOTES);
    folder.write("policies/functions.toml", FUNCTIONS);
    let database = database(SCHEMA).await;
    let port = free_port();
    let dir = folder.root().display().to_string();
    let mut command = postern(&["serve", &dir, "--port", &port.to_string()]);
    command
        .env("DATABASE_URL", database.url())
        .env("POSTERN_AUTH_JWT_SECRETS", SECRET);
    let mut running = Running::start(command, port);

    let notes = http::get(port, "/rest/v1/notes", &[]).unwrap();
    let metrics = http::get(port, "/metrics", &[]).unwrap();
    let id = ("x-request-id", "me-again");
    let live = http::get(port, "/health/live", &[id]).unwrap();
    let idle = http::keep_alive(port, "/rest/v1/notes");
    let lock = database.client().await;
    lock.batch_execute("select pg_advisory_lock(7)")
        .await
        .unwrap();
    let slow = std::thread::spawn(move || http::get(port, "/rest/v1/rpc/slow", &[]));
    wait_until_blocked(&lock).await;
    running.signal("TERM");
    running.wait_until_it_says("finishing requests in flight");
    lock.batch_execute("select pg_advisory_unlock(7)")
        .await
        .unwrap();
    let slow = slow.join().unwrap();
    let status = running.wait();
    drop(idle);

    assert_eq!(notes.body, r#"[{"id":1,"body":"hello"}]"#);
    assert!(
        metrics.body.contains("postern_http_requests_total"),
        "{}",
        metrics.body
    );
    assert!(
        live.head.contains("x-request-id: me-again"),
        "{}",
        live.head
    );
    let slow = slow.expect("the request in flight is answered");
    assert_eq!((slow.status, slow.body.as_str()), (200, "1"));
    assert!(status.success(), "{}", running.said());
    assert!(
        http::get(port, "/health/live", &[]).is_err(),
        "nobody listens any more"
    );
    let said = running.said();
    assert!(
        said.lines().all(|line| line.starts_with('{')),
        "JSON logs: {said}"
    );
}

/// Waits until a request of this database waits for a lock.
async fn wait_until_blocked(client: &tokio_postgres::Client) {
    let waiting = "select count(*) from pg_stat_activity \
                   where datname = current_database() and wait_event = 'advisory'";
    let deadline = Instant::now() + SEEN_WITHIN;
    while client
        .query_one(waiting, &[])
        .await
        .unwrap()
        .get::<_, i64>(0)
        == 0
    {
        assert!(Instant::now() < deadline, "no request waits");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn readiness_follows_the_database() {
    let folder = Folder::new();
    folder.write("postern.toml", "");
    let database = database(SCHEMA).await;
    let port = free_port();
    let dir = folder.root().display().to_string();
    let mut command = postern(&["serve", &dir, "--port", &port.to_string()]);
    command.env("DATABASE_URL", database.url());
    let running = Running::start(command, port);

    // From another database: nobody can lock out the one that he is connected to.
    let elsewhere = database.url().replace(database.name(), "postgres");
    let (client, connection) = tokio_postgres::connect(&elsewhere, tokio_postgres::NoTls)
        .await
        .unwrap();
    tokio::spawn(connection);
    let name = database.name();
    let locked = format!("alter database \"{name}\" allow_connections false");
    client.batch_execute(&locked).await.unwrap();
    client
        .execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = $1",
            &[&name],
        )
        .await
        .unwrap();
    let gone = http::wait_for(port, "/health/ready", SEEN_WITHIN, |it| it.status == 503);
    let live = http::get(port, "/health/live", &[]).unwrap();
    let opened = locked.replace("false", "true");
    client.batch_execute(&opened).await.unwrap();
    let back = http::wait_for(port, "/health/ready", SEEN_WITHIN, |it| it.status == 200);

    assert!(
        gone.head.to_lowercase().contains("retry-after: 1"),
        "{}",
        gone.head
    );
    assert_eq!((live.status, back.status), (200, 200));
    assert!(running.stop().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hangup_reloads_and_other_addresses_name_nothing() {
    let folder = Folder::new();
    folder.write("postern.toml", "[api]\nmetrics = \"off\"\n");
    let database = database(SCHEMA).await;
    let port = free_port();
    let dir = folder.root().display().to_string();
    let mut command = postern(&["serve", &dir, "--port", &port.to_string()]);
    command.env("DATABASE_URL", database.url());
    let running = Running::start(command, port);

    running.signal("HUP");
    running.wait_until_it_says_twice("serving the schema and policies");
    let nothing = http::get(port, "/nothing", &[]).unwrap();
    let metrics = http::get(port, "/metrics", &[]).unwrap();
    let root = http::get(port, "/", &[]).unwrap();

    assert_eq!((nothing.status, metrics.status), (404, 404));
    assert!(nothing.body.contains("PGRST125"), "{}", nothing.body);
    assert_eq!(root.body, r#"{"status":"ok"}"#);
    assert!(running.stop().success());
}
