//! Makes calls: check the URL, choose the client by its reach, send, read within bounds.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::HeaderValue;
use http::header::CONTENT_TYPE;
use serde::Serialize;
use url::form_urlencoded;

use crate::clients::Clients;
use crate::resolve::{Resolve, SystemResolver};
use crate::settings::TIMEOUT_MAX;
use crate::target::{self, Target};
use crate::{Error, OutboundSettings, Request, Response};

/// The one HTTP client of the house; cheap to clone, and clones share their connections.
#[derive(Clone)]
pub struct Outbound {
    settings: Arc<OutboundSettings>,
    clients: Arc<Clients>,
}

impl Outbound {
    /// A client that asks the operating system for addresses.
    #[must_use]
    pub fn new(settings: OutboundSettings) -> Self {
        Self::with_resolver(settings, Arc::new(SystemResolver))
    }

    /// A client with another source of addresses; what it answers is checked all the same.
    #[must_use]
    pub fn with_resolver(settings: OutboundSettings, resolver: Arc<dyn Resolve>) -> Self {
        let clients = Clients::new(resolver, settings.allow.clone());
        Self {
            settings: Arc::new(settings),
            clients: Arc::new(clients),
        }
    }

    /// Checks all of a URL that can be checked without the network, for use when it is saved.
    ///
    /// A pass promises nothing about the name's addresses: each call checks them.
    pub fn check_url(&self, url: &str) -> Result<(), Error> {
        target::check(url, &self.settings).map(drop)
    }

    /// Gets a document, preferably JSON.
    pub async fn get(&self, url: &str) -> Result<Response, Error> {
        self.request(Request::get(url).accept_json()).await
    }

    /// Posts a form and asks for JSON, as OAuth's endpoints want it.
    pub async fn post_form(&self, url: &str, fields: &[(&str, &str)]) -> Result<Response, Error> {
        let form = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        let kind = HeaderValue::from_static("application/x-www-form-urlencoded");
        let request = Request::post(url).accept_json().header(CONTENT_TYPE, kind);
        self.request(request.body(form)).await
    }

    /// Posts JSON and asks for JSON.
    pub async fn post_json<T: Serialize + Sync + ?Sized>(
        &self,
        url: &str,
        body: &T,
    ) -> Result<Response, Error> {
        let Target { host, .. } = target::check(url, &self.settings)?;
        let body = serde_json::to_vec(body).map_err(|_| Error::Body { host })?;
        let kind = HeaderValue::from_static("application/json");
        let request = Request::post(url).accept_json().header(CONTENT_TYPE, kind);
        self.request(request.body(body)).await
    }

    /// Makes a call in the types of the `http` crate, which OAuth and OpenID libraries speak.
    ///
    /// A closure around it is such a library's client:
    /// `let client = |request| outbound.call(request);`
    pub async fn call(
        &self,
        request: http::Request<Vec<u8>>,
    ) -> Result<http::Response<Vec<u8>>, Error> {
        let (parts, body) = request.into_parts();
        let mut ours = Request::new(parts.method, parts.uri.to_string()).body(body);
        ours.headers = parts.headers;
        let answer = self.request(ours).await?;
        let mut response = http::Response::new(answer.body.into());
        *response.status_mut() = answer.status;
        *response.headers_mut() = answer.headers;
        Ok(response)
    }

    /// Makes a call.
    pub async fn request(&self, request: Request) -> Result<Response, Error> {
        let Target { url, host, reach } = target::check(&request.url, &self.settings)?;
        let after = request.timeout.unwrap_or(self.settings.timeout);
        let after = after.min(TIMEOUT_MAX);
        let bytes_max = self.settings.response_bytes_max;
        let bytes_max = request
            .response_bytes_max
            .unwrap_or(bytes_max)
            .min(bytes_max);
        let mut headers = request.headers;
        // SECURITY: the host that is asked for must be the host that was checked.
        headers.remove(http::header::HOST);
        let answer = self
            .clients
            .get(reach)?
            .request(request.method, url)
            .headers(headers)
            .body(request.body)
            .timeout(after)
            .send()
            .await
            .map_err(|error| Error::of_exchange(error, &host, after))?;
        let status = answer.status();
        let headers = answer.headers().clone();
        let body = Reading {
            host: &host,
            after,
            bytes_max,
        }
        .read(answer)
        .await?;
        Ok(Response {
            status,
            headers,
            body,
            host,
        })
    }
}

impl fmt::Debug for Outbound {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Outbound")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

/// The bounds within which an answer is read.
struct Reading<'a> {
    host: &'a str,
    after: Duration,
    bytes_max: usize,
}

impl Reading<'_> {
    /// Reads piece by piece and stops at the limit, whatever length the sender announces.
    async fn read(&self, mut answer: reqwest::Response) -> Result<Bytes, Error> {
        let announced = answer.content_length().unwrap_or(0);
        if usize::try_from(announced).map_or(true, |bytes| bytes > self.bytes_max) {
            return Err(self.too_large());
        }
        let mut body = BytesMut::new();
        loop {
            let chunk = answer.chunk().await;
            let chunk = chunk.map_err(|it| Error::of_exchange(it, self.host, self.after))?;
            let Some(chunk) = chunk else {
                return Ok(body.freeze());
            };
            if body.len() + chunk.len() > self.bytes_max {
                return Err(self.too_large());
            }
            body.extend_from_slice(&chunk);
        }
    }

    fn too_large(&self) -> Error {
        Error::TooLarge {
            host: self.host.to_owned(),
            bytes_max: self.bytes_max,
        }
    }
}
