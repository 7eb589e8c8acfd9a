//! `postern dev` from the first start to the last.

use std::time::Duration;

use super::binary::{Running, free_port, postern, run};
use super::folder::Folder;
use super::http;

/// The promise is a second, and measured elsewhere: this is a limit for a machine that builds
/// something else meanwhile.
const SERVED_WITHIN: Duration = Duration::from_secs(60);

struct Project {
    folder: Folder,
    path: String,
}

impl Project {
    fn new() -> Self {
        let folder = Folder::new();
        let path = folder.path("app").display().to_string();
        assert!(run(&["new", &path]).success);
        Self { folder, path }
    }

    #[track_caller]
    fn start(&self) -> Running {
        let port = free_port();
        Running::start(
            postern(&["dev", &self.path, "--port", &port.to_string()]),
            port,
        )
    }

    fn refuse(&self) -> String {
        let port = free_port().to_string();
        let said = run(&["dev", &self.path, "--port", &port]);
        assert!(!said.success, "{}", said.out);
        said.err
    }

    fn write(&self, below: &str, text: &str) {
        self.folder.write(&format!("app/{below}"), text);
    }
}

/// The address of the database, as the banner shows it.
fn database_url(running: &Running) -> String {
    running.wait_until_it_says("Ctrl-C stops");
    let said = running.said();
    let line = said.lines().find(|line| line.contains("postgresql://"));
    line.unwrap().split_whitespace().last().unwrap().into()
}

async fn sql(url: &str, statements: &str) {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls)
        .await
        .unwrap();
    let connection = tokio::spawn(connection);
    client.batch_execute(statements).await.unwrap();
    drop(client);
    connection.await.unwrap().unwrap();
}

const TAGS_POLICY: &str = r#"
table = "public.tags"
[columns.anon]
select = ["id", "label"]
[[allow]]
name = "everybody"
roles = ["anon"]
for = ["select"]
where = "true"
"#;

