//! The first line of a request, as people write it: `GET /rest/v1/todos?select=id`.

use postern_base::RelationName;
use postern_policy::Verb;
use postern_query::request::{Method, Target};

use crate::Error;

const BASE_PATH: &str = "/rest/v1/";

/// A request's method, target and query string.
#[derive(Clone, Debug)]
pub struct RequestLine<'a> {
    /// The method.
    pub method: Method,
    /// The relation or function.
    pub target: Target,
    /// What stands behind the question mark.
    pub query: &'a str,
}

impl<'a> RequestLine<'a> {
    /// Reads a line.
    ///
    /// # Errors
    /// When it is no request of the data API.
    pub fn parse(line: &'a str) -> Result<Self, Error> {
        let wrong = || {
            Error::Question(format!(
                "`{line}` is no request of the data API; write something like \
                 \"GET {BASE_PATH}notes?select=id\""
            ))
        };
        let (method, address) = line.trim().split_once(' ').ok_or_else(wrong)?;
        let method = match method.to_ascii_uppercase().as_str() {
            "GET" => Method::Get,
            "HEAD" => Method::Head,
            "POST" => Method::Post,
            "PATCH" => Method::Patch,
            "PUT" => Method::Put,
            "DELETE" => Method::Delete,
            _ => return Err(wrong()),
        };
        let address = address.trim();
        let (path, query) = address.split_once('?').unwrap_or((address, ""));
        let name = path.strip_prefix(BASE_PATH).ok_or_else(wrong)?;
        if name.is_empty() {
            return Err(wrong());
        }
        let target = match name.strip_prefix("rpc/") {
            Some(function) => Target::Function(function.into()),
            None => Target::Relation(name.into()),
        };
        Ok(Self {
            method,
            target,
            query,
        })
    }

    /// The relation, where the request names one.
    pub fn relation(&self, schema: &str) -> Option<RelationName> {
        match &self.target {
            Target::Relation(name) => Some(RelationName::new(schema, name)),
            Target::Function(_) => None,
        }
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

    /// Whether the rows come in an order that was asked for.
    pub fn is_ordered(&self) -> bool {
        self.query.split('&').any(|it| it.starts_with("order="))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_name_a_method_a_target_and_a_query() {
        let line = RequestLine::parse("patch /rest/v1/todos?id=eq.1&order=id").expect("it is one");

        assert_eq!(line.verb(), Verb::Update);
        assert_eq!(
            line.relation("app"),
            Some(RelationName::new("app", "todos"))
        );
        assert!(line.is_ordered());
        for wrong in [
            "/rest/v1/todos",
            "GET /todos",
            "GET /rest/v1/",
            "FETCH /rest/v1/t",
        ] {
            assert!(RequestLine::parse(wrong).is_err(), "{wrong}");
        }
    }
}
