//! Conditions of roles, decided as Postgres would.

use postern_base::Claims;
use postern_catalog::{Catalog, CatalogParts};
use serde_json::json;

use super::{Undecided, check_condition, holds};
use crate::predicate::{Context, Lowering};
use crate::report::{Report, Site, Spanned};
use crate::{Expr, SourceFile};

fn lower(sql: &str) -> Expr {
    let files = [SourceFile {
        path: "p".into(),
        text: sql.into(),
    }];
    let mut report = Report::new(&files);
    let catalog = Catalog::new(CatalogParts::default());
    let sql = Spanned {
        value: sql.into(),
        site: Site {
            file: 0,
            span: 0..sql.len(),
        },
    };
    let lowered = Lowering::new(&catalog, &[]).lower(&sql, Context::default(), &mut report);
    lowered.unwrap_or_else(|| panic!("{:?}", report.into_sorted()))
}

#[track_caller]
fn check(sql: &str, claims: &serde_json::Value, expected: Result<bool, Undecided>) {
    let condition = lower(sql);
    assert_eq!(check_condition(&condition), Ok(()), "{sql}");
    let claims = Claims::new(claims.as_object().expect("an object").clone());
    assert_eq!(holds(&condition, &claims), expected, "{sql}");
}

#[test]
fn compares_texts_of_the_token() {
    let admin = json!({ "role": "authenticated", "app_metadata": { "role": "admin" } });

    check(
        "auth.jwt() #>> '{app_metadata,role}' = 'admin'",
        &admin,
        Ok(true),
    );
    check(
        "auth.jwt() -> 'app_metadata' ->> 'role' = 'admin'",
        &admin,
        Ok(true),
    );
    check(
        "auth.jwt() #>> '{app_metadata,role}' = 'owner'",
        &admin,
        Ok(false),
    );
    check(
        "auth.jwt() @> '{\"app_metadata\":{\"role\":\"admin\"}}'",
        &admin,
        Ok(true),
    );
    check("auth.jwt() -> 'app_metadata' ? 'role'", &admin, Ok(true));
    check("auth.role() IN ('authenticated', 'x')", &admin, Ok(true));
}

#[test]
fn null_is_not_true_however_it_is_turned() {
    let nobody = json!({});

    check("auth.jwt() ->> 'x' = 'y'", &nobody, Ok(false));
    check("auth.jwt() ->> 'x' <> 'y'", &nobody, Ok(false));
    check("NOT (auth.jwt() ->> 'x' = 'y')", &nobody, Ok(false));
    check("auth.jwt() ->> 'x' NOT IN ('y')", &nobody, Ok(false));
    check("auth.jwt() ->> 'x' IS NULL", &nobody, Ok(true));
    check("(auth.jwt() ->> 'x' = 'y') IS NOT TRUE", &nobody, Ok(true));
    check("auth.jwt() ->> 'x' IS DISTINCT FROM 'y'", &nobody, Ok(true));
    check("'a' NOT IN ('b', NULL)", &nobody, Ok(false));
    check("auth.uid() IS NULL", &nobody, Ok(true));
}

#[test]
fn a_json_null_is_a_value_until_its_text_is_taken() {
    let claims = json!({ "x": null });

    check("auth.jwt() -> 'x' IS NULL", &claims, Ok(false));
    check("auth.jwt() ->> 'x' IS NULL", &claims, Ok(true));
}

#[test]
fn what_postgres_might_write_otherwise_stays_undecided() {
    let odd = json!({ "level": 1.5, "list": ["a"], "n": 3 });

    check("auth.jwt() ->> 'level' = '1.5'", &odd, Err(Undecided));
    check("auth.jwt() ->> 'list' = 'x'", &odd, Err(Undecided));
    check("auth.jwt() ->> 'level' = '1.5' AND FALSE", &odd, Ok(false));
    check("auth.jwt() ->> 'level' = '1.5' OR TRUE", &odd, Ok(true));
    check("auth.jwt() ->> 'n' = '3'", &odd, Ok(true));
    check("(auth.jwt() ->> 'list')::bool", &odd, Err(Undecided));
}

#[test]
fn arrays_are_indexed_by_paths_only() {
    let claims = json!({ "amr": ["pwd", "otp"] });

    check("auth.jwt() #>> '{amr,0}' = 'pwd'", &claims, Ok(true));
    check("auth.jwt() #>> '{amr,-1}' = 'otp'", &claims, Ok(true));
    check("auth.jwt() -> 'amr' ->> '0' = 'pwd'", &claims, Ok(false));
    check("auth.jwt() -> 'amr' @> '\"otp\"'", &claims, Ok(true));
    check("auth.jwt() @> '{\"amr\":\"otp\"}'", &claims, Ok(false));
}

#[test]
fn refuses_what_it_cannot_decide() {
    for sql in [
        "auth.jwt() -> 'a' = '1'::jsonb",
        "auth.jwt() ->> 'a' LIKE 'x%'",
        "auth.jwt() ->> 'a' > 'b'",
        "lower(auth.email()) = 'x'",
        "1 = 1",
        "auth.email()",
        "auth.uid() = 'not-a-uuid'",
        "auth.jwt() #>> '{\"quoted\"}' = 'x'",
        "auth.jwt()::text = '{}'",
        "auth.email() = TRUE",
        "now() IS NULL",
    ] {
        assert!(check_condition(&lower(sql)).is_err(), "{sql}");
    }
}