#[test]
fn a_new_project_is_served_and_survives_a_restart() {
    let project = Project::new();

    let running = project.start();
    let first = http::get(running.port, "/rest/v1/notes?select=body", &[]).unwrap();
    running.wait_until_it_says("Ctrl-C stops");
    let said = running.said();
    let token = run(&[
        "token",
        "--dir",
        &project.path,
        "--sub",
        "11111111-1111-4111-8111-111111111111",
    ]);
    let bearer = format!("Bearer {}", token.out.trim());
    let own = http::get(
        running.port,
        "/rest/v1/notes?select=body",
        &[("authorization", &bearer)],
    );
    let database = database_url(&running);
    assert!(running.stop().success());

    assert_eq!(first.status, 200, "{}", first.body);
    assert!(first.body.contains("Hello from the seed"), "{}", first.body);
    assert!(!first.body.contains("A draft"), "{}", first.body);
    assert!(own.unwrap().body.contains("A draft"));
    for part in [
        "sb_publishable_",
        "sb_secret_",
        "anon key",
        "service_role key",
        "import { createClient } from '@supabase/supabase-js'",
        ".from('notes').select('id, body, published, created_at')",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let port = database.rsplit_once(':').unwrap().1;
    let port: u16 = port.split('/').next().unwrap().parse().unwrap();
    assert!(
        std::net::TcpStream::connect(("127.0.0.1", port)).is_err(),
        "the database has ended with us"
    );

    let again = project.start();
    let kept = http::get(again.port, "/rest/v1/notes?select=body", &[]).unwrap();
    assert_eq!(
        kept.body, first.body,
        "the data is kept and not seeded twice"
    );
    assert!(again.stop().success());
}

#[tokio::test]
async fn changes_of_schema_and_policies_are_served_at_once() {
    let project = Project::new();
    let running = project.start();
    let database = database_url(&running);
    let served = |path: &str, status: u16| {
        http::wait_for(running.port, path, SERVED_WITHIN, |it| it.status == status)
    };

    // A migration and its policy, saved while it runs.
    project.write(
        "migrations/0002_tags.sql",
        "create table public.tags (id int primary key, label text);\n\
         insert into public.tags values (1, 'red');",
    );
    project.write("policies/public.tags.toml", TAGS_POLICY);
    assert_eq!(
        served("/rest/v1/tags", 200).body,
        r#"[{"id":1,"label":"red"}]"#
    );

    // DDL by somebody else: the column that the policy names is gone, so the table closes.
    sql(
        &database,
        "alter table public.tags rename column label to name",
    )
    .await;
    served("/rest/v1/tags", 404);
    running.wait_until_it_says("unknown column `label`");
    sql(
        &database,
        "alter table public.tags rename column name to label",
    )
    .await;
    served("/rest/v1/tags", 200);

    // A bad file changes nothing; a good one does.
    project.write(
        "policies/public.tags.toml",
        "table = \"public.tags\"\ngrants = 1\n",
    );
    running.wait_until_it_says("the last good ones stay in force");
    running.wait_until_it_says("policies/public.tags.toml:2");
    served("/rest/v1/tags", 200);
    project.write(
        "policies/public.tags.toml",
        &TAGS_POLICY.replace("[\"id\", \"label\"]", "[\"id\"]"),
    );
    let narrow = http::wait_for(running.port, "/rest/v1/tags", SERVED_WITHIN, |it| {
        it.body == r#"[{"id":1}]"#
    });
    assert_eq!(narrow.status, 200);

    // A predicate that only the database can refuse.
    let wrong_type = TAGS_POLICY.replace("\"true\"", "\"id = label\"");
    project.write("policies/public.tags.toml", &wrong_type);
    running.wait_until_it_says("the database refuses");
    assert_eq!(served("/rest/v1/tags", 200).body, narrow.body);

    assert!(running.stop().success());
}

#[test]
fn files_that_contradict_the_database_or_themselves_refuse_the_start() {
    let project = Project::new();
    let migration = project.folder.read("app/migrations/0001_notes.sql");
    let policy = project.folder.read("app/policies/public.notes.toml");

    project.write(
        "policies/public.notes.toml",
        &policy.replace("author_id", "autor_id"),
    );
    let bad_policy = project.refuse();
    project.write("policies/public.notes.toml", &policy);
    project.write(
        "migrations/0001_notes.sql",
        &format!("{migration}-- later thought\n"),
    );
    let edited = project.refuse();
    project.write("migrations/0001_notes.sql", &migration);
    project.write("migrations/0002_bad.sql", "create table oops (;\n");
    let bad_sql = project.refuse();

    assert!(
        bad_policy.contains("unknown column `autor_id`"),
        "{bad_policy}"
    );
    assert!(
        bad_policy.matches("policies/public.notes.toml:").count() >= 2,
        "{bad_policy}"
    );
    assert!(edited.contains("`0001_notes.sql` was edited"), "{edited}");
    assert!(bad_sql.contains("0002_bad.sql:1:"), "{bad_sql}");
}

#[test]
fn a_taken_port_and_a_second_start_are_told_apart() {
    let project = Project::new();
    let other = Project::new();
    let running = project.start();
    let port = running.port.to_string();

    let taken = run(&["dev", &other.path, "--port", &port]);
    let twice = project.refuse();

    let expected = format!("port {port} is in use by `postern` (process ");
    assert!(taken.err.contains(&expected), "{}", taken.err);
    assert!(
        taken.err.contains("choose another with --port"),
        "{}",
        taken.err
    );
    assert!(
        twice.contains("another `postern dev` is running"),
        "{twice}"
    );
    assert!(running.stop().success());
}

#[test]
fn reset_asks_first_and_starts_over() {
    let project = Project::new();
    let running = project.start();
    let keys = run(&["keys", &project.path]).out;
    assert!(running.stop().success());
    let seed = project.folder.read("app/seed.sql");
    project.write(
        "seed.sql",
        &seed.replace("Hello from the seed", "Hello again"),
    );

    let unasked = run(&["dev", &project.path, "--reset"]);
    let port = free_port();
    let command = postern(&[
        "dev",
        &project.path,
        "--reset",
        "--yes",
        "--port",
        &port.to_string(),
    ]);
    let running = Running::start(command, port);
    let notes = http::get(port, "/rest/v1/notes?select=body", &[]).unwrap();

    assert!(
        unasked.err.contains("nothing was deleted"),
        "{}",
        unasked.err
    );
    assert!(notes.body.contains("Hello again"), "{}", notes.body);
    assert_eq!(run(&["keys", &project.path]).out, keys, "the keys stay");
    assert!(running.stop().success());
}

#[test]
fn explains_as_a_role_only_for_claims_that_make_it() {
    let project = Project::new();
    project.write(
        "policies/_shared.toml",
        "[roles.staff]\ninherits = \"authenticated\"\nwhen = \"auth.jwt() ->> 'staff' = 'yes'\"\n",
    );
    let running = project.start();
    let explain = |claims: &str| {
        let request = "GET /rest/v1/notes?select=body";
        let caller = ["--as", "staff", "--claims", claims, request];
        run(&[&["policy", "explain", "--dir", &project.path], &caller[..]].concat())
    };

    let nobody = explain("{}");
    let staff = explain(r#"{"staff":"yes"}"#);

    assert!(
        nobody.err.contains("do not make the caller `staff`"),
        "{}",
        nobody.err
    );
    assert!(
        staff.out.contains("role        staff"),
        "{}{}",
        staff.out,
        staff.err
    );
    assert!(running.stop().success());
}

#[test]
fn explains_what_sign_in_a_rule_demands() {
    let project = Project::new();
    let notes = project.folder.read("app/policies/public.notes.toml");
    let demand = "[[require]]\nname = \"fresh\"\nassurance = \"aal2 within 5m\"\n";
    project.write("policies/public.notes.toml", &format!("{notes}\n{demand}"));
    let running = project.start();
    let explain = |claims: &str| {
        let request = "GET /rest/v1/notes?select=body";
        let caller = ["--as", "authenticated", "--claims", claims, request];
        run(&[&["policy", "explain", "--dir", &project.path], &caller[..]].concat())
    };
    let now = std::time::UNIX_EPOCH.elapsed().expect("a time").as_secs();

    let weak = explain(r#"{"aal":"aal1"}"#);
    let sure = explain(&format!(
        r#"{{"aal":"aal2","amr":[{{"method":"totp","timestamp":{now}}}]}}"#
    ));

    for part in [
        "403 PSTRN403",
        r#""current":"aal1""#,
        "Verify a second factor",
    ] {
        assert!(weak.err.contains(part), "{part}: {}", weak.err);
    }
    for part in ["require \"fresh\"", "sign-in: aal2 within 5m"] {
        assert!(sure.out.contains(part), "{part}: {}{}", sure.out, sure.err);
    }
    assert!(running.stop().success());
}

#[test]
fn policy_commands_ask_the_running_database() {
    let project = Project::new();
    project.write(
        "migrations/0002_lists.sql",
        "create table public.lists (id bigint generated always as identity primary key, \
         owner_id uuid not null, title text not null);",
    );
    let running = project.start();
    let policy = |arguments: &[&str]| {
        let mut words = vec!["policy"];
        words.extend(arguments);
        run(&words)
    };

    let new = policy(&[
        "new",
        "lists",
        "--template",
        "owner",
        "--dir",
        &project.path,
    ]);
    assert!(new.success, "{}", new.err);
    running.wait_until_it_says("reloaded after a change of policies");
    let misspelt = policy(&["new", "list", "--dir", &project.path]);
    let check = policy(&["check", &project.path]);
    let explain = policy(&[
        "explain",
        "--dir",
        &project.path,
        "--as",
        "authenticated",
        "--sub",
        "11111111-1111-4111-8111-111111111111",
        "GET /rest/v1/notes?select=body",
    ]);
    project.write(
        "policies/public.lists.toml",
        "table = \"public.lists\"\nx = 1\ny = 2\n",
    );
    let broken = policy(&["check", &project.path]);
    let lock = policy(&["lock", &project.path]);

    assert!(
        misspelt.err.contains("did you mean `public.lists`?"),
        "{}",
        misspelt.err
    );
    assert!(check.success, "{}{}", check.out, check.err);
    for part in [
        "role        authenticated",
        "allow \"own notes\"  policies/public.notes.toml:",
        "path        fast",
        "FROM \"public\".\"notes\"",
        "$1 = '11111111-1111-4111-8111-111111111111'",
    ] {
        assert!(
            explain.out.contains(part),
            "{part}: {}{}",
            explain.out,
            explain.err
        );
    }
    assert!(!broken.success);
    assert!(broken.err.contains("public.lists.toml:2"), "{}", broken.err);
    assert!(broken.err.contains("public.lists.toml:3"), "{}", broken.err);
    assert!(lock.success, "{}", lock.err);
    assert!(
        project
            .folder
            .read("app/policies/policy.lock")
            .contains("public.notes")
    );
    assert!(running.stop().success());
}
