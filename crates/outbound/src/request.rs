//! A call to the outside, before it is checked.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use postern_base::Secret;

use crate::Error;

/// A call: what to ask, of whom, and how long to wait.
#[derive(Clone)]
pub struct Request {
    /// The verb.
    pub method: Method,
    /// An absolute URL; it is checked when the call is made.
    pub url: String,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, empty for none.
    pub body: Bytes,
    /// How long the call may take in all; the settings' time when absent.
    pub timeout: Option<Duration>,
    /// How long the answer may be in bytes; the settings' size when absent, or when smaller.
    pub response_bytes_max: Option<usize>,
}

impl Request {
    /// A call without headers and body.
    pub fn new(method: Method, url: impl Into<String>) -> Self {
        Self {
            method,
            url: url.into(),
            headers: HeaderMap::new(),
            body: Bytes::new(),
            timeout: None,
            response_bytes_max: None,
        }
    }

    /// A `GET`.
    pub fn get(url: impl Into<String>) -> Self {
        Self::new(Method::GET, url)
    }

    /// A `POST`.
    pub fn post(url: impl Into<String>) -> Self {
        Self::new(Method::POST, url)
    }

    /// Sets a header.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// Asks for JSON.
    #[must_use]
    pub fn accept_json(self) -> Self {
        self.header(ACCEPT, HeaderValue::from_static("application/json"))
    }

    /// Sends a bearer token.
    pub fn bearer(self, token: &Secret<String>) -> Result<Self, Error> {
        let value = format!("Bearer {}", token.expose());
        let mut value = HeaderValue::try_from(value).map_err(|_| Error::Header)?;
        value.set_sensitive(true);
        Ok(self.header(AUTHORIZATION, value))
    }

    /// Sets the body.
    #[must_use]
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    /// Sets how long the call may take in all, up to [`crate::TIMEOUT_MAX`].
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Sets how long the answer may be, up to what the settings say.
    #[must_use]
    pub fn response_bytes_max(mut self, bytes: usize) -> Self {
        self.response_bytes_max = Some(bytes);
        self
    }
}

/// Shows the verb alone: path, query, headers and body may hold secrets.
impl fmt::Debug for Request {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Request")
            .field("method", &self.method)
            .finish_non_exhaustive()
    }
}
