//! `limit`, `offset` and the Range header.
use expect_test::{Expect, expect};

use super::*;

#[track_caller]
fn check(query: &str, expect: Expect) {
    expect.assert_eq(&shown(&get(query), |it| print::scopes(&it.query)));
}

#[track_caller]
fn check_range(range: &str, query: &str, expect: Expect) {
    let raw = RawRequest {
        range: Some(range),
        ..get(query)
    };
    expect.assert_eq(&shown(&raw, |it| print::scopes(&it.query)));
}

#[test]
fn range_headers() {
    check_range("0-9", "", expect!["/ rows 0+10"]);
    check_range("10-", "", expect!["/ rows 10.."]);
    check_range("3-3", "", expect!["/ rows 3+1"]);
    check_range("0-9", "limit=3", expect!["/ rows 0+3"]);
    check_range("5-9", "offset=2&limit=5", expect!["/ rows 5+2"]);
    check_range(
        "0-4",
        "offset=10&limit=5",
        expect![
            "PGRST103 Requested range not satisfiable | Limit should be greater than or equal to zero."
        ],
    );
    check_range("10-", "limit=0", expect!["/ rows 0+0"]);
    check_range(
        "10-5",
        "",
        expect![
            "PGRST103 Requested range not satisfiable | The lower boundary must be lower than or equal to the upper boundary in the Range header."
        ],
    );
    check_range("10-5", "limit=0", expect!["/ rows 0+0"]);
    check_range("bytes=0-9", "", expect![""]);
    check_range("-9", "", expect![""]);
    check_range("1-x", "", expect![""]);
    check_range(
        "99999999999999999999-",
        "",
        expect!["/ rows 9223372036854775807.."],
    );
}

#[test]
fn a_range_header_counts_for_get_alone() {
    let with = |method| RawRequest {
        range: Some("0-1"),
        ..with_body(method, "", "{}")
    };

    for method in [
        Method::Head,
        Method::Post,
        Method::Patch,
        Method::Put,
        Method::Delete,
    ] {
        assert_eq!(
            shown(&with(method), |it| print::scopes(&it.query)),
            "",
            "{method:?}"
        );
    }
}

#[test]
fn put_takes_no_window() {
    let put = |query| with_body(Method::Put, query, "{}");
    let check = |query, expect: Expect| {
        expect.assert_eq(&shown(&put(query), |it| print::scopes(&it.query)));
    };

    check(
        "limit=1",
        expect!["PGRST114 limit/offset querystring parameters are not allowed for PUT"],
    );
    check(
        "offset=1",
        expect!["PGRST114 limit/offset querystring parameters are not allowed for PUT"],
    );
    check("offset=0", expect![""]);
}

#[test]
fn parameters() {
    check("limit=10", expect!["/ rows 0+10"]);
    check("offset=5", expect!["/ rows 5.."]);
    check("limit=10&offset=5", expect!["/ rows 5+10"]);
    check("limit=0", expect!["/ rows 0+0"]);
    check("limit=0&offset=5", expect!["/ rows 5+0"]);
    check("offset=-3", expect![""]);
    check("limit=10&offset=-3", expect!["/ rows 0+10"]);
    check("limit=abc", expect![""]);
    check("limit=", expect![""]);
    check("limit=1.5", expect![""]);
    check("offset=abc", expect![""]);
    check("limit= 7", expect!["/ rows 0+7"]);
    check(
        "limit=99999999999999999999999",
        expect!["/ rows 0+9223372036854775807"],
    );
    check(
        "limit=-1",
        expect![
            "PGRST103 Requested range not satisfiable | Limit should be greater than or equal to zero."
        ],
    );
    check(
        "rel.limit=-1",
        expect![
            "PGRST103 Requested range not satisfiable | Limit should be greater than or equal to zero."
        ],
    );
    check("rel.offset=-1&rel.limit=2", expect!["/rel rows 0+2"]);
}
