//! Rows as CSV, as RFC 4180 has it, and safe to open in a spreadsheet.

/// Adds a line of cells; NULL is an empty cell without quotes.
///
/// SECURITY: a spreadsheet runs a cell that begins like a formula, so such a cell gets an
/// apostrophe in front (attack 80). A plain negative number stays one.
pub(crate) fn line<'c>(out: &mut String, cells: impl IntoIterator<Item = Option<&'c str>>) {
    for (index, cell) in cells.into_iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        let Some(cell) = cell else {
            continue;
        };
        let mark = if is_formula(cell) { "'" } else { "" };
        let is_plain = !cell.is_empty() && !cell.contains([',', ';', '"', '\r', '\n', '\t', '\'']);
        if is_plain && mark.is_empty() {
            out.push_str(cell);
            continue;
        }
        out.push('"');
        out.push_str(mark);
        out.push_str(&cell.replace('"', "\"\""));
        out.push('"');
    }
    out.push_str("\r\n");
}

fn is_formula(cell: &str) -> bool {
    let Some(first) = cell.trim_start_matches(' ').chars().next() else {
        return false;
    };
    match first {
        '=' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠' => true,
        '+' | '-' => !is_number(cell),
        _ => false,
    }
}

fn is_number(cell: &str) -> bool {
    let is_digits = cell
        .bytes()
        .all(|it| it.is_ascii_digit() || b"+-.eE".contains(&it));
    is_digits && cell.parse::<f64>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::line;

    #[track_caller]
    fn check(cell: &str, expected: &str) {
        let mut out = String::new();
        line(&mut out, [Some("a"), Some(cell), None]);
        assert_eq!(out, format!("a,{expected},\r\n"));
    }

    #[test]
    fn cells_are_quoted_where_they_must_be() {
        check("plain", "plain");
        check("", "\"\"");
        check("a,b", "\"a,b\"");
        check("say \"hi\"", "\"say \"\"hi\"\"\"");
        check("two\nlines", "\"two\nlines\"");
    }

    #[test]
    fn attack_80_formulas_are_texts() {
        for formula in ["=1+1", "+cmd|x", "-2+3", "@sum(a)", " =1", "\t=1", "-"] {
            check(formula, &format!("\"'{formula}\""));
        }
        for number in ["-5", "+4.5", "-1e9", "5"] {
            check(number, number);
        }
    }

    fn cell(value: Option<&str>) -> String {
        let mut out = String::new();
        line(&mut out, [value]);
        out.strip_suffix("\r\n").expect("an end").to_owned()
    }

    #[test]
    fn attack_80_cells_that_begin_like_formulas_are_texts() {
        for hostile in [
            "=1+1",
            "=HYPERLINK(\"http://evil.example\",\"x\")",
            "+cmd|' /C calc'!A0",
            "-2+3",
            "@SUM(A1)",
            "\t=1",
            "\r=1",
            "  =1",
            "＝1",
            "-",
            "+e",
        ] {
            let cell = cell(Some(hostile));
            assert!(cell.starts_with("\"'"), "{hostile:?}: {cell}");
        }
    }

    #[test]
    fn other_cells_are_as_they_are() {
        for (value, written) in [
            (None, ""),
            (Some(""), "\"\""),
            (Some("-5"), "-5"),
            (Some("+43664"), "+43664"),
            (Some("-1.5e-3"), "-1.5e-3"),
            (Some("a,b"), "\"a,b\""),
            (Some("say \"hi\""), "\"say \"\"hi\"\"\""),
            (Some("a=b"), "a=b"),
        ] {
            assert_eq!(cell(value), written);
        }
    }
}
