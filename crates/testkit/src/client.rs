//! A small HTTP client that speaks as one caller.

#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "tests call the house from outside, on loopback"
)]

use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, StatusCode};
use serde_json::Value;

/// No request of a test may take longer than this: a hundred at once, of servers that share two
/// cores with a build, take their time, and those that hash a password wait behind all others.
const REQUEST_SECS_MAX: u64 = 120;

/// A caller: the key it shows, and its token if it has one.
#[derive(Clone, Debug)]
pub struct TestClient {
    http: reqwest::Client,
    address: String,
    headers: HeaderMap,
}

impl TestClient {
    /// A caller that shows `key`, and `token` as its bearer.
    ///
    /// # Panics
    /// When a key or token cannot be a header value.
    pub fn new(address: &str, key: &str, token: Option<&str>) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert("apikey", header_value(key));
        let bearer = format!("Bearer {}", token.unwrap_or(key));
        headers.insert("authorization", header_value(&bearer));
        Self {
            http: http(),
            address: address.to_owned(),
            headers,
        }
    }

    /// The same caller with this token as its bearer.
    #[must_use]
    pub fn with_token(self, token: &str) -> Self {
        self.with_header("authorization", &format!("Bearer {token}"))
    }

    /// The same caller with one more header on every request.
    #[must_use]
    pub fn with_header(mut self, name: &'static str, value: &str) -> Self {
        self.headers
            .insert(HeaderName::from_static(name), header_value(value));
        self
    }

    /// The same caller without a header that it would send.
    #[must_use]
    pub fn without_header(mut self, name: &'static str) -> Self {
        self.headers.remove(HeaderName::from_static(name));
        self
    }

    /// `GET`
    pub fn get(&self, path: &str) -> Request {
        self.request(Method::GET, path)
    }

    /// `HEAD`
    pub fn head(&self, path: &str) -> Request {
        self.request(Method::HEAD, path)
    }

    /// `POST`
    pub fn post(&self, path: &str, body: &Value) -> Request {
        self.request(Method::POST, path).json(body)
    }

    /// `PATCH`
    pub fn patch(&self, path: &str, body: &Value) -> Request {
        self.request(Method::PATCH, path).json(body)
    }

    /// `PUT`
    pub fn put(&self, path: &str, body: &Value) -> Request {
        self.request(Method::PUT, path).json(body)
    }

    /// `DELETE`
    pub fn delete(&self, path: &str) -> Request {
        self.request(Method::DELETE, path)
    }

    /// Any other method.
    pub fn request(&self, method: Method, path: &str) -> Request {
        let url = format!("{}{path}", self.address);
        Request {
            builder: self.http.request(method, url).headers(self.headers.clone()),
        }
    }
}

/// A request that is about to be sent.
#[derive(Debug)]
pub struct Request {
    builder: reqwest::RequestBuilder,
}

impl Request {
    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.builder = self.builder.header(name, value);
        self
    }

    /// Adds `Prefer`.
    #[must_use]
    pub fn prefer(self, preferences: &str) -> Self {
        self.header("prefer", preferences)
    }

    /// Sends JSON.
    #[must_use]
    pub fn json(mut self, body: &Value) -> Self {
        self.builder = self.builder.json(body);
        self
    }

    /// Sends a text of any kind.
    #[must_use]
    pub fn body(self, media_type: &str, body: impl Into<String>) -> Self {
        self.bytes(media_type, body.into().into_bytes())
    }

    /// Sends bytes that need be no text.
    #[must_use]
    pub fn bytes(mut self, media_type: &str, body: impl Into<Vec<u8>>) -> Self {
        self.builder = self
            .builder
            .header("content-type", media_type)
            .body(body.into());
        self
    }

    /// Sends the request and waits for the whole answer.
    ///
    /// # Panics
    /// When there is no answer.
    pub async fn send(self) -> Reply {
        let answer = async {
            let response = self.builder.send().await?;
            let (status, headers) = (response.status(), response.headers().clone());
            Ok::<_, reqwest::Error>(Reply {
                status,
                headers,
                text: response.text().await?,
            })
        };
        answer
            .await
            .unwrap_or_else(|error| panic!("no answer: {error:?}"))
    }
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as it came.
    pub text: String,
}

impl Reply {
    /// The body as JSON.
    ///
    /// # Panics
    /// When it is none.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text)
            .unwrap_or_else(|error| panic!("{} with no JSON ({error}): {}", self.status, self.text))
    }

    /// One header, if it was sent.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Returns itself after making sure of the status.
    ///
    /// # Panics
    /// When the status is another one; the message shows the body.
    #[track_caller]
    pub fn expect_status(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        self
    }
}

/// One client per caller: its connections end with the runtime of the test.
fn http() -> reqwest::Client {
    reqwest::Client::builder()
        .timeout(Duration::from_secs(REQUEST_SECS_MAX))
        .no_proxy()
        // Servers of tests speak plain HTTP; reading the system's certificates takes so long that
        // the first of a hundred connections would wait for its request longer than a server does.
        .tls_certs_only(std::iter::empty::<reqwest::Certificate>())
        .redirect(reqwest::redirect::Policy::none())
        // A connection that was opened in vain would be told off by the server after a while.
        .pool_max_idle_per_host(0)
        .build()
        .unwrap_or_else(|error| panic!("no HTTP client: {error}"))
}

fn header_value(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).unwrap_or_else(|error| panic!("`{text}` in a header: {error}"))
}
