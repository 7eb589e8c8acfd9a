//! What a parse expected and where, told in the dialect's words.
//!
//! COMPAT(postgrest 14): clients and their tests compare `message` and `details` as text, so this
//! keeps the book that PostgREST's parser library keeps: only the furthest position counts, what
//! was expected there is listed in the order in which it was tried, and a label stands for all
//! expectations of a part that read nothing.

use std::mem;

/// What stood where something else was expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// The text ends there.
    End,
    /// This character.
    Character(char),
}

/// What would have been accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expected {
    /// This text, shown in quotes.
    Text(&'static str),
    /// Something with a name, shown as it is.
    Label(&'static str),
}

/// The furthest failure so far that no later reading has made irrelevant.
#[derive(Clone, Debug, Default)]
pub(super) struct Failure {
    at: usize,
    found: Option<Found>,
    /// A character that was understood and is not allowed; shown instead of `found`.
    refused: Option<char>,
    expected: Vec<Expected>,
}

impl Failure {
    /// A failure at a byte position for want of what is expected there.
    pub(super) fn missing(at: usize, found: Found, expected: &[Expected]) -> Self {
        Self {
            at,
            found: Some(found),
            refused: None,
            expected: expected.to_vec(),
        }
    }

    /// A failure because of a character that must not stand there.
    pub(super) fn refused(at: usize, character: char, expected: &[Expected]) -> Self {
        Self {
            at,
            found: None,
            refused: Some(character),
            expected: expected.to_vec(),
        }
    }

    /// Forgets everything; done whenever something is read.
    pub(super) fn clear(&mut self) {
        self.found = None;
        self.refused = None;
        self.expected.clear();
    }

    /// Adds another failure: the further one wins, equal ones join.
    pub(super) fn merge(&mut self, other: Self) {
        if other.is_nothing() {
            return;
        }
        if self.is_nothing() || other.at > self.at {
            *self = other;
        } else if other.at == self.at {
            self.found = self.found.or(other.found);
            self.refused = self.refused.or(other.refused);
            for expected in other.expected {
                if !self.expected.contains(&expected) {
                    self.expected.push(expected);
                }
            }
        }
    }

    /// Puts one label in the place of everything expected.
    pub(super) fn label(&mut self, label: &'static str) {
        if !self.is_nothing() {
            self.expected = vec![Expected::Label(label)];
        }
    }

    /// Takes the failure out, leaving nothing.
    pub(super) fn take(&mut self) -> Self {
        mem::take(self)
    }

    /// Line and column in the text, both from 1.
    pub(super) fn position(&self, text: &str) -> (usize, usize) {
        let before = text.get(..self.at).unwrap_or(text);
        before
            .chars()
            .fold((1, 1), |(line, column), character| match character {
                '\n' => (line + 1, 1),
                '\t' => (line, column + 8 - (column - 1) % 8),
                _ => (line, column + 1),
            })
    }

    /// `unexpected … expecting …`
    pub(super) fn details(&self) -> String {
        let mut details = match (self.refused, self.found) {
            (Some(refused), _) => format!("unexpected {}", shown_character(refused)),
            (None, Some(Found::Character(found))) => {
                format!("unexpected {}", shown_text(found.encode_utf8(&mut [0; 4])))
            }
            (None, _) => "unexpected end of input".to_owned(),
        };
        let expected: Vec<String> = self.expected.iter().map(shown_expected).collect();
        match expected.as_slice() {
            [] => {}
            [only] => details.push_str(&format!(" expecting {only}")),
            [first @ .., last] => {
                details.push_str(&format!(" expecting {} or {last}", first.join(", ")));
            }
        }
        details
    }

    fn is_nothing(&self) -> bool {
        self.found.is_none() && self.refused.is_none() && self.expected.is_empty()
    }
}

fn shown_expected(expected: &Expected) -> String {
    match expected {
        Expected::Text(text) => shown_text(text),
        Expected::Label(label) => (*label).to_owned(),
    }
}

fn shown_text(text: &str) -> String {
    let inner: String = text
        .chars()
        .map(|it| match it {
            '"' => "\\\"".to_owned(),
            other => escaped(other),
        })
        .collect();
    format!("\"{inner}\"")
}

fn shown_character(character: char) -> String {
    match character {
        '\'' => "'\\''".to_owned(),
        other => format!("'{}'", escaped(other)),
    }
}

fn escaped(character: char) -> String {
    match character {
        '\\' => "\\\\".to_owned(),
        '\n' => "\\n".to_owned(),
        '\t' => "\\t".to_owned(),
        ' '..='~' => character.to_string(),
        other => format!("\\{}", u32::from(other)),
    }
}
