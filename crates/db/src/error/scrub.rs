//! What a caller under policies may read of Postgres's complaint.
//!
//! SECURITY: the gateway's role reads rows that policies hide, so Postgres, which would be silent
//! under row-level security, quotes them: DETAIL holds keys and whole rows, and messages about
//! data hold values. The rule, from the strictest side:
//!
//! 1. What a function's author raised is theirs to word, and passes whole.
//! 2. DETAIL and HINT are dropped (hints name columns and tables that may be hidden).
//! 3. Messages that hold only names pass: violated constraints (class 23, 44), rights (42501),
//!    and class 42 as long as the complaint points into the statement's text, for then it comes
//!    from parsing and not from a row.
//! 4. In all other messages whatever is quoted is cut out, unless the request itself sent that
//!    value: then the caller knows it already and needs it to find the mistake.
//!
//! A value counts as sent when it equals a parameter, or occurs in one that is a JSON text or an
//! array literal (a bulk body's element cannot be told apart more cheaply).

use postern_query::Param;

use super::{Complaint, raised};

/// Makes the complaint fit for a caller under policies.
pub(super) fn scrub(complaint: Complaint, params: &[Param]) -> Complaint {
    if raised::is_raised(&complaint) {
        return complaint;
    }
    let message = if holds_only_names(&complaint) {
        complaint.message
    } else {
        without_foreign_values(&complaint.message, params)
    };
    Complaint {
        message,
        detail: None,
        hint: None,
        ..complaint
    }
}

fn holds_only_names(complaint: &Complaint) -> bool {
    match complaint.sqlstate.get(..2).unwrap_or_default() {
        "23" | "44" => true,
        "42" => complaint.has_position || matches!(complaint.sqlstate.as_str(), "42501" | "428C9"),
        // Read-only transactions, deadlocks, shutdowns and timeouts: fixed sentences.
        "25" | "40" | "53" | "57" => true,
        _ => false,
    }
}

/// Cuts the quoted part out, from the first quote to the last: values may hold quotes themselves.
fn without_foreign_values(message: &str, params: &[Param]) -> String {
    let (Some(start), Some(end)) = (message.find('"'), message.rfind('"')) else {
        return message.to_owned();
    };
    let value = message.get(start + 1..end).unwrap_or_default();
    if is_sent(value, params) {
        return message.to_owned();
    }
    let before = message[..start].trim_end().trim_end_matches(':').trim_end();
    let after = message[end + 1..].trim_start();
    if after.is_empty() {
        before.to_owned()
    } else {
        format!("{before} {after}")
    }
}

fn is_sent(value: &str, params: &[Param]) -> bool {
    params.iter().any(|param| {
        let text = match param {
            Param::Null => return false,
            Param::Text(text) => text.as_str(),
            Param::Shared(text) => text,
        };
        let is_collection = text.trim_start().starts_with(['{', '[']);
        text == value || (is_collection && !value.is_empty() && text.contains(value))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complaint(sqlstate: &str, message: &str) -> Complaint {
        Complaint {
            sqlstate: sqlstate.into(),
            message: message.into(),
            detail: Some("Key (email)=(u2@x.io) already exists.".into()),
            hint: Some("Perhaps you meant \"secret\".".into()),
            ..Complaint::default()
        }
    }

    #[track_caller]
    fn check(sqlstate: &str, message: &str, params: &[&str], expected: &str) {
        let params: Vec<_> = params.iter().map(|it| Param::Text((*it).into())).collect();
        let clean = scrub(complaint(sqlstate, message), &params);
        assert_eq!(clean.message, expected);
        assert_eq!(clean.detail, None);
        assert_eq!(clean.hint, None);
    }

    #[test]
    fn names_of_constraints_pass_and_keys_do_not() {
        let message = "duplicate key value violates unique constraint \"users_email_key\"";
        check("23505", message, &[], message);
        let message = "null value in column \"a\" of relation \"t\" violates not-null constraint";
        check("23502", message, &[], message);
    }

    #[test]
    fn a_hidden_value_is_cut_out() {
        check(
            "22P02",
            "invalid input syntax for type integer: \"k2\"",
            &["17"],
            "invalid input syntax for type integer",
        );
        check(
            "22003",
            "value \"99999\" is out of range for type smallint",
            &[],
            "value is out of range for type smallint",
        );
        check(
            "22P02",
            "invalid input syntax for type json: \"say \"hi\" \"",
            &[],
            "invalid input syntax for type json",
        );
    }

    #[test]
    fn a_value_of_the_request_stays() {
        let message = "invalid input syntax for type integer: \"abc\"";
        check("22P02", message, &["x", "abc"], message);
        check("22P02", message, &["[{\"id\":\"abc\"}]"], message);
    }

    #[test]
    fn a_part_of_a_plain_parameter_is_not_the_parameter() {
        check(
            "22P02",
            "invalid input syntax for type integer: \"k2\"",
            &["k1 k2 k3"],
            "invalid input syntax for type integer",
        );
    }

    #[test]
    fn a_missing_relation_passes_from_parsing_but_not_from_a_cast_of_a_row() {
        let message = "relation \"k2\" does not exist";
        check("42P01", message, &[], "relation does not exist");
        let parsed = Complaint {
            has_position: true,
            ..complaint("42P01", message)
        };
        assert_eq!(scrub(parsed, &[]).message, message);
    }

    #[test]
    fn what_a_function_raises_passes_whole() {
        let raised = Complaint {
            routine: Some("exec_stmt_raise".into()),
            ..complaint("P0001", "quota of \"gold\" used up")
        };

        let clean = scrub(raised, &[]);
        assert_eq!(clean.message, "quota of \"gold\" used up");
        assert!(clean.detail.is_some());
    }
}
