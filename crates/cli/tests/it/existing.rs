//! Commands for databases that were there before: doctor, import, export.

use postern_testkit::database;

use super::binary::run;
use super::folder::Folder;

const SCHEMA: &str = "
    create table public.notes (id int primary key, owner uuid, body text);
    create index on public.notes (owner);
    alter table public.notes enable row level security;
    grant select, insert on public.notes to authenticated;
    create policy \"own notes\" on public.notes to authenticated using (owner = auth.uid());
";

fn project(url: &str) -> Folder {
    let folder = Folder::new();
    let config = format!("[api]\nenforce = \"native\"\n[database]\nurl = \"{url}\"\n");
    folder.write("postern.toml", &config);
    folder
}

#[tokio::test]
async fn doctor_fails_when_something_grave_is_found() {
    let database = database(SCHEMA).await;
    let folder = project(&database.url());
    let dir = folder.root().display().to_string();

    let said = run(&["doctor", &dir]);
    let machine = run(&["doctor", "--json", &dir]);

    assert!(!said.success);
    assert!(said.out.contains("grave[login-superuser]"), "{}", said.out);
    assert!(
        said.out.contains("1 grave findings, 0 warnings"),
        "{}",
        said.out
    );
    let findings: serde_json::Value = serde_json::from_str(&machine.out).unwrap();
    assert_eq!(findings[0]["code"], "login-superuser");
    assert!(!machine.success);
}

#[tokio::test]
async fn import_writes_files_once_and_export_prints_a_migration() {
    let database = database(SCHEMA).await;
    let folder = project(&database.gateway_url());
    let dir = folder.root().display().to_string();

    let first = run(&["policy", "import", &dir]);
    let again = run(&["policy", "import", &dir]);

    assert!(first.success, "{}", first.err);
    let file = folder.read("policies/public.notes.toml");
    assert!(file.contains("name = \"own notes\""), "{file}");
    assert!(file.contains("scope = \"caller\""), "{file}");
    assert!(
        again.err.contains("exists and was left alone"),
        "{}",
        again.err
    );
    let config = folder.read("postern.toml").replace("native", "rewrite");
    folder.write("postern.toml", &config);
    let exported = run(&["policy", "export", "--rls", &dir]);
    assert!(exported.success, "{}", exported.err);
    let policy = "create policy \"postern select authenticated\" on public.notes";
    assert!(exported.out.contains(policy), "{}", exported.out);
}
