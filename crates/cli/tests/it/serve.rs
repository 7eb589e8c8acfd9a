//! `postern serve` against a database that is somebody else's.

use std::time::{Duration, Instant};

use postern_testkit::database;

use super::binary::{Running, free_port, postern};
use super::folder::Folder;
use super::http;

const SCHEMA: &str = "
create table public.notes (id int primary key, body text);
insert into public.notes values (1, 'hello');
create function public.slow() returns int language sql volatile set search_path = ''
  as 'select 1 from pg_catalog.pg_sleep(1.5)';
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

const SECRET: &str = "k9Qw2xZp7LmN4vRt8YbC1dFg6HjS3aEu5Ti0OoPq";

#[tokio::test(flavor = "multi_thread")]
async fn sigterm_lets_requests_in_flight_finish() {
    let folder = Folder::new();
    folder.write("postern.toml", "");
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
    let slow = std::thread::spawn(move || http::get(port, "/rest/v1/rpc/slow", &[]));
    std::thread::sleep(Duration::from_millis(500));
    let asked = Instant::now();
    running.signal("TERM");
    let slow = slow.join().unwrap();
    let status = running.wait();
    let took = asked.elapsed();
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
    let limit = Duration::from_secs(10);
    assert!(took < limit, "an idle connection held it up: {took:?}");
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
    assert!(said.contains("finishing requests in flight"), "{said}");
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
    let gone = http::wait_for(port, "/health/ready", Duration::from_secs(10), |it| {
        it.status == 503
    });
    let live = http::get(port, "/health/live", &[]).unwrap();
    let opened = locked.replace("false", "true");
    client.batch_execute(&opened).await.unwrap();
    let back = http::wait_for(port, "/health/ready", Duration::from_secs(20), |it| {
        it.status == 200
    });

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
