//! Policies go from files to the database and back, and the answers stay the same.

mod requests;

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use postern_server::policies::Workbench;
use postern_testkit::{TestApp, TestAppBuilder};

use self::requests::{supabase_requests, team_requests};
use super::starter::policy_folder;

const SUPABASE: &str = include_str!("../round_trip/supabase.sql");

/// Takes row-level security off: the files decide alone from here on.
const OPEN: &str = "
do $$
declare
  it record;
begin
  for it in select oid::regclass as name from pg_class where relrowsecurity loop
    execute format('alter table %s no force row level security', it.name);
    execute format('alter table %s disable row level security', it.name);
  end loop;
end
$$;";

/// A project folder on a test server's database; removed when dropped.
struct Folder(PathBuf);

impl Folder {
    fn new(app: &TestApp, enforce: &str) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("postern-round-trip-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(path.join("policies")).expect("a folder");
        let url = app.database().gateway_url();
        let config = format!("[api]\nenforce = \"{enforce}\"\n[database]\nurl = \"{url}\"\n");
        std::fs::write(path.join("postern.toml"), config).expect("written");
        Self(path)
    }

    /// The policy files that the database's grants and row-level security become.
    async fn import(&self) -> Vec<(String, String)> {
        let workbench = Workbench::open(&self.0).await.expect("a project");
        let (written, notes) = workbench.import().await.expect("imported");
        workbench.close().await.expect("nothing was started");
        let refused: Vec<_> = notes
            .iter()
            .filter(|it| it.contains("cannot be said"))
            .collect();
        assert!(refused.is_empty(), "{refused:#?}");
        written
            .iter()
            .map(|path| {
                let name = path
                    .file_name()
                    .expect("a name")
                    .to_string_lossy()
                    .into_owned();
                (name, std::fs::read_to_string(path).expect("readable"))
            })
            .collect()
    }

    /// The migration that the policy files become.
    async fn export(&self, policies: &[(String, String)]) -> String {
        for (name, text) in policies {
            std::fs::write(self.0.join("policies").join(name), text).expect("written");
        }
        let workbench = Workbench::open(&self.0).await.expect("a project");
        let migration = workbench.export().await.expect("exported");
        workbench.close().await.expect("nothing was started");
        migration
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).ok();
    }
}

fn with_policies(sql: &str, policies: &[(String, String)]) -> TestAppBuilder {
    let app = TestApp::builder().migrations(sql);
    policies
        .iter()
        .fold(app, |app, (name, text)| app.policy(name, text))
}

fn native(sql: &str) -> TestAppBuilder {
    TestApp::builder()
        .migrations(sql)
        .setting("api.enforce", "native")
}

/// The schema and rows alone: what stands before the first grant.
fn without_defences(sql: &str) -> &str {
    sql.split("\ngrant select").next().expect("a first part")
}

#[tokio::test]
async fn policies_of_a_supabase_project_survive_import_and_export() {
    let original = native(SUPABASE).start().await;
    let files = Folder::new(&original, "native").import().await;
    let imported = with_policies(&format!("{SUPABASE}\n{OPEN}"), &files)
        .start()
        .await;

    let migration = Folder::new(&imported, "rewrite").export(&files).await;
    let bare = without_defences(SUPABASE);
    let exported = native(&format!("{bare}\n{migration}")).start().await;
    let again = Folder::new(&exported, "native").import().await;
    let back = format!("{bare}\n{migration}\n{OPEN}");
    let back = with_policies(&back, &again).start().await;

    let apps = [
        ("native with the original", &original),
        ("rewrite with the imported", &imported),
        ("native with the exported", &exported),
        ("rewrite with the imported again", &back),
    ];
    supabase_requests().agree(&apps).await;
}

#[tokio::test]
async fn policies_of_the_example_survive_export_and_import() {
    let example = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../examples/team-tasks");
    let schema = requests::example_schema(&example);
    let files = policy_folder(&example.join("policies"));
    let original = with_policies(&schema, &files).start().await;

    let migration = Folder::new(&original, "rewrite").export(&files).await;
    let exported = native(&format!("{schema}\n{migration}")).start().await;
    let again = Folder::new(&exported, "native").import().await;
    let back = with_policies(&format!("{schema}\n{migration}\n{OPEN}"), &again)
        .start()
        .await;

    for missing in [
        "public.profiles: the mask of `email`",
        "public.project_progress",
    ] {
        assert!(migration.contains(missing), "{missing} in {migration}");
    }
    let apps = [
        ("rewrite with the original", &original),
        ("native with the exported", &exported),
        ("rewrite with the imported", &back),
    ];
    team_requests().agree(&apps).await;
}
