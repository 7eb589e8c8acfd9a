//! How two answers of a read differ: rows as a multiset, over the columns that both have.

use std::collections::HashMap;

use postern_db::Answer;
use postern_query::request::Format;
use serde_json::{Map, Value};

use super::difference::Change;

/// Compares two answers. The total counts where it was asked for, because rows behind the page
/// are rows as well.
pub(super) fn change(format: Format, one: &Answer, other: &Answer) -> Change {
    let mut change = match (rows(format, one), rows(format, other)) {
        (Some(one), Some(other)) => compare(one, other),
        _ if one.body == other.body => Change::default(),
        // A form without rows to tell apart: all of it is another.
        _ => Change {
            rows_added: other.page_rows,
            rows_removed: one.page_rows,
            ..Change::default()
        },
    };
    if let (Some(one), Some(other)) = (one.total_rows, other.total_rows) {
        change.rows_added = change.rows_added.max(other.saturating_sub(one));
        change.rows_removed = change.rows_removed.max(one.saturating_sub(other));
    }
    change
}

/// The rows of a JSON answer.
fn rows(format: Format, answer: &Answer) -> Option<Vec<Map<String, Value>>> {
    let body = answer.body.as_deref().unwrap_or("[]");
    match format {
        Format::Json => serde_json::from_str(body).ok(),
        Format::Object => Some(vec![serde_json::from_str(body).ok()?]),
        _ => None,
    }
}

fn compare(mut one: Vec<Map<String, Value>>, mut other: Vec<Map<String, Value>>) -> Change {
    let mut change = Change::default();
    if let (Some(mine), Some(theirs)) = (one.first(), other.first()) {
        let missing = |from: &Map<String, Value>, to: &Map<String, Value>| {
            let missing = from.keys().filter(|it| !to.contains_key(*it));
            missing.cloned().collect::<Vec<_>>()
        };
        change.columns_removed = missing(mine, theirs);
        change.columns_added = missing(theirs, mine);
    }
    let uneven = [&change.columns_added, &change.columns_removed];
    for row in one.iter_mut().chain(&mut other) {
        row.retain(|name, _| !uneven.iter().any(|it| it.contains(name)));
    }
    let mut counts: HashMap<String, i64> = HashMap::new();
    for row in other {
        *counts.entry(Value::Object(row).to_string()).or_default() += 1;
    }
    for row in one {
        *counts.entry(Value::Object(row).to_string()).or_default() -= 1;
    }
    for count in counts.into_values() {
        if count > 0 {
            change.rows_added += count.unsigned_abs();
        } else {
            change.rows_removed += count.unsigned_abs();
        }
    }
    change
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(body: &str) -> Answer {
        Answer {
            body: Some(body.into()),
            ..Answer::default()
        }
    }

    fn of(one: &str, other: &str) -> Change {
        change(Format::Json, &answer(one), &answer(other))
    }

    #[test]
    fn an_order_is_no_difference_and_a_repeated_row_is_one() {
        assert!(of(r#"[{"a":1},{"a":2}]"#, r#"[{"a":2},{"a":1}]"#).is_none());

        let change = of(r#"[{"a":1}]"#, r#"[{"a":1},{"a":1},{"a":3}]"#);

        assert_eq!((change.rows_added, change.rows_removed), (2, 0));
    }

    #[test]
    fn a_hidden_column_is_named_and_rows_are_compared_by_the_others() {
        let change = of(r#"[{"a":1,"b":2},{"a":2,"b":2}]"#, r#"[{"a":1}]"#);

        assert_eq!(change.columns_removed, ["b"]);
        assert_eq!((change.rows_added, change.rows_removed), (0, 1));
    }
}
