//! A file that a form sends along: read as it comes, and kept in a temporary file.
//!
//! The fields before the file are read first, so that the table of routes can ask for everything
//! that it asks of any form before a byte of the file is kept. Nothing is held in memory but a
//! few kilobytes.

mod multipart;

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::PathBuf;

use actix_web::HttpRequest;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::Payload;
use postern_vault::SystemRandom;

pub(crate) use multipart::Incoming;

/// Largest form without a file, in bytes.
const FIELDS_BYTES_MAX: usize = 64 * 1024;
/// Random bytes in a temporary file's name.
const NAME_BYTES: usize = 16;

/// Why a file was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum UploadError {
    /// The form is none, or has no file.
    #[error("there is no file in the form")]
    Missing,
    /// It is longer than the route takes.
    #[error("the file is too long")]
    TooLong,
    /// The connection ended early.
    #[error("the file ended early")]
    Broken,
    /// It cannot be kept.
    #[error("the file cannot be kept")]
    Unkept,
}

/// A file that was sent; removed when nobody needs it any more.
#[derive(Debug)]
pub(crate) struct Upload {
    path: PathBuf,
    /// What the sender calls it.
    pub(crate) name: String,
    pub(crate) bytes: u64,
}

impl Upload {
    /// Opens it.
    ///
    /// # Errors
    /// When the system has removed it.
    pub(crate) fn open(&self) -> io::Result<File> {
        File::open(&self.path)
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        // What stays behind in the folder for temporary files is the system's to remove.
        fs::remove_file(&self.path).ok();
    }
}

impl Incoming {
    /// Begins to read a form: its fields up to the file, as `a=1&b=2`.
    ///
    /// # Errors
    /// When it is no form with a file.
    pub(crate) async fn begin(
        request: &HttpRequest,
        payload: Payload,
        bytes_max: u64,
    ) -> Result<(Self, String), UploadError> {
        let kind = request.headers().get(CONTENT_TYPE);
        let kind = kind.and_then(|it| it.to_str().ok()).unwrap_or_default();
        let Some(boundary) = boundary(kind) else {
            // A form without a file: its fields are what there is.
            let body = payload.to_bytes_limited(FIELDS_BYTES_MAX).await;
            let body = body.map_err(|_| UploadError::TooLong)?;
            let body = body.map_err(|_| UploadError::Broken)?;
            let fields = String::from_utf8_lossy(&body).into_owned();
            return Ok((Self::nothing(), fields));
        };
        let mut incoming = Self::new(payload, boundary, bytes_max);
        let mut fields = url::form_urlencoded::Serializer::new(String::new());
        while let Some((name, text)) = incoming.next_field().await? {
            fields.append_pair(&name, &text);
        }
        Ok((incoming, fields.finish()))
    }

    /// Keeps the file.
    ///
    /// # Errors
    /// When it is too long, ends early, or cannot be written.
    pub(crate) async fn keep(mut self) -> Result<Upload, UploadError> {
        let name = self.file_name().ok_or(UploadError::Missing)?.to_owned();
        let token = postern_vault::token::<NAME_BYTES>(&SystemRandom);
        let path = std::env::temp_dir().join(format!("postern-{token}.upload"));
        let mut file = private(&path).map_err(|_| UploadError::Unkept)?;
        // From here on the file is removed, however this ends.
        let mut upload = Upload {
            path,
            name,
            bytes: 0,
        };
        while let Some(chunk) = self.next_chunk().await? {
            upload.bytes += chunk.len() as u64;
            file.write_all(&chunk).map_err(|_| UploadError::Unkept)?;
        }
        file.flush().map_err(|_| UploadError::Unkept)?;
        Ok(upload)
    }
}

/// A new file that nobody else on the machine can read.
fn private(path: &PathBuf) -> io::Result<File> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options.open(path)
}

/// What stands between the parts of a form.
fn boundary(kind: &str) -> Option<&str> {
    let (base, rest) = kind.split_once(';')?;
    if !base.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let found = rest
        .split(';')
        .find_map(|it| it.trim().strip_prefix("boundary="))?;
    let found = found.trim_matches('"');
    (1..=70).contains(&found.len()).then_some(found)
}
