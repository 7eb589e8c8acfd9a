//! What the words mean, and which claims satisfy them.

use super::*;

const NOW: i64 = 1_800_000_000;

fn demand(text: &str) -> Assurance {
    Assurance::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "each call makes the value for it"
)]
fn claims(object: Value) -> Claims {
    Claims::new(object.as_object().expect("an object").clone())
}

/// Claims of this level, whose factors were proven at these seconds.
fn proven(aal: &str, times: &[i64]) -> Claims {
    let amr: Vec<_> = times
        .iter()
        .map(|it| json!({ "method": "totp", "timestamp": it }))
        .collect();
    claims(json!({ "aal": aal, "amr": amr }))
}

#[test]
fn words_are_read_and_written_alike() {
    for text in [
        "aal1",
        "aal2",
        "aal2 within 5m",
        "aal1 within 36h",
        "aal2 within 90s",
    ] {
        assert_eq!(demand(text).to_string(), text);
    }
    assert_eq!(demand("  aal2   within 300s "), demand("aal2 within 5m"));
    assert_eq!(demand("aal2 within 1d").within_secs, Some(86_400));
}

#[test]
fn other_words_are_refused() {
    for text in [
        "",
        "aal",
        "aal0",
        "aal3",
        "AAL2",
        "aal2 5m",
        "aal2 in 5m",
        "aal2 within",
        "aal2 within 5",
        "aal2 within m",
        "aal2 within 5 m",
        "aal2 within 0m",
        "aal2 within -5m",
        "aal2 within +5m",
        "aal2 within 1.5h",
        "aal2 within 5w",
        "aal2 within 366d",
        "aal2 within 99999999999999999999d",
        "aal2 within 300000000000000000d",
        "aal2 within 5m 6m",
        "aal2 within ５m",
    ] {
        assert!(Assurance::parse(text).is_err(), "{text}");
    }
}

#[test]
fn two_demands_are_met_together() {
    let both = demand("aal2").and(demand("aal1 within 10m"));

    assert_eq!(both, demand("aal2 within 10m"));
    assert_eq!(both.and(demand("aal1 within 5m")), demand("aal2 within 5m"));
    assert_eq!(demand("aal1").and(demand("aal1")), demand("aal1"));
}

#[test]
fn level_and_age_are_both_asked_for() {
    let fresh = demand("aal2 within 5m");

    for (aal, times, is_met) in [
        ("aal2", vec![NOW - 300], true),
        ("aal2", vec![NOW - 301], false),
        ("aal2", vec![NOW - 9_000, NOW - 10], true),
        ("aal2", vec![NOW - 10, NOW - 9_000], true),
        ("aal1", vec![NOW], false),
        ("aal2", vec![NOW + 30], true),
        ("aal2", vec![NOW + 31], false),
        ("aal2", vec![NOW + 31, NOW], false),
        ("aal2", vec![i64::MAX], false),
        ("aal2", vec![i64::MIN], false),
        ("aal2", vec![], false),
    ] {
        let verdict = fresh.check(&proven(aal, &times), Some(NOW));
        assert_eq!(verdict.is_ok(), is_met, "{aal} {times:?}");
    }
    assert!(
        fresh.check(&proven("aal2", &[NOW]), None).is_err(),
        "no clock, nothing recent"
    );
    assert!(
        demand("aal1 within 10m")
            .check(&proven("aal2", &[NOW]), Some(NOW))
            .is_ok()
    );
}

#[test]
fn a_level_alone_needs_no_time() {
    assert!(
        demand("aal2")
            .check(&claims(json!({ "aal": "aal2" })), None)
            .is_ok()
    );
    assert!(
        demand("aal1")
            .check(&claims(json!({ "aal": "aal2" })), None)
            .is_ok()
    );
    assert!(
        demand("aal2")
            .check(&claims(json!({ "aal": "aal1" })), None)
            .is_err()
    );
    assert!(demand("aal1").check(&Claims::anonymous(), None).is_err());
}

#[test]
fn claims_of_other_forms_prove_nothing() {
    for aal in [
        json!(null),
        json!(2),
        json!(true),
        json!(["aal2"]),
        json!({ "aal": "aal2" }),
        json!("AAL2"),
        json!("aal2 "),
        json!("aal3"),
        json!(""),
    ] {
        let shown = claims(json!({ "aal": aal }));
        assert!(demand("aal1").check(&shown, Some(NOW)).is_err(), "{aal}");
    }
    for amr in [
        json!(null),
        json!("totp"),
        json!(NOW),
        json!(["pwd", "otp"]),
        json!([{ "method": "totp" }]),
        json!([{ "method": "totp", "timestamp": NOW.to_string() }]),
        json!([{ "method": "totp", "timestamp": NOW as f64 + 0.5 }]),
        json!([{ "method": "totp", "timestamp": u64::MAX }]),
        json!([{ "method": "totp", "timestamp": [NOW] }]),
        json!([{ "method": "totp", "timestamp": NOW }, "totp"]),
        json!({ "method": "totp", "timestamp": NOW }),
        json!([[{ "timestamp": NOW }]]),
    ] {
        let shown = claims(json!({ "aal": "aal2", "amr": amr }));
        assert!(
            demand("aal2 within 1d").check(&shown, Some(NOW)).is_err(),
            "{amr}"
        );
    }
}

#[test]
fn metadata_proves_nothing() {
    let shown = claims(json!({
        "user_metadata": { "aal": "aal2" }, "app_metadata": { "aal": "aal2" },
    }));

    assert!(demand("aal2").check(&shown, Some(NOW)).is_err());
}

#[test]
fn a_refusal_says_what_to_do() {
    let shortfall = demand("aal2 within 5m")
        .check(&proven("aal1", &[NOW]), Some(NOW))
        .expect_err("refused");

    assert_eq!(
        shortfall.to_string(),
        "this needs a sign-in of aal2 within 5m"
    );
    assert_eq!(
        shortfall.details().to_string(),
        r#"{"required":"aal2","within_seconds":300,"current":"aal1","challenge":"/auth/v1/factors"}"#
    );
    assert_eq!(
        shortfall.challenge(),
        r#"Bearer error="insufficient_user_authentication", acr_values="aal2", max_age=300"#
    );
    let again = demand("aal1 within 10m")
        .check(&Claims::anonymous(), None)
        .expect_err("refused");
    assert_eq!(again.details()["challenge"], "/auth/v1/token");
    assert_eq!(again.details()["current"], Value::Null);
}
