//! The audit log: narrowed in every way, and taken along as a file.

use postern_testkit::TestApp;

use crate::it::kit;
use crate::it::kit::OWNER;

/// Entries of three days in spring, one of them by somebody with a hostile name.
async fn entries(app: &TestApp) {
    let insert = "insert into auth.audit_log_entries (id, payload, created_at, ip_address) \
         select gen_random_uuid(), json_build_object('action', it.action, 'actor_username', it.who, \
         'log_type', it.kind, 'traits', json_build_object(it.name, it.subject)), \
         it.at::timestamptz, '203.0.113.9' from (values \
         ('rows_imported', 'ed@shop.example', 'data', 'table', 'public.orders', '2026-03-01 23:59Z'), \
         ('row_changed', '=cmd|calc!A1', 'data', 'table', 'public.notes', '2026-03-02 00:00Z'), \
         ('user_modified', 'ed@shop.example', 'user', 'user_email', '@SUM(A1)', '2026-03-03 08:00Z')) \
         it (action, who, kind, name, subject, at)";
    app.sql()
        .await
        .batch_execute(insert)
        .await
        .expect("entries");
}

#[tokio::test]
async fn the_log_is_narrowed_by_kind_admin_target_and_time() {
    let app = kit::app().start().await;
    let owner = kit::owner(&app).await;
    entries(&app).await;
    let [orders, notes, user] = ["public.orders", "public.notes", "@SUM(A1)"];

    for (query, there, gone) in [
        ("kind=data", vec![orders, notes], vec![user]),
        ("kind=user", vec![user], vec![orders, notes]),
        ("actor=ED%40shop", vec![orders, user], vec![notes]),
        ("subject=PUBLIC.", vec![orders, notes], vec![user]),
        (
            "from=2026-03-02&until=2026-03-02",
            vec![notes],
            vec![orders, user],
        ),
        ("until=2026-03-02", vec![orders, notes], vec![user]),
        ("from=2026-03-03&actor=ed", vec![user], vec![orders, notes]),
        (
            "from=nonsense&subject=public.notes",
            vec![notes],
            vec![orders, user],
        ),
    ] {
        let path = format!("/console/audit?{query}");
        let part = owner.get_part(&path).await.expect_status(200).text;
        for it in there {
            assert!(part.contains(it), "{query} shows {it}: {part}");
        }
        for it in gone {
            assert!(!part.contains(it), "{query} hides {it}: {part}");
        }
        // The file holds the same.
        assert!(part.contains("/console/audit/export?"), "{part}");
    }
    let page = owner.get("/console/audit?kind=data&from=2026-03-02").await;
    let page = page.expect_status(200).text;
    assert!(page.contains("<option value=\"data\" selected>"), "{page}");
    assert!(
        page.contains("name=\"from\" value=\"2026-03-02\""),
        "{page}"
    );
}

#[tokio::test]
async fn attack_80_the_log_as_a_file_runs_nothing_in_a_spreadsheet() {
    let app = kit::app().start().await;
    let owner = kit::owner(&app).await;
    entries(&app).await;

    let file = owner.get("/console/audit/export?until=2026-03-03").await;

    let file = file.expect_status(200);
    assert_eq!(file.header("content-type"), Some("text/csv; charset=utf-8"));
    let lines: Vec<&str> = file.text.lines().collect();
    assert_eq!(lines.len(), 4, "{}", file.text);
    assert!(
        lines[0].starts_with("time,kind,action,actor,"),
        "{}",
        lines[0]
    );
    assert!(lines[1].contains("\"'@SUM(A1)\""), "{}", lines[1]);
    assert!(lines[2].contains("\"'=cmd|calc!A1\""), "{}", lines[2]);
    for line in &lines {
        assert!(!line.contains(",=") && !line.contains(",@"), "{line}");
    }
    let one = owner
        .get("/console/audit/export?kind=data&subject=orders")
        .await;
    assert_eq!(one.text.lines().count(), 2, "{}", one.text);
    let noted = owner
        .get_part("/console/audit?action=admin+audit+exported")
        .await
        .text;
    assert!(noted.contains(OWNER), "{noted}");
    // Longer than one stretch, each entry once.
    let many = "insert into auth.audit_log_entries (id, payload, created_at, ip_address) \
                select gen_random_uuid(), json_build_object('action', 'login', 'log_type', \
                'account', 'actor_username', 'n' || n, 'traits', json_build_object()), \
                '2026-04-01'::timestamptz, '' from generate_series(1, 2500) n";
    app.sql().await.batch_execute(many).await.expect("entries");
    let all = owner.get("/console/audit/export?kind=account&from=2026-04-01&until=2026-04-01");
    let all = all.await.expect_status(200).text;
    let names: std::collections::BTreeSet<&str> = all.lines().skip(1).collect();
    assert_eq!((all.lines().count(), names.len()), (2501, 2500));
}
