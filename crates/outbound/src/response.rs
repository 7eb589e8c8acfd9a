//! An answer from the outside, read to its end.

use std::fmt;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde::de::DeserializeOwned;

use crate::Error;

/// An answer; a redirect is one like any other.
#[derive(Clone)]
pub struct Response {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The whole body.
    pub body: Bytes,
    /// For the errors' messages.
    pub(crate) host: String,
}

impl Response {
    /// The answer itself if its status is one of success.
    pub fn success(self) -> Result<Self, Error> {
        if self.status.is_success() {
            return Ok(self);
        }
        Err(Error::Status {
            host: self.host,
            status: self.status,
        })
    }

    /// Reads the body as JSON, whatever the status is.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Error> {
        // SECURITY: the parser's message quotes what it read, which may be a token.
        serde_json::from_slice(&self.body).map_err(|error| Error::Json {
            host: self.host.clone(),
            line: error.line(),
            column: error.column(),
        })
    }

    /// The host that answered.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }
}

/// Shows no content: headers and body may hold tokens.
impl fmt::Debug for Response {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Response")
            .field("host", &self.host)
            .field("status", &self.status)
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}
