//! A file as a sequence of records: JSON objects in an array, one after the other or one a line,
//! or lines of CSV. Only one record is in memory at a time.

use std::io::{self, BufRead};

use serde_json::{Map, Value};

/// Largest record in bytes.
const RECORD_BYTES_MAX: usize = 1024 * 1024;

/// How a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// JSON objects, in an array or not.
    Json,
    /// An object with an array of the objects in it, as Firebase writes it.
    WrappedJson,
    /// Comma-separated values with a line of names.
    Csv,
}

/// Where a record stands in its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The line that it begins in; the first is 1.
    pub line: u64,
    /// Its number among the records; the first is 1.
    pub number: u64,
}

/// What a record says, or why it cannot be read.
pub type Content = Result<Map<String, Value>, String>;

/// The records of a file.
pub struct Records<R: BufRead>(Form<R>);

enum Form<R: BufRead> {
    Json(Json<R>),
    Csv(Box<Csv<R>>),
}

struct Csv<R: BufRead> {
    names: csv::StringRecord,
    rows: csv::StringRecordsIntoIter<R>,
    number: u64,
}

struct Json<R> {
    reader: R,
    line: u64,
    number: u64,
    /// Whether the first object is only the wrapping of an array.
    is_wrapped: bool,
}

impl<R: BufRead> Records<R> {
    /// Begins to read a file.
    ///
    /// # Errors
    /// When it cannot be read, or is packed.
    pub fn new(mut reader: R, kind: FileKind) -> io::Result<Self> {
        if reader.fill_buf()?.starts_with(&[0x1f, 0x8b]) {
            let message = "the file is packed by gzip; unpack it first";
            return Err(io::Error::new(io::ErrorKind::InvalidData, message));
        }
        if reader.fill_buf()?.starts_with(&[0xef, 0xbb, 0xbf]) {
            reader.consume(3);
        }
        Ok(Self(match kind {
            FileKind::Csv => {
                let mut reader = csv::Reader::from_reader(reader);
                let names = reader.headers().map_err(io::Error::other)?.clone();
                let rows = reader.into_records();
                let number = 0;
                Form::Csv(Box::new(Csv {
                    names,
                    rows,
                    number,
                }))
            }
            FileKind::Json | FileKind::WrappedJson => Form::Json(Json {
                reader,
                line: 1,
                number: 0,
                is_wrapped: kind == FileKind::WrappedJson,
            }),
        }))
    }
}

impl<R: BufRead> Iterator for Records<R> {
    type Item = io::Result<(Place, Content)>;

    fn next(&mut self) -> Option<Self::Item> {
        match &mut self.0 {
            Form::Json(json) => json.next().transpose(),
            Form::Csv(csv) => csv.next(),
        }
    }
}

impl<R: BufRead> Csv<R> {
    fn next(&mut self) -> Option<io::Result<(Place, Content)>> {
        let row = self.rows.next()?;
        self.number += 1;
        let line = match &row {
            Ok(row) => row.position().map(csv::Position::line),
            Err(error) => error.position().map(csv::Position::line),
        };
        let place = Place {
            line: line.unwrap_or_default(),
            number: self.number,
        };
        let content = match row {
            // An empty field is how an export writes "nothing".
            Ok(row) => Ok(self
                .names
                .iter()
                .zip(row.iter())
                .filter(|(_, text)| !text.is_empty())
                .map(|(name, text)| (name.to_owned(), Value::from(text)))
                .collect()),
            Err(error) if error.is_io_error() => return Some(Err(io::Error::other(error))),
            Err(error) => Err(error.to_string()),
        };
        Some(Ok((place, content)))
    }
}

impl<R: BufRead> Json<R> {
    fn next(&mut self) -> io::Result<Option<(Place, Content)>> {
        loop {
            let Some(byte) = self.byte()? else {
                return Ok(None);
            };
            match byte {
                b'{' if self.is_wrapped => {
                    self.is_wrapped = false;
                    self.skip_to_array()?;
                }
                b'{' => {
                    let place = self.begin();
                    return Ok(Some((place, self.object()?)));
                }
                b'[' => self.is_wrapped = false,
                b' ' | b'\t' | b'\r' | b'\n' | b',' | b']' | b'}' => {}
                _ => {
                    let place = self.begin();
                    self.skip_line()?;
                    return Ok(Some((place, Err("it is no JSON object".into()))));
                }
            }
        }
    }

    fn begin(&mut self) -> Place {
        self.number += 1;
        Place {
            line: self.line,
            number: self.number,
        }
    }

