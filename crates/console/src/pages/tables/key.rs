//! The key of a row as it stands in addresses: its values in the key's order, with commas between.
//!
//! ```text
//! key   = value *( "," value )
//! value = "\e" | 1*( "\" any | any except "," and "\" )      ; "\e" is the empty text
//! ```

/// Values joined into one text.
pub(crate) fn joined<'v>(values: impl IntoIterator<Item = &'v str>) -> String {
    let mut text = String::new();
    for (index, value) in values.into_iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        if value.is_empty() {
            text.push_str("\\e");
        }
        for letter in value.chars() {
            if matches!(letter, ',' | '\\') {
                text.push('\\');
            }
            text.push(letter);
        }
    }
    text
}

/// The values of such a text, where it has so many.
pub(crate) fn taken_apart(text: &str, values: usize) -> Option<Vec<String>> {
    parts(text).filter(|it| it.len() == values)
}

/// The values of such a text, however many; none where it ends within one.
pub(crate) fn parts(text: &str) -> Option<Vec<String>> {
    let mut parts = vec![String::new()];
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match letter {
            ',' => parts.push(String::new()),
            '\\' => match letters.next()? {
                'e' => {}
                escaped => parts.last_mut()?.push(escaped),
            },
            letter => parts.last_mut()?.push(letter),
        }
    }
    Some(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_as_it_was_written() {
        for values in [
            &["1"][..],
            &["a,b", "c\\d"],
            &["", ""],
            &["e", "\\e", ",", "%2F/?#"],
        ] {
            let text = joined(values.iter().copied());
            let read = taken_apart(&text, values.len()).unwrap();
            assert_eq!(read, values, "{text}");
        }
    }

    #[test]
    fn a_key_of_another_length_is_none() {
        assert_eq!(taken_apart("1,2", 1), None);
        assert_eq!(taken_apart("1", 2), None);
        assert_eq!(taken_apart("1\\", 1), None);
    }
}
