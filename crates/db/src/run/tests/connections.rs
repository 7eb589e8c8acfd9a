//! The pools: lost, slow, shared and foreign connections.

use super::*;

#[tokio::test]
async fn a_lost_connection_is_replaced() {
    let bench = Bench::new("lost", "").await;
    assert!(bench.fast(Mode::ReadOnly, "1", &[]).await.is_ok());
    assert!(bench.session(Mode::ReadOnly, "1").await.is_ok());

    bench
        .owner(
            "select pg_terminate_backend(pid) from pg_stat_activity \
             where datname = current_database() and pid <> pg_backend_pid()",
        )
        .await;

    let read = bench.fast(Mode::ReadOnly, "1", &[]).await;
    assert_eq!(body(read).as_deref(), Some("1"));
    // A session may be handed out just before its end is noticed; then the caller hears of it.
    let mut again = bench.session(Mode::ReadOnly, "1").await;
    if again.is_err() {
        again = bench.session(Mode::ReadOnly, "1").await;
    }
    assert_eq!(body(again).as_deref(), Some("1"));
}

#[tokio::test]
async fn one_slow_statement_does_not_hold_up_the_others() {
    let bench = Bench::with("slow", "", |it| {
        it.read_connections = 1;
        it.statement_timeouts.user = PATIENCE;
    })
    .await;
    assert!(bench.fast(Mode::ReadOnly, "1", &[]).await.is_ok());
    let lock = bench.lock().await;
    let slow = bench.fast(Mode::ReadOnly, WAITS, &[]);
    let quick = async {
        for _ in 0..20 {
            // The first of these is sent right behind the slow one and must get away from it: the
            // lock is given back after all of them.
            assert!(bench.fast(Mode::ReadOnly, "1", &[]).await.is_ok());
        }
        lock.release().await;
    };

    let (slow, ()) = tokio::join!(biased; slow, quick);

    assert!(slow.is_ok());
}

#[tokio::test]
async fn a_worker_that_ends_takes_no_connection_of_another_with_it() {
    let bench = Bench::new("workers", "create table t (a int)").await;
    let insert = "with w as (insert into t select 1 from pg_sleep(1) returning a) \
                  select a::text, 1::int8, null::int8, 1::int8 from w";
    let db = bench.db.clone();
    let owner = bench.owner.clone();
    let first = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        runtime.block_on(async {
            let bench = Bench { db, owner };
            assert!(bench.fast(Mode::ReadWrite, "1", &[]).await.is_ok());
            assert!(bench.session(Mode::ReadWrite, "1").await.is_ok());
        });
    });
    first.join().expect("ends");

    assert!(bench.fast(Mode::ReadWrite, insert, &[]).await.is_ok());
    assert!(bench.session(Mode::ReadWrite, insert).await.is_ok());
}

#[tokio::test]
async fn many_requests_share_few_connections() {
    let bench = Bench::with("shared", "", |it| it.read_connections = 2).await;

    let requests = (0..200).map(|n| {
        let bench = &bench;
        async move {
            let answer = bench
                .fast(Mode::ReadOnly, "$1::int", &[text(&n.to_string())])
                .await;
            assert_eq!(body(answer), Some(n.to_string()));
        }
    });
    futures_util::future::join_all(requests).await;

    let open = bench
        .session(
            Mode::ReadOnly,
            "select count(*) from pg_stat_activity where application_name = 'postern' \
             and datname = current_database()",
        )
        .await;
    let open: u32 = body(open).expect("a count").parse().expect("a number");
    assert!(open <= 8, "{open} connections");
}

#[tokio::test]
async fn workers_share_few_sessions_and_none_of_them_waits_for_ever() {
    let bench = Bench::with("places", "", |it| {
        it.session_connections = 2;
        it.acquire_timeout = PATIENCE;
    })
    .await;
    // A worker that ends takes down what others do on its sessions: all of them end together.
    let end = std::sync::Arc::new(tokio::sync::Barrier::new(3));
    let worker = || {
        let (db, owner, end) = (bench.db.clone(), bench.owner.clone(), end.clone());
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime");
            runtime.block_on(async {
                let bench = Bench { db, owner };
                let requests = (0..50).map(|_| bench.session(Mode::ReadWrite, "1"));
                let answers = futures_util::future::join_all(requests).await;
                end.wait().await;
                answers
            })
        })
    };

    let workers = [worker(), worker(), worker()];
    let answers = workers.map(|it| tokio::task::spawn_blocking(|| it.join().expect("ends")));
    for answers in answers {
        for answer in answers.await.expect("ends") {
            assert_eq!(body(answer).as_deref(), Some("1"));
        }
    }

    // A worker that ended has closed its own; those that took their places count.
    let open = "select count(*) from pg_stat_activity where application_name = 'postern session' \
                and datname = current_database()";
    while body(bench.session(Mode::ReadOnly, open).await)
        .is_none_or(|it| !["1", "2"].contains(&it.as_str()))
    {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
