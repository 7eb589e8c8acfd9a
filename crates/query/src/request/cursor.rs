//! A cursor over the text of one query parameter, on which all grammars of this folder are built.
//!
//! A reading function either advances the cursor and returns `Ok`, or returns
//! [`Stop::Mismatch`] after noting what it expected. Only [`Cursor::attempt`] goes back. Loops
//! advance by at least one character and recursion is bounded by [`super::budget::Budget`], so
//! every text is read in bounded time and stack.

use postern_base::codes;

use super::failure::{Expected, Failure, Found};
use crate::Error;

/// Why reading stopped.
#[derive(Debug)]
pub(super) enum Stop {
    /// The text does not have this form; another form may be tried.
    Mismatch,
    /// The request goes beyond a limit; nothing else is tried.
    Refused(Box<Error>),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Refused(Box::new(error))
    }
}

/// What a reading function returns.
pub(super) type Parsed<T> = Result<T, Stop>;

/// A position in the text of one parameter.
pub(super) struct Cursor<'a> {
    text: &'a str,
    at: usize,
    failure: Failure,
}

impl<'a> Cursor<'a> {
    /// The byte position.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// What has not been read yet.
    pub(super) fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// The next character.
    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// Reads everything that is left.
    pub(super) fn take_rest(&mut self) -> &'a str {
        let rest = self.rest();
        self.advance(rest.len());
        rest
    }

    /// Reads this very text.
    pub(super) fn text(&mut self, literal: &'static str) -> Parsed<()> {
        if self.looking_at(literal) {
            self.advance(literal.len());
            return Ok(());
        }
        Err(Stop::Mismatch)
    }

    /// Reads this word in any mix of letter cases; `word` is in lower case.
    pub(super) fn caseless(&mut self, word: &'static str) -> Parsed<()> {
        for expected in word.chars() {
            match self.peek() {
                Some(found) if found.eq_ignore_ascii_case(&expected) => {
                    self.advance(found.len_utf8());
                }
                found => return self.miss(found, &[]),
            }
        }
        Ok(())
    }

    /// Whether this text comes next; reads nothing.
    pub(super) fn looking_at(&mut self, literal: &'static str) -> bool {
        let rest = self.rest();
        if rest.starts_with(literal) {
            return true;
        }
        let differing = literal
            .chars()
            .map(Some)
            .zip(rest.chars().map(Some).chain(std::iter::repeat(None)))
            .find(|(expected, found)| expected != found)
            .and_then(|(_, found)| found);
        self.note(differing, &[Expected::Text(literal)]);
        false
    }

    /// Reads any one character.
    pub(super) fn any(&mut self) -> Parsed<char> {
        match self.peek() {
            Some(found) => {
                self.advance(found.len_utf8());
                Ok(found)
            }
            None => self.miss(None, &[]),
        }
    }

    /// Reads all characters that are accepted, perhaps none; `labels` name what else could follow.
    pub(super) fn take_while(
        &mut self,
        labels: &[Expected],
        accepts: impl Fn(char) -> bool,
    ) -> &'a str {
        let rest = self.rest();
        let length = rest.find(|it| !accepts(it)).unwrap_or(rest.len());
        let (taken, _) = rest.split_at(length);
        if length > 0 {
            self.advance(length);
        }
        self.note(self.peek(), labels);
        taken
    }

    /// Reads all characters that are accepted, at least one.
    pub(super) fn take_some(
        &mut self,
        labels: &[Expected],
        accepts: impl Fn(char) -> bool,
    ) -> Parsed<&'a str> {
        match self.take_while(labels, accepts) {
            "" => Err(Stop::Mismatch),
            taken => Ok(taken),
        }
    }

    /// Reads spaces and tabs.
    pub(super) fn whitespace(&mut self) {
        self.take_while(&[], |it| matches!(it, ' ' | '\t'));
    }

    /// Refuses a character that must not come next.
    pub(super) fn not_followed_by(&mut self, refused: char) -> Parsed<()> {
        if self.peek() != Some(refused) {
            return Ok(());
        }
        let after = self.at + refused.len_utf8();
        self.failure.merge(Failure::refused(after, refused, &[]));
        Err(Stop::Mismatch)
    }

    /// Makes sure that everything has been read.
    pub(super) fn end(&mut self) -> Parsed<()> {
        let Some(found) = self.peek() else {
            return Ok(());
        };
        let expected = [Expected::Label("end of input")];
        self.failure
            .merge(Failure::refused(self.at, found, &expected));
        Err(Stop::Mismatch)
    }

    /// Stops with a mismatch at the next character, without an expectation.
    pub(super) fn mismatch<T>(&mut self) -> Parsed<T> {
        let found = self.peek();
        self.miss(found, &[])
    }

    /// Tries one form; after a mismatch the cursor is where it was and `None` comes back.
    pub(super) fn attempt<T>(
        &mut self,
        parse: impl FnOnce(&mut Self) -> Parsed<T>,
    ) -> Parsed<Option<T>> {
        let start = self.at;
        let mut before = self.failure.take();
        match parse(self) {
            Ok(value) => {
                if self.at == start {
                    before.merge(self.failure.take());
                    self.failure = before;
                }
                Ok(Some(value))
            }
            Err(Stop::Mismatch) => {
                self.at = start;
                before.merge(self.failure.take());
                self.failure = before;
                Ok(None)
            }
            Err(refused) => Err(refused),
        }
    }

    /// Names a part: when it reads nothing, the label stands for all that it expected.
    pub(super) fn labelled<T>(
        &mut self,
        label: &'static str,
        parse: impl FnOnce(&mut Self) -> Parsed<T>,
    ) -> Parsed<T> {
        let start = self.at;
        let mut before = self.failure.take();
        let result = parse(self);
        if self.at == start {
            self.failure.label(label);
            before.merge(self.failure.take());
            self.failure = before;
        }
        result
    }

    fn advance(&mut self, bytes: usize) {
        self.at += bytes;
        self.failure.clear();
    }

    fn miss<T>(&mut self, found: Option<char>, expected: &[Expected]) -> Parsed<T> {
        self.note(found, expected);
        Err(Stop::Mismatch)
    }

    fn note(&mut self, found: Option<char>, expected: &[Expected]) {
        let found = found.map_or(Found::End, Found::Character);
        self.failure
            .merge(Failure::missing(self.at, found, expected));
    }
}

/// Reads a whole text; `what` and `shown` name it in the error: `failed to parse <what> (<shown>)`.
pub(super) fn parse_whole<T>(
    what: &str,
    shown: &str,
    text: &str,
    parse: impl FnOnce(&mut Cursor<'_>) -> Parsed<T>,
) -> Result<T, Error> {
    let mut cursor = Cursor {
        text,
        at: 0,
        failure: Failure::default(),
    };
    let result = parse(&mut cursor).and_then(|value| {
        cursor.end()?;
        Ok(value)
    });
    result.map_err(|stop| match stop {
        Stop::Refused(error) => *error,
        Stop::Mismatch => {
            let (line, column) = cursor.failure.position(text);
            let message =
                format!("\"failed to parse {what} ({shown})\" (line {line}, column {column})");
            Error::new(&codes::PARSE, message).with_details(cursor.failure.details())
        }
    })
}
