//! `multipart/form-data` as browsers write it (RFC 7578): fields, then one file.

use actix_web::web::{Bytes, Payload};
use futures_util::StreamExt as _;

use super::UploadError;

/// Largest headers of one part, and largest field, in bytes.
const HEAD_BYTES_MAX: usize = 16 * 1024;
/// How much of a file that is too long is read on, in bytes.
const DRAINED_BYTES_MAX: usize = 256 * 1024 * 1024;
/// Most fields before the file.
const FIELDS_MAX: usize = 64;

/// A form on its way.
pub(crate) struct Incoming {
    /// None where there is no file to come.
    payload: Option<Payload>,
    /// What has come and was not taken yet.
    buffer: Vec<u8>,
    /// A line's end, two dashes, and the boundary: what ends a part.
    delimiter: Vec<u8>,
    /// How many bytes may still come.
    bytes_left: u64,
    fields: usize,
    file: Option<String>,
    has_ended: bool,
}

impl Incoming {
    pub(super) fn new(payload: Payload, boundary: &str, bytes_max: u64) -> Self {
        Self {
            payload: Some(payload),
            // As if a part had ended before the first one.
            buffer: b"\r\n".to_vec(),
            delimiter: format!("\r\n--{boundary}").into_bytes(),
            bytes_left: bytes_max,
            fields: 0,
            file: None,
            has_ended: false,
        }
    }

    /// A form without a file.
    pub(super) fn nothing() -> Self {
        Self {
            payload: None,
            buffer: Vec::new(),
            delimiter: Vec::new(),
            bytes_left: 0,
            fields: 0,
            file: None,
            has_ended: true,
        }
    }

    /// The name of the file that comes next.
    pub(super) fn file_name(&self) -> Option<&str> {
        self.file.as_deref()
    }

    /// The next field; none once the file or the end is reached.
    pub(super) async fn next_field(&mut self) -> Result<Option<(String, String)>, UploadError> {
        self.fields += 1;
        if self.fields > FIELDS_MAX || !self.next_part().await? {
            return Ok(None);
        }
        let head = self.until(b"\r\n\r\n").await?;
        let head = String::from_utf8_lossy(&head).into_owned();
        let Some(name) = parameter(&head, "name") else {
            return Err(UploadError::Missing);
        };
        if let Some(file) = parameter(&head, "filename") {
            self.file = Some(file);
            return Ok(None);
        }
        let delimiter = self.delimiter.clone();
        let text = self.until(&delimiter).await?;
        // The next part begins behind the same delimiter.
        self.buffer.splice(..0, delimiter);
        Ok(Some((name, String::from_utf8_lossy(&text).into_owned())))
    }

    /// The next bytes of the file; none at its end.
    pub(super) async fn next_chunk(&mut self) -> Result<Option<Vec<u8>>, UploadError> {
        loop {
            if self.has_ended {
                return Ok(None);
            }
            if let Some(end) = find(&self.buffer, &self.delimiter) {
                self.has_ended = true;
                self.buffer.truncate(end);
                let rest = std::mem::take(&mut self.buffer);
                return Ok(Some(rest).filter(|it| !it.is_empty()));
            }
            // The end of what is here may be the beginning of the delimiter.
            let safe = self.buffer.len().saturating_sub(self.delimiter.len());
            if safe > 0 {
                let rest = self.buffer.split_off(safe);
                return Ok(Some(std::mem::replace(&mut self.buffer, rest)));
            }
            self.more().await?;
        }
    }

    /// Goes behind the next delimiter; false at the end of the form.
    async fn next_part(&mut self) -> Result<bool, UploadError> {
        let delimiter = self.delimiter.clone();
        self.until(&delimiter).await?;
        while self.buffer.len() < 2 {
            self.more().await?;
        }
        let is_last = self.buffer.starts_with(b"--");
        self.buffer.drain(..2);
        Ok(!is_last)
    }

    /// What stands before `end`, which is taken as well.
    async fn until(&mut self, end: &[u8]) -> Result<Vec<u8>, UploadError> {
        loop {
            if let Some(at) = find(&self.buffer, end) {
                let rest = self.buffer.split_off(at + end.len());
                let mut found = std::mem::replace(&mut self.buffer, rest);
                found.truncate(at);
                return Ok(found);
            }
            if self.buffer.len() > HEAD_BYTES_MAX {
                return Err(UploadError::TooLong);
            }
            self.more().await?;
        }
    }

    async fn more(&mut self) -> Result<(), UploadError> {
        let chunk = self.next_bytes().await.ok_or(UploadError::Broken)?;
        let left = self.bytes_left.checked_sub(chunk.len() as u64);
        let Some(left) = left else {
            self.drain().await;
            return Err(UploadError::TooLong);
        };
        self.bytes_left = left;
        self.buffer.extend_from_slice(&chunk);
        Ok(())
    }

    async fn next_bytes(&mut self) -> Option<Bytes> {
        self.payload.as_mut()?.next().await?.ok()
    }

    /// Reads on without keeping anything: a browser hears of a refusal only once it has sent all.
    async fn drain(&mut self) {
        let mut bytes = 0;
        while let Some(chunk) = self.next_bytes().await {
            bytes += chunk.len();
            if bytes > DRAINED_BYTES_MAX {
                return;
            }
        }
    }
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    let first = *wanted.first()?;
    let mut from = 0;
    while let Some(at) = bytes[from..].iter().position(|it| *it == first) {
        let at = from + at;
        if bytes[at..].starts_with(wanted) {
            return Some(at);
        }
        from = at + 1;
    }
    None
}

/// A parameter of `content-disposition: form-data; name="a"; filename="b"`.
fn parameter(head: &str, name: &str) -> Option<String> {
    let line = head
        .lines()
        .find(|it| it.to_ascii_lowercase().starts_with("content-disposition:"))?;
    let start = format!("; {name}=\"");
    let (_, rest) = line.split_once(&start)?;
    // Browsers write a quote in a name as %22.
    let (text, _) = rest.split_once('"')?;
    Some(text.replace("%22", "\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_told_apart() {
        let head = "Content-Disposition: form-data; name=\"file\"; filename=\"a%22b.csv\"\r\n\
                    Content-Type: text/csv";

        assert_eq!(parameter(head, "name").as_deref(), Some("file"));
        assert_eq!(parameter(head, "filename").as_deref(), Some("a\"b.csv"));
        assert_eq!(parameter("X: y", "name"), None);
    }

    #[test]
    fn a_text_is_found_behind_its_beginning() {
        assert_eq!(find(b"--\r\n\r\n--b", b"\r\n--b"), Some(4));
        assert_eq!(find(b"\r\n--", b"\r\n--b"), None);
        assert_eq!(find(b"", b"x"), None);
    }
}
