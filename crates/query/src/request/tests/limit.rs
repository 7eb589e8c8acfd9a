//! Every limit, from both sides.

use postern_base::limits;

use super::*;

#[track_caller]
fn check(raw: &RawRequest<'_>, limits: &Limits, name: &str, within: bool) {
    match parse(raw, limits) {
        Ok(_) => assert!(within, "`{name}` did not hold"),
        Err(error) => {
            assert!(!within, "refused within the limits: {}", refusal(&error));
            assert_eq!(error.code.code, "PSTRN400", "{}", refusal(&error));
            assert!(
                error.message.contains(&format!("`{name}` allows ")),
                "{}",
                error.message
            );
        }
    }
}

#[track_caller]
fn check_count(name: &str, max: usize, limits: &Limits, query: impl Fn(usize) -> String) {
    check(&get(&query(max)), limits, name, true);
    check(&get(&query(max + 1)), limits, name, false);
}

fn repeated(part: &str, count: usize, between: &str) -> String {
    vec![part; count].join(between)
}

#[test]
fn query_parameters() {
    let max = limits::QUERY_PARAMETERS_MAX;
    check_count("query_parameters_max", max, &Limits::default(), |n| {
        repeated("x", n, "&")
    });
}

#[test]
fn filters() {
    let limits = Limits {
        filters_max: 4,
        ..Limits::default()
    };

    check_count("filters_max", 4, &limits, |n| repeated("a=eq.1", n, "&"));
    check_count("filters_max", 4, &limits, |n| {
        format!("or=({})", repeated("a.eq.1", n, ","))
    });
    check_count("filters_max", 4, &limits, |n| {
        format!(
            "r.a=eq.1&r.or=(and({}),b.eq.2)",
            repeated("a.eq.1", n - 2, ",")
        )
    });
}

#[test]
fn embeds() {
    let max = limits::EMBEDS_MAX;
    check_count("embeds_max", max, &Limits::default(), |n| {
        format!("select={}", repeated("r()", n, ","))
    });
}

#[test]
fn embed_depth() {
    let limits = Limits {
        embed_depth_max: 3,
        ..Limits::default()
    };

    check_count("embed_depth_max", 3, &limits, |n| {
        format!("select={}{}", "r(".repeat(n), ")".repeat(n))
    });
    check_count("embed_depth_max", 3, &limits, |n| {
        format!("{}a=eq.1", "r.".repeat(n))
    });
    check_count("embed_depth_max", 3, &limits, |n| {
        format!("{}limit=1", "r.".repeat(n))
    });
    check_count("embed_depth_max", 3, &limits, |n| {
        format!("{}or=(a.eq.1)", "r.".repeat(n))
    });
}

#[test]
fn logic_depth() {
    let max = limits::LOGIC_DEPTH_MAX;
    check_count("logic_depth_max", max, &Limits::default(), |n| {
        format!("and={}a.eq.1{}", "(or".repeat(n - 1) + "(", ")".repeat(n))
    });
}

#[test]
fn select_items() {
    let max = limits::SELECT_ITEMS_MAX;
    let default = Limits::default();

    check_count("select_items_max", max, &default, |n| {
        format!("select={}", repeated("a", n, ","))
    });
    check_count("select_items_max", max, &default, |n| {
        format!("columns={}", repeated("a", n, ","))
    });
}

#[test]
fn order_terms() {
    let max = limits::ORDER_TERMS_MAX;
    check_count("order_terms_max", max, &Limits::default(), |n| {
        format!("order={}", repeated("a", n, ","))
    });
}

#[test]
fn in_lists() {
    let limits = Limits {
        in_list_max: 5,
        ..Limits::default()
    };

    check_count("in_list_max", 5, &limits, |n| {
        format!("a=in.({})", repeated("1", n, ","))
    });
    check_count("in_list_max", 5, &limits, |n| {
        format!("or=(a.in.({}))", repeated("1", n, ","))
    });
}

#[test]
fn json_depth() {
    let max = limits::JSON_DEPTH_MAX;
    let body = |n: usize| format!("{}1{}", r#"{"a":"#.repeat(n), "}".repeat(n));
    let mixed = |n: usize| format!("[{{\"a\":{}{}}}]", "[".repeat(n - 2), "]".repeat(n - 2));
    let default = Limits::default();

    for (count, within) in [(max, true), (max + 1, false), (1_000_000, false)] {
        let raw = with_body(Method::Post, "", &body(count));
        check(&raw, &default, "json_depth_max", within);
        let raw = with_body(Method::Post, "", &mixed(count));
        check(&raw, &default, "json_depth_max", within);
    }
}

#[test]
fn a_refusal_says_what_was_sent() {
    let limits = Limits {
        filters_max: 1,
        ..Limits::default()
    };
    let error = parse(&get("a=eq.1&b=eq.2"), &limits).unwrap_err();

    assert_eq!(
        error.message,
        "the request has 2 filters or more; `filters_max` allows 1"
    );
}
