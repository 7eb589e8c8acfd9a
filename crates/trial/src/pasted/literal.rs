//! Literals of JavaScript: what stands in brackets of a chain, without anything that would have to
//! be run.

use serde_json::{Map, Number, Value};

use super::wrong;
use crate::Error;

/// Deepest nesting.
const DEPTH_MAX: usize = 32;

/// A text that is read from the left.
pub(super) struct Cursor<'t> {
    rest: &'t str,
}

impl<'t> Cursor<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { rest: text }
    }

    pub(super) fn skip_space(&mut self) {
        self.rest = self.rest.trim_start();
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    /// Takes a sign, after spaces.
    pub(super) fn take(&mut self, sign: char) -> bool {
        self.skip_space();
        match self.rest.strip_prefix(sign) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    pub(super) fn expect(&mut self, sign: char) -> Result<(), Error> {
        match self.take(sign) {
            true => Ok(()),
            false => Err(wrong(&format!(
                "`{sign}` is missing before `{}`",
                self.near()
            ))),
        }
    }

    /// A name: letters, digits, `_` and `$`.
    pub(super) fn name(&mut self) -> &'t str {
        self.skip_space();
        let is_inside = |it: char| it.is_alphanumeric() || matches!(it, '_' | '$');
        let end = self
            .rest
            .find(|it| !is_inside(it))
            .unwrap_or(self.rest.len());
        let (name, rest) = self.rest.split_at(end);
        self.rest = rest;
        name
    }

    /// What follows, for a message.
    pub(super) fn near(&self) -> String {
        self.rest.chars().take(24).collect()
    }

    /// The values between `(` and `)`.
    pub(super) fn arguments(&mut self) -> Result<Vec<Value>, Error> {
        self.expect('(')?;
        self.list(')', 0)
    }

    fn list(&mut self, end: char, depth: usize) -> Result<Vec<Value>, Error> {
        let mut values = Vec::new();
        while !self.take(end) {
            values.push(self.value(depth + 1)?);
            if !self.take(',') {
                self.expect(end)?;
                break;
            }
        }
        Ok(values)
    }

    fn value(&mut self, depth: usize) -> Result<Value, Error> {
        if depth > DEPTH_MAX {
            return Err(wrong("the values are nested too deeply"));
        }
        self.skip_space();
        match self.peek() {
            Some('\'' | '"' | '`') => self.text().map(Value::from),
            Some('{') => self.object(depth),
            Some('[') => {
                self.expect('[')?;
                self.list(']', depth).map(Value::from)
            }
            Some(it) if it.is_ascii_digit() || it == '-' => self.number(),
            _ => {
                let name = self.name();
                match name {
                    "true" => Ok(Value::Bool(true)),
                    "false" => Ok(Value::Bool(false)),
                    "null" | "undefined" => Ok(Value::Null),
                    "" => Err(wrong(&format!(
                        "a value is missing before `{}`",
                        self.near()
                    ))),
                    name => Err(wrong(&format!(
                        "`{name}` is known to the program only; put its value there"
                    ))),
                }
            }
        }
    }

    fn object(&mut self, depth: usize) -> Result<Value, Error> {
        self.expect('{')?;
        let mut fields = Map::new();
        while !self.take('}') {
            self.skip_space();
            let name = match self.peek() {
                Some('\'' | '"') => self.text()?,
                _ => self.name().to_owned(),
            };
            self.expect(':')?;
            fields.insert(name, self.value(depth + 1)?);
            if !self.take(',') {
                self.expect('}')?;
                break;
            }
        }
        Ok(Value::Object(fields))
    }

    fn text(&mut self) -> Result<String, Error> {
        let mut letters = self.rest.chars();
        let quote = letters.next().unwrap_or('\'');
        let mut text = String::new();
        while let Some(letter) = letters.next() {
            match letter {
                '\\' => match letters.next() {
                    Some('n') => text.push('\n'),
                    Some('t') => text.push('\t'),
                    Some(other) => text.push(other),
                    None => break,
                },
                '$' if quote == '`' && letters.as_str().starts_with('{') => {
                    return Err(wrong("a template names what only the program knows"));
                }
                letter if letter == quote => {
                    self.rest = letters.as_str();
                    return Ok(text);
                }
                letter => text.push(letter),
            }
        }
        Err(wrong("a quote of the chain is not closed"))
    }

    fn number(&mut self) -> Result<Value, Error> {
        let is_inside = |it: char| it.is_ascii_digit() || "+-.eE".contains(it);
        let end = self
            .rest
            .find(|it| !is_inside(it))
            .unwrap_or(self.rest.len());
        let (digits, rest) = self.rest.split_at(end);
        self.rest = rest;
        let number: Result<Number, _> = digits.parse();
        number
            .map(Value::Number)
            .map_err(|_| wrong(&format!("`{digits}` is no number")))
    }
}
