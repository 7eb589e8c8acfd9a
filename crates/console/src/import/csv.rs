//! Reads CSV row by row, as spreadsheets and databases write it (RFC 4180, and what is usual
//! beyond it): commas, semicolons or tabs, either line end, a byte order mark.
//!
//! It remembers on which line a row began and which fields stood in quotes, since an empty field
//! without quotes is no value and one with quotes is an empty text.

use std::io::{BufRead, BufReader, Read};

/// Longest row in bytes.
const ROW_BYTES_MAX: usize = 1024 * 1024;
/// How much of the first line is looked at for what separates fields.
const HEAD_BYTES_MAX: usize = 64 * 1024;

/// A field of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Field {
    pub(crate) text: String,
    pub(crate) is_quoted: bool,
}

/// A row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Record {
    /// The line on which it begins, from 1.
    pub(crate) line: u64,
    pub(crate) fields: Vec<Field>,
}

/// Why a row cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) line: u64,
    pub(crate) kind: FaultKind,
}

/// What is wrong with a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FaultKind {
    /// A quote is not closed; everything behind it belongs to one field.
    Open,
    /// Text follows a closing quote.
    AfterQuote,
    /// It is not UTF-8, or holds NUL, which no text of Postgres has.
    Encoding,
    /// It is longer than a row may be.
    Long,
    /// The file cannot be read any further.
    Unreadable,
}

/// Reads a file.
pub(crate) struct Reader<R> {
    input: BufReader<R>,
    separator: u8,
    line: u64,
    has_ended: bool,
}

/// What ended a field.
enum End {
    Field,
    Row,
    File,
}

impl<R: Read> Reader<R> {
    /// Looks at the first line to see what separates fields.
    pub(crate) fn new(input: R) -> Self {
        let mut input = BufReader::with_capacity(HEAD_BYTES_MAX, input);
        let head = input.fill_buf().unwrap_or_default();
        let mark = if head.starts_with(b"\xef\xbb\xbf") {
            3
        } else {
            0
        };
        let separator = separator_of(&head[mark..]);
        input.consume(mark);
        Self {
            input,
            separator,
            line: 1,
            has_ended: false,
        }
    }

    fn peek(&mut self) -> Result<Option<u8>, FaultKind> {
        let buffer = self.input.fill_buf().map_err(|_| FaultKind::Unreadable)?;
        Ok(buffer.first().copied())
    }

    fn take(&mut self) -> Result<Option<u8>, FaultKind> {
        let byte = self.peek()?;
        if byte.is_some() {
            self.input.consume(1);
        }
        if byte == Some(b'\n') {
            self.line += 1;
        }
        Ok(byte)
    }

    fn record(&mut self) -> Result<Vec<Field>, FaultKind> {
        let mut fields = Vec::new();
        let mut bytes = 0;
        loop {
            let (field, end) = self.field(&mut bytes)?;
            fields.push(field);
            match end {
                End::Field => {}
                End::Row => return Ok(fields),
                End::File => {
                    self.has_ended = true;
                    return Ok(fields);
                }
            }
        }
    }

    fn field(&mut self, bytes: &mut usize) -> Result<(Field, End), FaultKind> {
        let is_quoted = self.peek()? == Some(b'"');
        let mut raw = Vec::new();
        if is_quoted {
            self.take()?;
            self.inside_quotes(&mut raw, bytes)?;
        }
        let end = loop {
            match self.take()? {
                None => break End::File,
                Some(b'\n') => break End::Row,
                Some(byte) if byte == self.separator => break End::Field,
                Some(b'\r') if matches!(self.peek()?, Some(b'\n') | None) => {}
                Some(_) if is_quoted => return Err(FaultKind::AfterQuote),
                Some(byte) => push(&mut raw, byte, bytes)?,
            }
        };
        let text = String::from_utf8(raw).map_err(|_| FaultKind::Encoding);
        let text = text.and_then(|it| match it.contains('\0') {
            true => Err(FaultKind::Encoding),
            false => Ok(it),
        });
        match text {
            Ok(text) => Ok((Field { text, is_quoted }, end)),
            Err(kind) => {
                if matches!(end, End::Field) {
                    self.skip();
                }
                self.has_ended |= matches!(end, End::File);
                Err(kind)
            }
        }
    }

    fn inside_quotes(&mut self, raw: &mut Vec<u8>, bytes: &mut usize) -> Result<(), FaultKind> {
        loop {
            match self.take()? {
                None => return Err(FaultKind::Open),
                Some(b'"') if self.peek()? == Some(b'"') => {
                    self.take()?;
                    push(raw, b'"', bytes)?;
                }
                Some(b'"') => return Ok(()),
                Some(byte) => push(raw, byte, bytes)?,
            }
        }
    }

    /// Goes on to the next line, so that one row that cannot be read costs no other.
    fn skip(&mut self) {
        while let Ok(Some(byte)) = self.take() {
            if byte == b'\n' {
                return;
            }
        }
        self.has_ended = true;
    }
}

impl<R: Read> Iterator for Reader<R> {
    type Item = Result<Record, Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.has_ended {
            let line = self.line;
            match self.record() {
                // An empty line is no row, and neither is the end of the file behind the last one.
                Ok(fields) if is_blank(&fields) => {}
                Ok(fields) => return Some(Ok(Record { line, fields })),
                Err(kind) => {
                    match kind {
                        FaultKind::AfterQuote => self.skip(),
                        FaultKind::Encoding => {}
                        FaultKind::Open | FaultKind::Long | FaultKind::Unreadable => {
                            self.has_ended = true;
                        }
                    }
                    return Some(Err(Fault { line, kind }));
                }
            }
        }
        None
    }
}

