//! The policy tools as commands: what they print, and the exit codes that CI goes by.

use std::path::{Path, PathBuf};

use postern_testkit::{Database, database};

use super::binary::{Said, postern, run_command};
use super::folder::Folder;

fn example() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/team-tasks")
}

async fn example_database() -> Database {
    let mut files: Vec<_> = std::fs::read_dir(example().join("migrations"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    let sql: Vec<_> = files
        .iter()
        .map(|it| std::fs::read_to_string(it).unwrap())
        .collect();
    database(&sql.join("\n")).await
}

fn said(database: &Database, arguments: &[&str]) -> Said {
    let mut command = postern(arguments);
    command
        .env("DATABASE_URL", database.gateway_url())
        .env("OWNER_DATABASE_URL", database.url());
    run_command(&mut command)
}

#[tokio::test(flavor = "multi_thread")]
async fn test_why_and_diff_answer_people_and_programs() {
    let database = example_database().await;
    let project = example().display().to_string();
    let folder = Folder::new();
    for entry in std::fs::read_dir(example().join("policies")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        let wider = text.replace("where = \"predicates.member_of(id)\"", "where = \"true\"");
        folder.write(&format!("wider/{name}"), &wider);
    }
    let (old, new) = (
        format!("{project}/policies"),
        folder.path("wider").display().to_string(),
    );

    let tested = said(&database, &["policy", "test", &project, "--json"]);
    let told = said(&database, &["policy", "test", &project]);
    let why = [
        "policy",
        "explain",
        "--why",
        "teams",
        "--as",
        "authenticated",
        "--dir",
        &project,
    ];
    let why = said(&database, &why);
    let diff = said(
        &database,
        &["policy", "diff", &old, &new, "--dir", &project],
    );
    let failing = [
        "policy",
        "diff",
        &old,
        &new,
        "--dir",
        &project,
        "--fail-on",
        "widened",
    ];
    let failing = said(&database, &failing);

    assert!(tested.success, "{}", tested.err);
    let report: serde_json::Value = serde_json::from_str(&tested.out).unwrap();
    assert_eq!(report["good"], serde_json::json!(true));
    assert!(told.out.contains("cases passed"), "{}", told.out);
    assert!(
        why.success && why.out.contains("no such row"),
        "{} {}",
        why.out,
        why.err
    );
    assert!(diff.success, "{}", diff.err);
    assert!(
        diff.out
            .contains("widened    public.teams  authenticated  select  rows"),
        "{}",
        diff.out
    );
    assert!(
        !failing.success && failing.err.contains("something is widened"),
        "{}",
        failing.err
    );
}
