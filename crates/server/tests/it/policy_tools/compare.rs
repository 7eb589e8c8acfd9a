//! `policy diff`: what a change of the example lets people do.

use std::path::Path;
use std::time::{Duration, Instant};

use postern_policy::Stand;
use postern_server::policies::{CompareOptions, History};
use postern_testkit::TestApp;

use super::{Copy, example, workbench};

fn shown(path: &Path) -> String {
    path.display().to_string()
}

#[tokio::test]
async fn a_wider_rule_is_widened_and_shows_more_rows() {
    let copy = Copy::new("wider");
    copy.edit(
        "policies/public.teams.toml",
        "where = \"predicates.member_of(id)\"",
        "where = \"predicates.member_of(id) OR slug = 'open'\"",
    );
    let (bench, database) = workbench(&example()).await;
    let rows = "insert into public.teams (name, slug) values ('A', 'open'), ('B', 'closed')";
    database
        .client()
        .await
        .batch_execute(rows)
        .await
        .expect("the rows are made");
    let mut options = CompareOptions {
        old: shown(&example().join("policies")),
        new: shown(&copy.0.join("policies")),
        callers: vec![
            "anon".into(),
            "authenticated:a0000000-0000-4000-8000-000000000002".into(),
        ],
    };

    let wider = bench.compare(&options).await.expect("both are right");
    std::mem::swap(&mut options.old, &mut options.new);
    let narrower = bench.compare(&options).await.expect("both are right");
    options.old = options.new.clone();
    let equal = bench.compare(&options).await.expect("both are right");

    // Signed-in people and staff, who inherit from them; staff see everything anyway.
    assert_eq!(wider.counted(Stand::Widened), 1, "{wider}");
    assert_eq!(wider.counted(Stand::Undecided), 0, "{wider}");
    let [count] = wider.counts.as_slice() else {
        panic!("{wider}");
    };
    assert_eq!(
        (count.table.as_str(), count.before, count.after),
        ("public.teams", 0, 1)
    );
    assert_eq!(narrower.counted(Stand::Narrowed), 1, "{narrower}");
    assert!(
        equal.differences.is_empty() && equal.hashes.0 == equal.hashes.1,
        "{equal}"
    );
}

#[tokio::test]
async fn a_folder_that_is_wrong_or_missing_is_refused() {
    let copy = Copy::new("wrong-folder");
    copy.edit(
        "policies/public.teams.toml",
        "member_of(id)",
        "member_of(ide)",
    );
    let (bench, _database) = workbench(&example()).await;
    let options = |new: &str| CompareOptions {
        old: shown(&example().join("policies")),
        new: shown(&copy.0.join(new)),
        callers: Vec::new(),
    };

    let wrong = bench
        .compare(&options("policies"))
        .await
        .expect_err("it is refused");
    let missing = bench
        .compare(&options("nowhere"))
        .await
        .expect_err("it is refused");

    assert_eq!(
        wrong.to_string(),
        "the policy files have an error (see above)"
    );
    assert!(
        missing.to_string().contains("is no folder of policy files"),
        "{missing}"
    );
}

#[tokio::test]
async fn served_bundles_are_compared_by_hash_and_as_live() {
    let copy = Copy::new("history");
    std::fs::create_dir_all(copy.0.join(".postern")).expect("it is made");
    let (bench, _database) = workbench(&copy.0).await;
    let history = History::new(copy.0.join(".postern/bundles"));
    let keep = async || {
        let loaded = bench.check().await.expect("the files are right");
        let hash = loaded.snapshot.bundle.hash.clone();
        history.keep(&hash, &loaded.sources).expect("it is kept");
        hash
    };
    let first = keep().await;
    copy.edit(
        "policies/public.teams.toml",
        "where = \"predicates.member_of(id)\"",
        "where = \"predicates.member_of(id) OR slug = 'open'\"",
    );
    let second = keep().await;
    let compare = async |old: &str, new: &str| {
        let options = CompareOptions {
            old: old.into(),
            new: new.into(),
            callers: Vec::new(),
        };
        bench.compare(&options).await
    };

    let wider = compare(&first[..8], "live").await.expect("both are kept");
    assert_eq!(wider.hashes, (first.clone(), second));
    assert_eq!(wider.counted(Stand::Widened), 1, "{wider}");
    let folder = shown(&copy.0.join("policies"));
    let equal = compare("live", &folder).await.expect("both are there");
    assert!(equal.differences.is_empty(), "{equal}");
    let unknown = compare("0123456789", "live").await;
    let unknown = unknown.expect_err("it is refused").to_string();
    assert!(
        unknown.contains("no bundle is kept under that hash"),
        "{unknown}"
    );
}

#[tokio::test]
async fn a_server_keeps_what_it_serves() {
    let policy = |condition: &str| {
        format!(
            "table = 'public.todos'\n[columns.authenticated]\nselect = ['id']\n[[allow]]\n\
             name = 'rule'\nroles = ['authenticated']\nfor = ['select']\nwhere = '{condition}'\n"
        )
    };
    let app = TestApp::builder()
        .migrations("create table public.todos (id int primary key);")
        .policy("public.todos.toml", &policy("id < 5"))
        .setting("policies.history", "kept");
    let app = app.start().await;
    let history = History::new(app.folder().join("kept"));
    let first = history.find("live").expect("it is kept");

    app.write_policy("public.todos.toml", "table = 'public.todoes'");
    app.write_policy("public.todos.toml", &policy("id < 7"));
    let started = Instant::now();
    while history.find("live").expect("one is kept") == first {
        assert!(started.elapsed() < Duration::from_secs(60));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }

    assert!(first.join("public.todos.toml").is_file());
}