fn is_blank(fields: &[Field]) -> bool {
    matches!(fields, [only] if only.text.is_empty() && !only.is_quoted)
}

fn push(raw: &mut Vec<u8>, byte: u8, bytes: &mut usize) -> Result<(), FaultKind> {
    *bytes += 1;
    if *bytes > ROW_BYTES_MAX {
        return Err(FaultKind::Long);
    }
    raw.push(byte);
    Ok(())
}

/// What the first line has most of, outside of quotes; a comma where it has none.
fn separator_of(head: &[u8]) -> u8 {
    let mut counts = [(b',', 0_usize), (b';', 0), (b'\t', 0)];
    let mut is_quoted = false;
    for byte in head {
        match byte {
            b'"' => is_quoted = !is_quoted,
            b'\n' if !is_quoted => break,
            byte if !is_quoted => {
                for (separator, count) in &mut counts {
                    *count += usize::from(separator == byte);
                }
            }
            _ => {}
        }
    }
    // The first of equals, which is the comma.
    let best = counts.iter().rev().max_by_key(|it| it.1);
    best.map_or(b',', |it| it.0)
}

/// A row as CSV, with commas; fields are quoted where they need it.
pub(crate) fn row<'f>(fields: impl IntoIterator<Item = (&'f str, bool)>) -> String {
    let field = |(text, is_quoted): (&str, bool)| {
        if is_quoted || text.contains([',', ';', '\t', '"', '\n', '\r']) {
            return format!("\"{}\"", text.replace('"', "\"\""));
        }
        text.to_owned()
    };
    let fields: Vec<_> = fields.into_iter().map(field).collect();
    format!("{}\r\n", fields.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(csv: &str) -> Vec<Vec<String>> {
        let reader = Reader::new(csv.as_bytes());
        let fields = |it: Result<Record, Fault>| {
            it.map_or_else(
                |fault| vec![format!("{:?} {}", fault.kind, fault.line)],
                |it| it.fields.into_iter().map(|it| it.text).collect(),
            )
        };
        reader.map(fields).collect()
    }

    #[test]
    fn rows_come_with_their_lines_and_quotes() {
        let csv = "id,note\r\n1,\"a, \"\"b\"\"\nc\"\r\n\r\n2,\"\"\n3,";
        let rows: Vec<_> = Reader::new(csv.as_bytes()).map(Result::unwrap).collect();

        let lines: Vec<_> = rows.iter().map(|it| it.line).collect();
        assert_eq!(lines, [1, 2, 5, 6]);
        assert_eq!(rows[1].fields[1].text, "a, \"b\"\nc");
        assert!(rows[2].fields[1].is_quoted && rows[2].fields[1].text.is_empty());
        assert!(!rows[3].fields[1].is_quoted && rows[3].fields[1].text.is_empty());
    }

    #[test]
    fn separators_and_marks_are_recognised() {
        assert_eq!(texts("\u{feff}a;b\n1;2,3"), [["a", "b"], ["1", "2,3"]]);
        assert_eq!(texts("a\tb\n1\t2"), [["a", "b"], ["1", "2"]]);
        assert_eq!(texts("\"a;b\",c\n1,2"), [["a;b", "c"], ["1", "2"]]);
        assert_eq!(
            texts("a\n=1+1\n-2\n@x\n+3"),
            [["a"], ["=1+1"], ["-2"], ["@x"], ["+3"]]
        );
        assert!(texts("").is_empty());
    }

    #[test]
    fn a_bad_row_costs_no_other() {
        assert_eq!(
            texts("a,b\n\"1\"x,2\n3,4"),
            [vec!["a", "b"], vec!["AfterQuote 2"], vec!["3", "4"]]
        );
        assert_eq!(texts("a\n\"1\n2"), [["a"], ["Open 2"]]);
        let bytes: &[u8] = b"a,b\n\xff,1\n2,3\n4,\xff";
        let reader = Reader::new(bytes);
        let lines: Vec<_> = reader
            .map(|it| it.map(|it| it.line).map_err(|it| it.line))
            .collect();
        assert_eq!(lines, [Ok(1), Err(2), Ok(3), Err(4)]);
    }

    #[test]
    fn a_row_that_never_ends_is_broken_off() {
        let long = format!("a\n\"{}", "x".repeat(ROW_BYTES_MAX + 1));
        assert_eq!(texts(&long), [["a"], ["Long 2"]]);
    }

    #[test]
    fn what_is_written_is_read_again() {
        let letters = ["", "a", "\"", ",", "\n", "\r\n", ";", "=1", " ", "ü"];
        for one in letters {
            for other in letters {
                let text = format!("{one}{other}{one}");
                let csv = row([("a", false), ("b", false)]) + &row([(&*text, true), (other, true)]);
                let read: Vec<_> = Reader::new(csv.as_bytes()).map(Result::unwrap).collect();
                assert_eq!(read[1].fields[0].text, text, "{csv:?}");
                assert_eq!(read[1].fields[1].text, other, "{csv:?}");
            }
        }
    }
}
