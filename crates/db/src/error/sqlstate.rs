//! The one table from SQLSTATE to HTTP status (PostgREST's, as far as it is documented).

use super::Complaint;

/// The status of a refusal.
pub(super) fn status(complaint: &Complaint, anonymous: bool) -> u16 {
    let code = complaint.sqlstate.as_str();
    let message = complaint.message.as_str();
    match code {
        "23503" | "23505" => 409,
        "25006" => 405,
        "42883" | "42P01" => 404,
        "42P17" | "53400" => 500,
        "42501" if anonymous => 401,
        "42501" => 403,
        "57P01" => 503,
        "P0001" => 400,
        // COMPAT(postgrest 14): only the role of a token is a matter of signing in.
        "22023" if is_role_trouble(message) => 401,
        "21000" if message.ends_with("requires a WHERE clause") => 400,
        "21000" => 500,
        _ => class(code),
    }
}

/// The status of a class, where no code of it is listed above.
fn class(code: &str) -> u16 {
    match code.get(..2).unwrap_or_default() {
        "08" | "53" => 503,
        "0L" | "0P" | "28" => 403,
        "09" | "25" | "2D" | "38" | "39" | "3B" | "40" | "54" | "55" | "57" | "58" | "F0"
        | "HV" | "P0" | "XX" => 500,
        _ => 400,
    }
}

fn is_role_trouble(message: &str) -> bool {
    message.starts_with("role \"") && message.ends_with("does not exist")
        || message.starts_with("invalid value for parameter \"role\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(code: &str, message: &str, expected: u16) {
        let complaint = Complaint {
            sqlstate: code.into(),
            message: message.into(),
            ..Complaint::default()
        };
        assert_eq!(status(&complaint, false), expected, "{code}");
    }

    #[test]
    fn follows_the_documented_table() {
        let cases = [
            ("08006", 503),
            ("09000", 500),
            ("0L000", 403),
            ("0P000", 403),
            ("21000", 500),
            ("22023", 400),
            ("22P02", 400),
            ("23502", 400),
            ("23503", 409),
            ("23505", 409),
            ("25006", 405),
            ("25P02", 500),
            ("28000", 403),
            ("2D000", 500),
            ("38000", 500),
            ("39000", 500),
            ("3B000", 500),
            ("40001", 500),
            ("42501", 403),
            ("42703", 400),
            ("42704", 400),
            ("42883", 404),
            ("42P01", 404),
            ("42P17", 500),
            ("53000", 503),
            ("53400", 500),
            ("54000", 500),
            ("55000", 500),
            ("57014", 500),
            ("57P01", 503),
            ("58000", 500),
            ("F0000", 500),
            ("HV000", 500),
            ("P0001", 400),
            ("P0002", 500),
            ("XX000", 500),
            ("12345", 400),
            ("", 400),
        ];
        for (code, expected) in cases {
            check(code, "", expected);
        }
        check("21000", "DELETE requires a WHERE clause", 400);
        check("22023", "role \"nobody\" does not exist", 401);
    }

    #[test]
    fn the_anonymous_are_told_to_sign_in() {
        let complaint = Complaint {
            sqlstate: "42501".into(),
            ..Complaint::default()
        };

        assert_eq!(status(&complaint, true), 401);
        assert_eq!(status(&complaint, false), 403);
    }
}
