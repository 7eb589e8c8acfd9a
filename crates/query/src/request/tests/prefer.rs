//! `Prefer` headers.

use expect_test::{Expect, expect};

use super::*;

#[track_caller]
fn check(headers: &[&str], expect: Expect) {
    let raw = RawRequest {
        prefer: headers.to_vec(),
        ..get("")
    };
    expect.assert_eq(&shown(&raw, |it| {
        let fields = format!("{:?}", it.preferences);
        let said = fields
            .trim_start_matches("Preferences { ")
            .trim_end_matches(" }")
            .split(", ")
            .filter(|it| !it.ends_with(": None") && *it != "unknown: []");
        said.collect::<Vec<_>>().join(", ")
    }));
}

#[test]
fn known_preferences() {
    check(&[], expect![""]);
    check(
        &["return=representation"],
        expect!["representation: Some(Representation)"],
    );
    check(
        &["return=minimal,count=exact"],
        expect!["representation: Some(Minimal), count: Some(Exact)"],
    );
    check(
        &["return=headers-only", "count=planned"],
        expect!["representation: Some(HeadersOnly), count: Some(Planned)"],
    );
    check(
        &["count=estimated , missing=default"],
        expect!["missing_default: Some(true), count: Some(Estimated)"],
    );
    check(&["missing=null"], expect!["missing_default: Some(false)"]);
    check(
        &["resolution=merge-duplicates,return=representation"],
        expect!["resolution: Some(MergeDuplicates), representation: Some(Representation)"],
    );
    check(
        &["resolution=ignore-duplicates"],
        expect!["resolution: Some(IgnoreDuplicates)"],
    );
    check(&["tx=rollback"], expect!["tx: Some(Rollback)"]);
    check(
        &["tx=commit,timezone=America/Los_Angeles"],
        expect![[r#"tx: Some(Commit), timezone: Some("America/Los_Angeles")"#]],
    );
    check(
        &["handling=strict,max-affected=10"],
        expect!["strict: Some(true), max_affected: Some(10)"],
    );
    check(&["handling=lenient"], expect!["strict: Some(false)"]);
    check(&["max-affected=x"], expect![""]);
    check(&["max-affected=-1"], expect![""]);
}

#[test]
fn the_first_of_two_counts() {
    check(
        &["count=exact", "count=planned"],
        expect!["count: Some(Exact)"],
    );
    check(&["tx=commit, tx=rollback"], expect!["tx: Some(Commit)"]);
}

#[test]
fn unknown_preferences() {
    check(
        &["anything, count=all,,"],
        expect![[r#"unknown: ["anything", "count=all"]"#]],
    );
    check(
        &["handling=lenient, anything"],
        expect![[r#"strict: Some(false), unknown: ["anything"]"#]],
    );
    check(
        &["handling=strict, anything"],
        expect![
            "PGRST122 Invalid preferences given with handling=strict | Invalid preferences: anything"
        ],
    );
    check(
        &["something, else", "handling=strict"],
        expect![
            "PGRST122 Invalid preferences given with handling=strict | Invalid preferences: something, else"
        ],
    );
    check(
        &["handling=strict, Count=exact"],
        expect![
            "PGRST122 Invalid preferences given with handling=strict | Invalid preferences: Count=exact"
        ],
    );
    check(&["handling=strict,"], expect!["strict: Some(true)"]);
}
