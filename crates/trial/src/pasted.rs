//! A request as people have it at hand: a request line, a `curl` command, or a chain of the
//! supabase-js client. Each maps to a request of the data API; nothing is guessed.

mod curl;
mod js;
mod literal;
mod request;

use postern_policy::Verb;
use postern_query::request::Method;
use serde_json::Value;
use url::form_urlencoded;

use crate::{Error, RequestLine};

/// Longest text that is read, in bytes.
const BYTES_MAX: usize = 16 * 1024;

/// A request.
#[derive(Clone, Debug, PartialEq)]
pub struct Pasted {
    /// The method.
    pub method: Method,
    /// The table.
    pub relation: String,
    /// The parameters, in their order.
    pub parameters: Vec<(String, String)>,
    /// The body.
    pub body: Option<Value>,
    /// What the `Prefer` headers say.
    pub prefer: Vec<String>,
    /// The schema of the profile header, where there is one.
    pub schema: Option<String>,
}

impl Pasted {
    /// A request without parameters.
    pub fn new(method: Method, relation: impl Into<String>) -> Self {
        Self {
            method,
            relation: relation.into(),
            parameters: Vec::new(),
            body: None,
            prefer: Vec::new(),
            schema: None,
        }
    }

    /// Reads a text.
    ///
    /// # Errors
    /// When it is none of the three, or names no table.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let text = text.trim();
        if text.len() > BYTES_MAX {
            return Err(wrong("the request is longer than 16 KiB"));
        }
        if text.starts_with("curl") {
            curl::parse(text)
        } else if text.contains(".from(") {
            js::parse(text)
        } else {
            Self::of_message(text)
        }
    }

    /// Of a request line, headers, and a body: as it goes over the wire, more or less.
    fn of_message(text: &str) -> Result<Self, Error> {
        let (line, mut rest) = text.split_once('\n').unwrap_or((text, ""));
        let mut headers = Vec::new();
        loop {
            let (first, more) = rest.split_once('\n').unwrap_or((rest, ""));
            let name = first.split_once(':').map(|(name, _)| name.trim());
            let is_header = |it: &str| {
                !it.is_empty() && it.chars().all(|it| it.is_ascii_alphanumeric() || it == '-')
            };
            if !name.is_some_and(is_header) {
                break;
            }
            headers.push(first);
            rest = more;
        }
        let mut pasted = Self::of_line(line, rest)?;
        headers.into_iter().for_each(|it| pasted.header(it));
        Ok(pasted)
    }

    /// The headers that change what is asked; keys and tokens are not looked at.
    fn header(&mut self, line: &str) {
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.trim().to_owned();
        match name.trim().to_ascii_lowercase().as_str() {
            "prefer" => self.prefer.push(value),
            "accept-profile" | "content-profile" => self.schema = Some(value),
            _ => {}
        }
    }

    /// Of a request line and what follows it.
    pub(crate) fn of_line(line: &str, body: &str) -> Result<Self, Error> {
        let line = RequestLine::parse(line)?;
        let relation = match &line.target {
            postern_query::request::Target::Relation(name) => name.to_string(),
            postern_query::request::Target::Function(_) => {
                return Err(wrong("functions have no rows to judge; name a table"));
            }
        };
        let parameters = form_urlencoded::parse(line.query.as_bytes()).into_owned();
        let body = body.trim();
        let body = match body {
            "" => None,
            body => Some(
                serde_json::from_str(body)
                    .map_err(|error| wrong(&format!("the body is no JSON: {error}")))?,
            ),
        };
        Ok(Self {
            parameters: parameters.collect(),
            body,
            ..Self::new(line.method, relation)
        })
    }

    /// The verb of the policy files.
    pub fn verb(&self) -> Verb {
        match self.method {
            Method::Get | Method::Head => Verb::Select,
            Method::Post | Method::Put => Verb::Insert,
            Method::Patch => Verb::Update,
            Method::Delete => Verb::Delete,
        }
    }

    /// The request line.
    pub fn line(&self) -> String {
        let method = format!("{:?}", self.method).to_uppercase();
        let mut query = String::new();
        for (name, value) in &self.parameters {
            query.push(if query.is_empty() { '?' } else { '&' });
            // Readable: only what would end a value or a line is escaped.
            let value = value.replace('%', "%25").replace('&', "%26");
            let value = value
                .replace('+', "%2B")
                .replace('#', "%23")
                .replace(' ', "%20");
            query.push_str(&format!("{name}={value}"));
        }
        format!("{method} /rest/v1/{}{query}", self.relation)
    }
}

pub(crate) fn wrong(message: &str) -> Error {
    Error::Question(message.to_owned())
}

#[cfg(test)]
mod tests;
