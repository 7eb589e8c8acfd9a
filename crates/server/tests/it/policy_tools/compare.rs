//! `policy diff`: what a change of the example lets people do.

use postern_policy::Stand;
use postern_server::policies::CompareOptions;

use super::{Copy, example, workbench};

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
        old: example().join("policies"),
        new: copy.0.join("policies"),
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
        old: example().join("policies"),
        new: copy.0.join(new),
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
