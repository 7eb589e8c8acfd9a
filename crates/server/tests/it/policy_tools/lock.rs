//! `policy lock`: what it pins, how it notices, and that a changed table is closed.

use super::{Copy, workbench};

#[tokio::test]
async fn a_lock_that_no_longer_matches_is_told_and_closes_its_table() {
    let copy = Copy::new("lock");
    let (bench, database) = workbench(&copy.0).await;
    let missing = bench.check_lock().await.expect_err("there is none");
    assert!(
        missing.to_string().contains("there is no lock file"),
        "{missing}"
    );

    bench.lock().await.expect("it is written");
    bench.check_lock().await.expect("it is fresh");
    let change =
        "alter table public.labels drop column name; alter table public.labels add name text";
    database
        .client()
        .await
        .batch_execute(change)
        .await
        .expect("the table is changed");

    let stale = bench.check_lock().await.expect_err("it is stale");
    assert!(
        stale
            .to_string()
            .contains("the lock file is not that of the schema"),
        "{stale}"
    );
    let loaded = bench.check().await.expect("the files are right");
    let closed: Vec<_> = loaded
        .warnings
        .iter()
        .filter(|it| it.code == "lock-mismatch")
        .collect();
    assert!(!closed.is_empty(), "{:?}", loaded.warnings);
    let bundle = &loaded.snapshot.bundle;
    let opened = |table: &str| bundle.accesses().any(|(name, ..)| name.name == table);
    assert!(!opened("labels") && opened("tasks"));
}
