//! `policy explain --why`: each rule and condition for a row, with the one that decides.

use postern_server::policies::RowQuestion;
use serde_json::json;

use super::{example, workbench};

const BEN: &str = "a0000000-0000-4000-8000-000000000002";
const ROWS: &str = "
    set session_replication_role = replica;
    insert into public.teams overriding system value values (1, 'One', 'one'), (2, 'Two', 'two');
    insert into public.members values (1, 'a0000000-0000-4000-8000-000000000002', 'member');
    insert into public.projects (id, team_id, name, is_public) overriding system value
      values (10, 1, 'Own', false), (20, 2, 'Theirs', false), (30, 2, 'Open', true);
    insert into public.tasks (id, project_id, title) overriding system value
      values (100, 10, 'First'), (200, 20, 'Hidden');";

fn asked(table: &str, key: &str, verb: &str) -> RowQuestion {
    RowQuestion {
        role: "authenticated".into(),
        sub: Some(BEN.into()),
        claims: None,
        table: table.into(),
        key: vec![key.into()],
        verb: verb.into(),
        values: None,
    }
}

#[tokio::test]
async fn every_rule_and_condition_is_told_for_a_row() {
    let (bench, database) = workbench(&example()).await;
    database
        .client()
        .await
        .batch_execute(ROWS)
        .await
        .expect("the rows are made");
    let snapshot = bench.check().await.expect("the example is right").snapshot;
    let why = async |question: RowQuestion| bench.why(&question, &snapshot).await;

    let open = why(asked("projects", "id=30", "select"))
        .await
        .expect("it is told");
    let text = open.to_string();
    assert!(
        text.contains("true   allow \"public roadmap\"  policies/public.projects.toml:"),
        "{text}"
    );
    assert!(text.contains("false  allow \"own teams\""), "{text}");
    assert!(
        text.contains("verdict   allowed by allow `public roadmap`"),
        "{text}"
    );

    let theirs = why(asked("public.projects", "id=20", "select"))
        .await
        .expect("it is told");
    assert_eq!(theirs.to_json()["rows"][0]["allowed"], json!(false));
    assert!(
        theirs.to_string().contains("not allowed: none is true of"),
        "{theirs}"
    );

    let delete = why(asked("tasks", "id=100", "delete"))
        .await
        .expect("it is told");
    let rule = &delete.to_json()["rows"][0]["rules"][0];
    assert_eq!(rule["is"], json!(null), "the author is unknown: {rule}");
    assert_eq!(rule["conditions"].as_array().map(Vec::len), Some(2));

    let missing = why(asked("tasks", "id=4", "select"))
        .await
        .expect("it is told");
    assert!(missing.to_string().contains("no such row"), "{missing}");
}

#[tokio::test]
async fn new_rows_are_judged_as_they_would_be_written() {
    let (bench, database) = workbench(&example()).await;
    database
        .client()
        .await
        .batch_execute(ROWS)
        .await
        .expect("the rows are made");
    let snapshot = bench.check().await.expect("the example is right").snapshot;
    let insert = |project: i64| RowQuestion {
        key: Vec::new(),
        values: Some(json!({"project_id": project, "title": "New"}).to_string()),
        ..asked("tasks", "id=0", "insert")
    };
    let update = RowQuestion {
        values: Some(json!({"assignee_id": "a0000000-0000-4000-8000-000000000009"}).to_string()),
        ..asked("tasks", "id=100", "update")
    };

    let own = bench.why(&insert(10), &snapshot).await.expect("it is told");
    let theirs = bench.why(&insert(20), &snapshot).await.expect("it is told");
    let given_away = bench.why(&update, &snapshot).await.expect("it is told");

    assert!(own.rows[0].verdict().is_allowed(), "{own}");
    assert!(!theirs.rows[0].verdict().is_allowed(), "{theirs}");
    assert_eq!(
        given_away.rows.len(),
        2,
        "the row as it is and as it would be"
    );
    assert!(given_away.rows[0].verdict().is_allowed(), "{given_away}");
    let deciding = given_away.rows[1]
        .verdict()
        .rule()
        .map(|it| it.name.clone());
    assert_eq!(
        deciding.as_deref(),
        Some("assignee in team"),
        "{given_away}"
    );
}

#[tokio::test]
async fn a_question_that_makes_no_sense_is_refused() {
    let (bench, _database) = workbench(&example()).await;
    let snapshot = bench.check().await.expect("the example is right").snapshot;
    let staff = RowQuestion {
        role: "staff".into(),
        ..asked("tasks", "id=1", "select")
    };
    let refusals = [
        (
            asked("tsks", "id=1", "select"),
            "there is no relation `public.tsks`",
        ),
        (
            asked("tasks", "ide=1", "select"),
            "`public.tasks` has no column `ide`",
        ),
        (asked("tasks", "1", "select"), "`1` names no row"),
        (asked("tasks", "id=1", "read"), "there is no verb `read`"),
        (
            asked("tasks", "id=1", "insert"),
            "an insert needs the new row",
        ),
        (staff, "these claims do not make the caller `staff`"),
    ];

    for (question, words) in refusals {
        let error = bench.why(&question, &snapshot).await.expect_err(words);
        assert!(error.to_string().contains(words), "{error}");
    }
}
