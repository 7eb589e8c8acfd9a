//! The fast path, and what both paths have in common.

use super::*;

#[tokio::test]
async fn parameters_of_every_type_travel_as_text() {
    let bench = Bench::new(
        "params",
        "create type mood as enum ('sad', 'glad'); create domain small as int check (value < 9)",
    )
    .await;

    let answer = bench
        .fast(
            Mode::ReadOnly,
            "concat_ws('|', $1::int8 + 1, $2::uuid, $3::public.mood, ($4::jsonb) ->> 'a', \
             ($5::int[])[2], $6::public.small, $7::timestamptz at time zone 'UTC', $8::text)",
            &[
                text("41"),
                text(SUB),
                text("glad"),
                Param::Shared(r#"{"a":"b"}"#.into()),
                text("{1,2}"),
                text("8"),
                text("2026-11-03T12:00:00Z"),
                Param::Null,
            ],
        )
        .await;

    let expected = format!("42|{SUB}|glad|b|2|8|2026-11-03 12:00:00");
    assert_eq!(body(answer), Some(expected));
}

#[tokio::test]
async fn a_reading_connection_cannot_write() {
    let bench = Bench::new("readonly", "create table t (a int)").await;
    let insert = "with w as (insert into t values (1) returning a) \
                  select a::text, 1::int8, null::int8, 1::int8 from w";

    let refused = bench.fast(Mode::ReadOnly, insert, &[]).await;
    let refused_in_session = bench.session(Mode::ReadOnly, insert).await;
    let done = bench.fast(Mode::ReadWrite, insert, &[]).await;

    assert_eq!(refused.expect_err("read-only").status(), 405);
    assert_eq!(code(refused_in_session), "25006");
    assert_eq!(done.expect("writes").inserted_rows, 1);
}

#[tokio::test]
async fn a_stale_plan_is_made_again() {
    let bench = Bench::new(
        "stale",
        "create table t (a text); insert into t values ('x')",
    )
    .await;
    let read = "with r as (select a from t) select a, 1::int8, null::int8, 0::int8 from r";
    assert_eq!(
        body(bench.fast(Mode::ReadOnly, read, &[]).await).as_deref(),
        Some("x")
    );
    assert_eq!(
        body(bench.session(Mode::ReadOnly, read).await).as_deref(),
        Some("x")
    );

    bench.owner("alter table t alter a type varchar(9)").await;

    assert_eq!(
        body(bench.fast(Mode::ReadOnly, read, &[]).await).as_deref(),
        Some("x")
    );
    assert_eq!(
        body(bench.session(Mode::ReadOnly, read).await).as_deref(),
        Some("x")
    );
}
