//! `text/csv` bodies: a header row, then rows of texts (RFC 4180); a bare `NULL` is null.

use serde_json::{Map, Value};

/// One field, and whether it stood in quotes.
type Field = (String, bool);

/// Turns CSV into a JSON array of objects; the refusal is the message for the client.
pub(super) fn to_json(text: &str) -> Result<String, &'static str> {
    let mut rows = read(text)?.into_iter();
    let header = rows.next().ok_or("the CSV has no header row")?;
    let mut objects = Vec::new();
    for row in rows {
        if row.len() != header.len() {
            return Err("All lines must have same number of fields");
        }
        let mut object = Map::new();
        for ((name, _), (value, quoted)) in header.iter().zip(row) {
            let value = if !quoted && value == "NULL" {
                Value::Null
            } else {
                Value::String(value)
            };
            object.insert(name.clone(), value);
        }
        objects.push(Value::Object(object));
    }
    Ok(Value::Array(objects).to_string())
}

fn read(text: &str) -> Result<Vec<Vec<Field>>, &'static str> {
    let mut rows = Vec::new();
    let mut row = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (field, after) = read_field(rest)?;
        row.push(field);
        match after.strip_prefix(',') {
            // A comma at the very end opens one more, empty field.
            Some("") => {
                row.push((String::new(), false));
                rest = "";
            }
            Some(next) => {
                rest = next;
                continue;
            }
            None => {
                rest = after
                    .trim_start_matches('\r')
                    .strip_prefix('\n')
                    .unwrap_or(after)
            }
        }
        rows.push(std::mem::take(&mut row));
    }
    Ok(rows)
}

/// Reads one field; what follows starts with a comma, a line's end, or is empty.
fn read_field(text: &str) -> Result<(Field, &str), &'static str> {
    let Some(mut rest) = text.strip_prefix('"') else {
        let end = text.find([',', '\n']).unwrap_or(text.len());
        let value = text[..end].trim_end_matches('\r').to_owned();
        return Ok(((value, false), &text[end..]));
    };
    let mut value = String::new();
    loop {
        let end = rest.find('"').ok_or("a CSV quote is not closed")?;
        value.push_str(&rest[..end]);
        rest = &rest[end + 1..];
        match rest.strip_prefix('"') {
            Some(after) => {
                value.push('"');
                rest = after;
            }
            None if rest.is_empty() || rest.starts_with([',', '\n', '\r']) => {
                return Ok(((value, true), rest));
            }
            None => return Err("text follows a closing CSV quote"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::to_json;

    #[test]
    fn rows_become_objects_and_bare_null_is_null() {
        let csv = "id,name,note\r\n1,\"a, \"\"b\"\"\nc\",NULL\r\n2,\"NULL\",\r\n";

        assert_eq!(
            to_json(csv).as_deref(),
            Ok(concat!(
                r#"[{"id":"1","name":"a, \"b\"\nc","note":null},"#,
                r#"{"id":"2","name":"NULL","note":""}]"#
            ))
        );
        assert_eq!(to_json("a\n1").as_deref(), Ok(r#"[{"a":"1"}]"#));
        assert_eq!(to_json("a,b\n1,").as_deref(), Ok(r#"[{"a":"1","b":""}]"#));
    }

    #[test]
    fn malformed_csv_is_refused() {
        assert!(to_json("").is_err());
        assert!(to_json("a,b\n1").is_err());
        assert!(to_json("a\n\"1").is_err());
        assert!(to_json("a\n\"1\"x").is_err());
    }
}
