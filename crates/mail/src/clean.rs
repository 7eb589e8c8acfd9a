//! Text from elsewhere, made safe for one line of a mail.

/// Replaces what is no visible character by spaces and cuts after `chars_max` characters.
///
/// SECURITY: line breaks would start a header or a paragraph of the sender's choice, and the
/// marks that turn the direction of writing around would let a text show something else than it
/// says.
pub(crate) fn one_line(text: &str, chars_max: usize) -> String {
    let mut line: String = text
        .chars()
        .take(chars_max)
        .map(|it| if is_invisible(it) { ' ' } else { it })
        .collect();
    if text.chars().nth(chars_max).is_some() {
        line.push('…');
    }
    line
}

/// Whether a line break, a control character or a mark of direction stands in the text.
pub(crate) fn has_invisible(text: &str) -> bool {
    text.chars().any(is_invisible)
}

fn is_invisible(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}'
        )
}

#[cfg(test)]
mod tests {
    use super::one_line;

    #[test]
    fn keeps_visible_text() {
        assert_eq!(one_line("Grüße, 世界 👋", 40), "Grüße, 世界 👋");
    }

    #[test]
    fn attack_37_breaks_and_marks_of_direction_become_spaces() {
        assert_eq!(
            one_line("a\r\nBcc: b\u{202e}c\u{2028}d", 40),
            "a  Bcc: b c d"
        );
    }

    #[test]
    fn long_text_is_cut_between_characters() {
        assert_eq!(one_line("ääää", 3), "äää…");
        assert_eq!(one_line("äää", 3), "äää");
    }
}