    /// Reads the rest of an object whose brace was read.
    fn object(&mut self) -> io::Result<Content> {
        let mut bytes = vec![b'{'];
        let (mut depth, mut in_text, mut is_escaped) = (1_usize, false, false);
        let mut is_too_large = false;
        while depth > 0 {
            let Some(byte) = self.byte()? else {
                return Ok(Err("the file ends inside of it".into()));
            };
            if bytes.len() < RECORD_BYTES_MAX {
                bytes.push(byte);
            } else {
                is_too_large = true;
            }
            match byte {
                _ if is_escaped => is_escaped = false,
                b'\\' if in_text => is_escaped = true,
                b'"' => in_text = !in_text,
                b'{' | b'[' if !in_text => depth += 1,
                b'}' | b']' if !in_text => depth -= 1,
                _ => {}
            }
        }
        if is_too_large {
            return Ok(Err(format!("it is larger than {RECORD_BYTES_MAX} bytes")));
        }
        Ok(serde_json::from_slice(&bytes).map_err(|error| error.to_string()))
    }

    fn skip_to_array(&mut self) -> io::Result<()> {
        let (mut in_text, mut is_escaped) = (false, false);
        while let Some(byte) = self.byte()? {
            match byte {
                _ if is_escaped => is_escaped = false,
                b'\\' if in_text => is_escaped = true,
                b'"' => in_text = !in_text,
                b'[' if !in_text => return Ok(()),
                _ => {}
            }
        }
        Ok(())
    }

    fn skip_line(&mut self) -> io::Result<()> {
        while let Some(byte) = self.byte()? {
            if byte == b'\n' {
                return Ok(());
            }
        }
        Ok(())
    }

    fn byte(&mut self) -> io::Result<Option<u8>> {
        let byte = self.reader.fill_buf()?.first().copied();
        if byte.is_some() {
            self.reader.consume(1);
        }
        if byte == Some(b'\n') {
            self.line += 1;
        }
        Ok(byte)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, kind: FileKind) -> Vec<(u64, u64, String)> {
        let records = Records::new(text.as_bytes(), kind).expect("readable");
        records
            .map(|record| {
                let (place, content) = record.expect("readable");
                let text = match content {
                    Ok(object) => Value::Object(object).to_string(),
                    Err(reason) => reason,
                };
                (place.number, place.line, text)
            })
            .collect()
    }

    #[test]
    fn objects_are_found_in_arrays_lines_and_wrappings() {
        let expected = [
            (1, 2, r#"{"a":"}]\""}"#.to_owned()),
            (2, 3, r#"{"b":[{}]}"#.to_owned()),
        ];

        let array = "[\n{\"a\": \"}]\\\"\"},\n  {\"b\": [{}]}\n]\n";
        assert_eq!(read(array, FileKind::Json), expected);
        let lines = "\n{\"a\": \"}]\\\"\"}\n{\"b\": [{}]}";
        assert_eq!(read(lines, FileKind::Json), expected);
        let wrapped = "{\"users\": [\n{\"a\": \"}]\\\"\"},\n  {\"b\": [{}]}\n]}\n";
        assert_eq!(read(wrapped, FileKind::WrappedJson), expected);
        let marked = "\u{feff}[{\"a\":1}]";
        assert_eq!(
            read(marked, FileKind::Json),
            [(1, 1, "{\"a\":1}".to_owned())]
        );
    }

    #[test]
    fn what_is_no_record_is_told_and_the_rest_is_read() {
        let found = read("nonsense\n{\"a\": 1}\n{\"a\" 1}\n{\"b\":", FileKind::Json);

        assert_eq!(found[0], (1, 1, "it is no JSON object".into()));
        assert_eq!(found[1], (2, 2, "{\"a\":1}".into()));
        assert!(found[2].2.contains("expected `:`"), "{found:?}");
        assert_eq!(found[3], (4, 4, "the file ends inside of it".into()));
        assert_eq!(found.len(), 4);
    }

    #[test]
    fn a_record_beyond_the_bound_is_told_without_being_kept() {
        let text = format!(
            "{{\"a\":\"{}\"}}\n{{\"b\":1}}",
            "x".repeat(RECORD_BYTES_MAX)
        );

        let found = read(&text, FileKind::Json);

        assert!(found[0].2.contains("larger than"), "{}", found[0].2.len());
        assert_eq!(found[1], (2, 2, "{\"b\":1}".into()));
    }

    #[test]
    fn lines_of_csv_are_objects_of_texts() {
        let found = read(
            "id,email,note\n1,a@example.com,\"two\nlines\"\n2,,x\n3,y\n",
            FileKind::Csv,
        );

        assert_eq!(
            found[0].2,
            r#"{"id":"1","email":"a@example.com","note":"two\nlines"}"#
        );
        assert_eq!(found[1].2, r#"{"id":"2","note":"x"}"#);
        assert_eq!(found[1].1, 4);
        assert!(found[2].2.contains("fields"), "{}", found[2].2);
    }

    #[test]
    fn a_packed_file_is_refused() {
        assert!(Records::new([0x1f, 0x8b, 8].as_slice(), FileKind::Json).is_err());
    }
}
