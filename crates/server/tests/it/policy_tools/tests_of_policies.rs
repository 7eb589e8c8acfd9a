//! `policy test`: the example passes, is covered and lets no mutant live; weak tests are told so.

use postern_server::policies::TestOptions;
use postern_trial::{Mutation, TestReport};

use super::{Copy, example, workbench};

async fn tested(folder: &std::path::Path, mutation: Mutation) -> TestReport {
    let (bench, _database) = workbench(folder).await;
    let options = TestOptions {
        mutation,
        owner_url: None,
    };
    let report = bench.test(options, &mut |_| {}).await;
    report.unwrap_or_else(|error| panic!("{error}"))
}

#[tokio::test]
async fn the_example_is_covered_and_no_mutant_survives() {
    let report = tested(&example(), Mutation::All).await;

    let (passed, all) = report.counted();
    assert_eq!(passed, all, "{report}");
    let (seen, conditions) = report.coverage.counted();
    assert_eq!(seen, conditions, "{report}");
    assert!(report.is_good(), "{report}");
    let mutants = report.mutation.map_or(0, |it| it.mutants);
    assert!(mutants > 80, "{mutants}");
}

#[tokio::test]
async fn a_wrong_rule_fails_its_cases_and_is_named() {
    let copy = Copy::new("wrong-rule");
    copy.edit(
        "policies/public.teams.toml",
        "where = \"predicates.member_of(id)\"",
        "where = \"true\"",
    );

    let report = tested(&copy.0, Mutation::Off).await;

    let failed: Vec<_> = report.suites[0]
        .cases
        .iter()
        .filter(|it| !it.passed())
        .collect();
    assert_eq!(failed.len(), 1, "{report}");
    assert_eq!(
        failed[0].problems,
        ["rows that should not be there: {\"id\":9020}"]
    );
    let reason = "row {\"id\":9020}: allowed by allow `own teams` (policies/public.teams.toml:";
    let told = failed[0].reasons.iter().any(|it| it.contains(reason));
    assert!(told, "{:?}", failed[0].reasons);
    assert!(failed[0].line > 100);
}

#[tokio::test]
async fn a_rule_without_a_case_is_uncovered_and_its_mutants_survive() {
    let copy = Copy::new("weak-tests");
    copy.edit(
        "tests/team-tasks.test.toml",
        "request = \"PATCH /rest/v1/teams?id=eq.9010\"\nbody = { name = \"Ben's\" }\nexpect = { affected = 0 }",
        "request = \"GET /rest/v1/teams?select=id\"\nexpect = { count = 1 }",
    );

    let report = tested(&copy.0, Mutation::All).await;

    assert!(!report.is_good());
    let survivors = report.mutation.expect("mutants were made").survivors;
    let changes: Vec<_> = survivors.iter().map(|it| it.change.as_str()).collect();
    assert_eq!(changes, ["allow `admins rename` always true"]);
    assert_eq!(survivors[0].file, "policies/public.teams.toml");
}

#[tokio::test]
async fn nothing_of_a_test_stays() {
    let (bench, database) = workbench(&example()).await;
    let client = database.client().await;
    client
        .batch_execute("insert into public.teams (name, slug) values ('Before', 'before')")
        .await
        .expect("the team is made");
    let options = TestOptions {
        mutation: Mutation::Off,
        owner_url: None,
    };

    let report = bench.test(options, &mut |_| {}).await;

    assert!(report.is_ok_and(|it| it.is_good()));
    let slugs = client.query("select slug from public.teams", &[]).await;
    let slugs: Vec<String> = slugs
        .expect("the teams are there")
        .iter()
        .map(|row| row.get(0))
        .collect();
    assert_eq!(slugs, ["before"]);
}

#[tokio::test]
async fn a_database_in_use_is_left_alone() {
    let (bench, database) = workbench(&example()).await;
    let many = "insert into public.teams (name, slug)
                select 'T', 't' || n from generate_series(1, 10001) n";
    database
        .client()
        .await
        .batch_execute(many)
        .await
        .expect("the teams are made");
    let options = TestOptions {
        mutation: Mutation::Off,
        owner_url: None,
    };

    let error = bench
        .test(options, &mut |_| {})
        .await
        .expect_err("it is refused");

    assert!(
        error
            .to_string()
            .contains("`public.teams` holds more than 10000 rows"),
        "{error}"
    );
}

#[tokio::test]
async fn a_row_that_cannot_be_given_is_named_by_its_line() {
    let copy = Copy::new("bad-row");
    copy.write(
        "tests/team-tasks.test.toml",
        "[given]\n\"public.teams\" = [\n  { id = 1, nmae = 'x' },\n]\n\
         [[case]]\nas = 'anon'\nexpect_none = ['public.teams']\n",
    );
    let (bench, _database) = workbench(&copy.0).await;
    let options = TestOptions {
        mutation: Mutation::Off,
        owner_url: None,
    };

    let error = bench
        .test(options, &mut |_| {})
        .await
        .expect_err("it is refused");

    assert_eq!(
        error.to_string(),
        "tests/team-tasks.test.toml:3: the row of `public.teams` cannot be given: \
         it has no column `nmae`"
    );
}
