//! Findings, collected while files are read: many at once, each with its place.

use std::ops::Range;

use crate::diagnostic::Help;
use crate::{Diagnostic, Fix, Severity, SourceFile};

/// A place in one of the files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Site {
    /// The index of the file.
    pub(crate) file: usize,
    /// The bytes.
    pub(crate) span: Range<usize>,
}

/// A value and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Spanned<T> {
    /// The value.
    pub(crate) value: T,
    /// Its place.
    pub(crate) site: Site,
}

/// The collector.
#[derive(Debug)]
pub(crate) struct Report<'a> {
    files: &'a [SourceFile],
    found: Vec<Diagnostic>,
}

impl<'a> Report<'a> {
    /// Makes an empty collector for these files.
    pub(crate) fn new(files: &'a [SourceFile]) -> Self {
        Self {
            files,
            found: Vec::new(),
        }
    }

    /// Records an error: the bundle will be refused.
    pub(crate) fn error(
        &mut self,
        site: &Site,
        code: &'static str,
        message: impl Into<String>,
        help: impl Into<Help>,
    ) {
        self.push(Severity::Error, site, code, (message.into(), help.into()));
    }

    /// Records a warning: the bundle loads.
    pub(crate) fn warning(
        &mut self,
        site: &Site,
        code: &'static str,
        message: impl Into<String>,
        help: impl Into<Help>,
    ) {
        self.push(Severity::Warning, site, code, (message.into(), help.into()));
    }

    /// Whether an error was recorded.
    pub(crate) fn has_errors(&self) -> bool {
        self.found.iter().any(|it| it.severity == Severity::Error)
    }

    /// The text of a file.
    pub(crate) fn text(&self, file: usize) -> &'a str {
        self.files.get(file).map_or("", |it| it.text.as_str())
    }

    /// The path of a file.
    pub(crate) fn path(&self, file: usize) -> &'a str {
        self.files.get(file).map_or("", |it| it.path.as_str())
    }

    /// The line of a place, from 1.
    pub(crate) fn line(&self, site: &Site) -> usize {
        position(self.text(site.file), site.span.start).0
    }

    /// Everything that was found, by file and place, errors and warnings together.
    pub(crate) fn into_sorted(mut self) -> Vec<Diagnostic> {
        self.found.sort_by(|left, right| {
            (&left.file, left.line, left.column, left.code).cmp(&(
                &right.file,
                right.line,
                right.column,
                right.code,
            ))
        });
        self.found.dedup();
        self.found
    }

    fn push(
        &mut self,
        severity: Severity,
        site: &Site,
        code: &'static str,
        (message, help): (String, Help),
    ) {
        let text = self.text(site.file);
        let (line, column) = position(text, site.span.start);
        let swap = help.swap.as_ref();
        let fix = swap.and_then(|(old, new)| fix(text, site, old, new));
        self.found.push(Diagnostic {
            severity,
            code,
            file: self.path(site.file).to_owned(),
            line,
            column,
            text: excerpt(text.get(site.span.clone()).unwrap_or_default()),
            message,
            help: help.text,
            fix,
        });
    }
}

/// The edit that puts a name in the place of another; none where that does not stand there once,
/// as a whole.
fn fix(text: &str, site: &Site, old: &str, new: &str) -> Option<Fix> {
    let place = text.get(site.span.clone())?;
    let is_inside = |it: char| it.is_alphanumeric() || it == '_';
    let is_whole = |(at, _): &(usize, &str)| {
        let before = place[..*at].chars().next_back();
        let after = place[*at + old.len()..].chars().next();
        !before.is_some_and(is_inside) && !after.is_some_and(is_inside)
    };
    // A name with other signs needs quotes, which the author had better write.
    let is_name = |it: char| is_inside(it) || matches!(it, '.' | '(' | ')' | '[' | ']' | ',' | ' ');
    let mut found = place.match_indices(old).filter(is_whole);
    let (at, _) = found
        .next()
        .filter(|_| !old.is_empty() && new.chars().all(is_name))?;
    let start = site.span.start + at;
    found.next().is_none().then(|| Fix {
        span: start..start + old.len(),
        old: old.to_owned(),
        new: new.to_owned(),
    })
}

/// Line and column of a byte offset, both from 1; past the end counts as the end.
fn position(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
    (line, column)
}

/// The first line of a text, cut to a readable length.
pub(crate) fn excerpt(text: &str) -> String {
    const CHARS_MAX: usize = 80;
    let first = text.trim().lines().next().unwrap_or("").trim_end();
    let mut chars = first.chars().filter(|it| !it.is_control());
    let mut short: String = chars.by_ref().take(CHARS_MAX).collect();
    if chars.next().is_some() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::position;

    #[test]
    fn counts_lines_and_characters_from_one() {
        assert_eq!(position("äb\ncd", 0), (1, 1));
        assert_eq!(position("äb\ncd", 2), (1, 2));
        assert_eq!(position("äb\ncd", 5), (2, 2));
        assert_eq!(position("äb\ncd", 99), (2, 3));
    }
}
