//! Texts and values as literals of a language.

use std::fmt::Write as _;

use serde_json::Value;

/// How a language writes a character by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Escape {
    /// `\u00e9`
    Four,
    /// `\u{e9}`
    Braces,
}

/// How a language writes texts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Texts {
    /// What stands around them.
    pub(super) quote: char,
    /// What begins code inside of them, beside the backslash.
    pub(super) special: &'static str,
    pub(super) escape: Escape,
}

impl Texts {
    /// A text as a literal.
    pub(super) fn of(self, text: &str) -> String {
        let mut literal = String::with_capacity(text.len() + 2);
        literal.push(self.quote);
        for letter in text.chars() {
            match letter {
                '\n' => literal.push_str("\\n"),
                '\t' => literal.push_str("\\t"),
                it if it == '\\' || it == self.quote || self.special.contains(it) => {
                    literal.push('\\');
                    literal.push(it);
                }
                it if is_unseen(it) => self.push_number(&mut literal, u32::from(it)),
                it => literal.push(it),
            }
        }
        literal.push(self.quote);
        literal
    }

    fn push_number(self, literal: &mut String, number: u32) {
        // Writing to a string cannot fail.
        let _ = match self.escape {
            Escape::Four => write!(literal, "\\u{number:04x}"),
            Escape::Braces => write!(literal, "\\u{{{number:x}}}"),
        };
    }
}

/// Whether a character is not seen, or turns around what follows it. All are of the basic plane.
fn is_unseen(letter: char) -> bool {
    letter.is_control()
        || matches!(letter,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

/// What a language calls its values.
#[derive(Clone, Copy, Debug)]
pub(super) struct Words {
    pub(super) texts: Texts,
    /// Null, true and false.
    pub(super) constants: [&'static str; 3],
    /// What stands around fields.
    pub(super) braces: [char; 2],
}

impl Words {
    /// A value as a literal.
    pub(super) fn of(self, value: &Value) -> String {
        match value {
            Value::Null => self.constants[0].to_owned(),
            Value::Bool(true) => self.constants[1].to_owned(),
            Value::Bool(false) => self.constants[2].to_owned(),
            Value::Number(number) => number.to_string(),
            Value::String(text) => self.texts.of(text),
            Value::Array(items) => {
                let items: Vec<_> = items.iter().map(|it| self.of(it)).collect();
                format!("[{}]", items.join(", "))
            }
            Value::Object(fields) => {
                let [open, close] = self.braces;
                let field = |(name, value): (&String, &Value)| {
                    format!("{}: {}", self.texts.of(name), self.of(value))
                };
                let fields: Vec<_> = fields.iter().map(field).collect();
                match (fields.is_empty(), open) {
                    (true, '[') => "[:]".to_owned(),
                    _ => format!("{open}{}{close}", fields.join(", ")),
                }
            }
        }
    }
}

/// JSON in which every character is seen.
pub(super) fn json(value: &Value) -> String {
    let mut text = String::new();
    for letter in value.to_string().chars() {
        match is_unseen(letter) {
            // Writing to a string cannot fail.
            true => drop(write!(text, "\\u{:04x}", u32::from(letter))),
            false => text.push(letter),
        }
    }
    text
}

/// Lines, each with a space of its own in front.
pub(super) fn indented(lines: &[String], space: &str) -> String {
    let lines = lines.iter().map(|it| format!("{space}{it}"));
    lines.collect::<Vec<_>>().join("\n")
}
