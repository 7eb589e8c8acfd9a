//! Texts as TOML strings, for the files that we write ourselves.

use std::fmt::Write as _;

/// A basic string.
pub fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for it in text.chars() {
        match it {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            it if it.is_control() => {
                // Writing to a string cannot fail.
                let _ = write!(quoted, "\\u{:04X}", u32::from(it));
            }
            it => quoted.push(it),
        }
    }
    quoted.push('"');
    quoted
}

/// An array of basic strings.
pub(crate) fn array(texts: &[&str]) -> String {
    let items: Vec<_> = texts.iter().map(|it| quoted(it)).collect();
    format!("[{}]", items.join(", "))
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn what_is_written_reads_back() {
        for text in [
            "plain",
            "with \"quotes\" and \\",
            "line\nbreak\u{7f}",
            "ümläut",
        ] {
            let document = format!("a = {}", quoted(text));
            let read = toml_edit::Document::parse(document.as_str()).expect("valid TOML");
            assert_eq!(read["a"].as_str(), Some(text));
        }
    }
}
