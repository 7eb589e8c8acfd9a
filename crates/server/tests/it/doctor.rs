//! `postern doctor`: each thing that is wrong is named once, and a sound database is left alone.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use postern_server::doctor::{Finding, Gravity, to_json};
use postern_server::policies::Workbench;
use postern_testkit::{Database, database};

/// A project folder; removed when dropped.
struct Folder(PathBuf);

impl Folder {
    fn new(url: &str, enforce: &str, policies: &[(&str, &str)]) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("postern-doctor-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(path.join("policies")).expect("a folder");
        let config = format!("[api]\nenforce = \"{enforce}\"\n[database]\nurl = \"{url}\"\n");
        std::fs::write(path.join("postern.toml"), config).expect("written");
        for (name, text) in policies {
            std::fs::write(path.join("policies").join(name), text).expect("written");
        }
        Self(path)
    }

    async fn examine(&self) -> Vec<Finding> {
        let workbench = Workbench::open(&self.0).await.expect("a project");
        let findings = workbench.examine().await.expect("a database");
        workbench.close().await.expect("nothing was started");
        findings
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).ok();
    }
}

fn codes(findings: &[Finding], gravity: Gravity) -> Vec<&'static str> {
    let found = findings.iter().filter(|it| it.gravity == gravity);
    let mut codes: Vec<_> = found.map(|it| it.code).collect();
    codes.sort_unstable();
    codes.dedup();
    codes
}

/// A login as an operator makes one: that of the test servers passes row-level security.
const LOGIN: &str = "
    do $$ begin
      create role doctor_login login noinherit password 'doctor';
    exception when duplicate_object or unique_violation then null;
    end $$;
    grant anon, authenticated, service_role to doctor_login;
";

/// A database with the login, and the login's address.
async fn operated(sql: &str) -> (Database, String) {
    let database = database(&format!("{LOGIN}{sql}")).await;
    let url = database.gateway_url();
    let (_, place) = url.split_once('@').expect("an address with a login");
    let url = format!("postgresql://doctor_login:doctor@{place}");
    (database, url)
}

const OPEN: &str = "
    create table public.accounts (id int primary key, email text, password_hash text);
    grant select on public.accounts to anon;
    create table public.logs (at timestamptz, who uuid);
    alter table public.logs enable row level security;
    create policy own on public.logs to authenticated using (who = auth.uid());
    alter table public.logs owner to doctor_login;
    create view public.mails as select email from public.accounts;
    grant select on public.mails to authenticated;
    create function public.wipe(age int) returns void language sql security definer
      as 'delete from public.logs';
";

#[tokio::test]
async fn a_database_that_decides_alone_is_looked_over() {
    let (_database, url) = operated(OPEN).await;
    let findings = Folder::new(&url, "native", &[]).examine().await;

    assert_eq!(
        codes(&findings, Gravity::Grave),
        [
            "definer-search-path",
            "exposed-secret",
            "login-owns-tables",
            "table-without-rls",
            "view-with-owner-rights",
        ],
        "{}",
        to_json(&findings)
    );
    assert_eq!(
        codes(&findings, Gravity::Warning),
        ["table-without-key", "unindexed-policy-column"]
    );
    let fixes: Vec<_> = findings.iter().map(|it| it.fix.as_str()).collect();
    for fix in [
        "alter table public.accounts enable row level security;",
        "alter function public.wipe(integer) set search_path = '';",
        "create index on public.logs (who);",
        "revoke select on public.accounts from anon; \
         grant select (id, email) on public.accounts to anon;",
    ] {
        assert!(fixes.contains(&fix), "{fix} in {fixes:#?}");
    }
}

#[tokio::test]
async fn a_superuser_as_the_login_is_grave() {
    let (database, _) = operated(OPEN).await;
    let findings = Folder::new(&database.url(), "rewrite", &[]).examine().await;

    let codes = codes(&findings, Gravity::Grave);
    assert!(codes.contains(&"login-superuser"), "{codes:?}");
    assert!(!codes.contains(&"login-owns-tables"), "{codes:?}");
}

#[tokio::test]
async fn a_sound_database_is_left_alone() {
    let (database, url) = operated(
        "create table public.notes (id int primary key, owner uuid not null, body text);
         create index on public.notes (owner);
         alter table public.notes enable row level security;
         grant select on public.notes to authenticated;
         create policy own on public.notes to authenticated using (owner = (select auth.uid()));
         create view public.bodies with (security_invoker) as select body from public.notes;
         grant select on public.bodies to authenticated;",
    )
    .await;
    let findings = Folder::new(&url, "native", &[]).examine().await;

    assert_eq!(findings, []);
    assert_eq!(to_json(&findings), "[]");
    let passing = Folder::new(&database.gateway_url(), "native", &[]);
    let passing = passing.examine().await;
    assert_eq!(codes(&passing, Gravity::Grave), ["login-bypasses-rls"]);
}

#[tokio::test]
async fn policy_files_are_looked_over() {
    let (_database, url) = operated(
        "create table public.members (team int, person uuid, primary key (team, person));
         alter table public.members enable row level security;
         create table public.notes (id int primary key, team int, api_token text);",
    )
    .await;
    let policy = r#"
        table = "public.notes"
        [columns.authenticated]
        select = ["id", "team", "api_token"]
        [[allow]]
        name = "team"
        roles = ["authenticated"]
        for = ["select"]
        where = "team IN (SELECT m.team FROM public.members m WHERE m.person = auth.uid())"
    "#;
    let files = [("public.notes.toml", policy)];
    let findings = Folder::new(&url, "rewrite", &files).examine().await;

    assert_eq!(
        codes(&findings, Gravity::Grave),
        [""; 0],
        "{}",
        to_json(&findings)
    );
    assert_eq!(
        codes(&findings, Gravity::Warning),
        [
            "exposed-secret",
            "lookup-under-rls",
            "unindexed-policy-column"
        ]
    );
    let broken = [("public.notes.toml", "table = 7")];
    let findings = Folder::new(&url, "rewrite", &broken).examine().await;
    assert_eq!(codes(&findings, Gravity::Grave), ["policies-refused"]);
}
