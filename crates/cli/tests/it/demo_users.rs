//! `users.toml`: demo users of `postern dev`, and of nothing else.

use super::binary::{Running, free_port, postern, run};
use super::folder::Folder;
use super::http;

const USERS: &str = r#"
[[user]]
id = "a0000000-0000-4000-8000-000000000001"
email = "ann@example.com"
name = "Ann"
app_metadata = { role = "staff" }

[[user]]
email = "ben@example.com"
password = "a-password-of-his-own"
"#;

const MIGRATION: &str = "
create table public.profiles (
  id uuid primary key references auth.users (id) on delete cascade,
  name text
);
create function public.keep_profile() returns trigger language plpgsql
security definer set search_path = '' as $$
begin
  insert into public.profiles values (new.id, new.raw_user_meta_data ->> 'full_name');
  return null;
end $$;
create trigger keep after insert on auth.users
for each row execute function public.keep_profile();
create table public.notes (author uuid not null references auth.users (id), body text);
";

const POLICY: &str = r#"
table = "public.notes"
[columns.authenticated]
select = ["body"]
[[allow]]
name = "own"
roles = ["authenticated"]
for = ["select"]
where = "author = auth.uid()"
"#;

const SEED: &str =
    "insert into public.notes values ('a0000000-0000-4000-8000-000000000001', 'of ann');";

struct Project {
    folder: Folder,
    dir: String,
}

impl Project {
    fn new() -> Self {
        let folder = Folder::new();
        folder.write("postern.toml", "");
        folder.write("users.toml", USERS);
        folder.write("migrations/0001.sql", MIGRATION);
        folder.write("policies/public.notes.toml", POLICY);
        folder.write("seed.sql", SEED);
        let dir = folder.root().display().to_string();
        Self { folder, dir }
    }

    fn start(&self) -> Running {
        let port = free_port();
        let arguments = ["dev", &self.dir, "--port", &port.to_string()];
        let running = Running::start(postern(&arguments), port);
        running.wait_until_it_says("Ctrl-C stops");
        running
    }
}

/// Signs in and returns the access token, or what the server says instead.
fn sign_in(port: u16, email: &str, password: &str) -> Result<String, String> {
    let body = serde_json::json!({ "email": email, "password": password }).to_string();
    let path = "/auth/v1/token?grant_type=password";
    let answer = http::post(port, path, &body).unwrap();
    let json: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
    let token = json["access_token"].as_str().map(String::from);
    token.ok_or(answer.body)
}

fn demo_password(said: &str) -> String {
    let line = said.lines().find(|it| it.contains("Demo password"));
    line.unwrap().split_whitespace().last().unwrap().into()
}

#[test]
fn demo_users_sign_in_with_the_printed_password_and_see_their_rows() {
    let project = Project::new();
    let running = project.start();
    let said = running.said();
    let password = demo_password(&said);

    let ann = sign_in(running.port, "ann@example.com", &password).unwrap();
    let bearer = format!("Bearer {ann}");
    let headers = [("authorization", bearer.as_str())];
    let notes = http::get(running.port, "/rest/v1/notes", &headers).unwrap();
    let user = http::get(running.port, "/auth/v1/user", &headers).unwrap();
    let ben = sign_in(running.port, "ben@example.com", "a-password-of-his-own");
    let shared = sign_in(running.port, "ben@example.com", &password);
    assert!(running.stop().success());

    assert_eq!(notes.body, r#"[{"body":"of ann"}]"#);
    let user: serde_json::Value = serde_json::from_str(&user.body).unwrap();
    assert_eq!(user["id"], "a0000000-0000-4000-8000-000000000001");
    assert_eq!(user["user_metadata"]["full_name"], "Ann");
    assert_eq!(user["app_metadata"]["role"], "staff");
    assert_eq!(user["app_metadata"]["provider"], "email");
    assert!(ben.is_ok() && shared.is_err(), "{ben:?} {shared:?}");
    assert!(
        said.contains("ben@example.com  (password a-password"),
        "{said}"
    );
    let keys = run(&["keys", &project.dir, "--json"]).out;
    assert!(keys.contains(&password), "{keys}");
}

#[test]
fn a_second_start_makes_nobody_twice_and_keeps_the_password() {
    let project = Project::new();
    let first = project.start();
    let password = demo_password(&first.said());
    assert!(first.stop().success());

    let more = "\n[[user]]\nemail = \"cleo@example.com\"\n";
    project
        .folder
        .write("users.toml", &format!("{USERS}{more}"));
    let second = project.start();
    let ann = sign_in(second.port, "ann@example.com", &password);
    let cleo = sign_in(second.port, "cleo@example.com", &password);
    let said = second.said();
    assert!(second.stop().success());

    assert!(ann.is_ok() && cleo.is_ok(), "{ann:?} {cleo:?}");
    assert!(
        said.contains("made demo users: cleo@example.com\n"),
        "{said}"
    );
}

#[test]
fn two_projects_have_two_passwords_and_mistakes_refuse_the_start() {
    let (one, other) = (Project::new(), Project::new());
    let first = one.start();
    let second = other.start();
    let passwords = [&first, &second].map(|it| demo_password(&it.said()));
    assert!(first.stop().success() && second.stop().success());
    one.folder.write("users.toml", "[[user]]\nname = \"Ann\"\n");
    let refused = run(&["dev", &one.dir, "--port", &free_port().to_string()]);

    assert_ne!(passwords[0], passwords[1]);
    assert!(!refused.success);
    assert!(
        refused.err.contains("users.toml") && refused.err.contains("`email` is missing"),
        "{}",
        refused.err
    );
}
