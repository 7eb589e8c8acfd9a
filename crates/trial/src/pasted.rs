//! A request as people have it at hand: a request line, a `curl` command, or a chain of the
//! supabase-js client. Each maps to a request of the data API; nothing is guessed.

mod curl;
mod js;
mod literal;

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
}

impl Pasted {
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
            let (line, body) = text.split_once('\n').unwrap_or((text, ""));
            Self::of_line(line, body)
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
            method: line.method,
            relation,
            parameters: parameters.collect(),
            body,
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

    /// The filters that name a value of a column, and what else there is in words.
    pub fn equalities(&self) -> (Vec<(String, String)>, Vec<String>) {
        const SHAPE: [&str; 7] = [
            "select",
            "order",
            "limit",
            "offset",
            "columns",
            "on_conflict",
            "apikey",
        ];
        let (mut of, mut rest) = (Vec::new(), Vec::new());
        for (name, value) in &self.parameters {
            if SHAPE.contains(&name.as_str()) {
                continue;
            }
            match value.strip_prefix("eq.") {
                Some(value) if !name.contains('.') && !name.contains("->") => {
                    of.push((name.clone(), value.to_owned()));
                }
                _ => rest.push(format!("{name}={value}")),
            }
        }
        (of, rest)
    }
}

pub(crate) fn wrong(message: &str) -> Error {
    Error::Question(message.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn line(text: &str) -> String {
        Pasted::parse(text).expect("it is one").line()
    }

    #[test]
    fn a_request_line_keeps_its_parameters() {
        let pasted = Pasted::parse("patch /rest/v1/notes?id=eq.4&select=id\n{\"body\": \"x\"}");
        let pasted = pasted.expect("it is one");

        assert_eq!(pasted.verb(), Verb::Update);
        assert_eq!(pasted.line(), "PATCH /rest/v1/notes?id=eq.4&select=id");
        assert_eq!(pasted.body, Some(json!({ "body": "x" })));
        assert_eq!(pasted.equalities().0, [("id".to_owned(), "4".to_owned())]);
    }

    #[test]
    fn a_curl_command_is_its_method_address_and_body() {
        let get = "curl 'https://x.example/rest/v1/notes?select=*&done=is.true' \\\n  \
                   -H \"apikey: k\" -H 'Authorization: Bearer t'";
        assert_eq!(line(get), "GET /rest/v1/notes?select=*&done=is.true");
        let post = "curl -X POST --data '{\"body\": \"it'\\''s\"}' http://localhost/rest/v1/notes";
        let post = Pasted::parse(post).expect("it is one");
        assert_eq!(post.body, Some(json!({ "body": "it's" })));
        assert_eq!(post.verb(), Verb::Insert);
        assert_eq!(
            line("curl http://h/rest/v1/notes -d '{}'"),
            "POST /rest/v1/notes"
        );
    }

    #[test]
    fn a_chain_of_the_client_is_its_request() {
        let chain = "const { data, error } = await supabase\n  .from('notes')\n  \
                     .select('id, body, author:users(name)')\n  .eq('owner_id', \"7f\")\n  \
                     .in('state', ['open', 'a,b'])\n  .order('id', { ascending: false })\n  \
                     .limit(10);";
        assert_eq!(
            line(chain),
            "GET /rest/v1/notes?select=id,body,author:users(name)&owner_id=eq.7f\
             &state=in.(open,\"a,b\")&order=id.desc&limit=10"
        );
        let update = "await supabase.from(\"notes\").update({ body: 'x', done: true, })\
                      .eq('id', 4).select()";
        let update = Pasted::parse(update).expect("it is one");
        assert_eq!(update.verb(), Verb::Update);
        assert_eq!(update.body, Some(json!({ "body": "x", "done": true })));
        assert_eq!(update.line(), "PATCH /rest/v1/notes?id=eq.4&select=*");
        assert_eq!(
            line("db.from('n').delete().match({ a: 1, b: 'x' }).not('c', 'is', null)"),
            "DELETE /rest/v1/n?a=eq.1&b=eq.x&c=not.is.null"
        );
        assert_eq!(
            line("db.from('n').select().range(10, 19).single()"),
            "GET /rest/v1/n?select=*&offset=10&limit=10"
        );
    }

    #[test]
    fn what_cannot_be_read_is_refused_and_named() {
        for (text, named) in [
            ("", "no request"),
            ("SELECT 1", "no request"),
            ("curl https://x.example/auth/v1/user", "no request"),
            ("db.from('n').explode(1)", "explode"),
            ("db.from(table).select()", "table"),
            ("db.from('n')", "select"),
            ("db.from('n').select().eq('a', someValue)", "someValue"),
            ("db.from('n').insert({ a: f(x) })", "f"),
            ("GET /rest/v1/rpc/f", "functions"),
            ("POST /rest/v1/n\n{", "JSON"),
            ("curl 'http://h/rest/v1/n", "quote"),
        ] {
            let error = Pasted::parse(text).expect_err(text).to_string();
            assert!(error.contains(named), "{text}: {error}");
        }
    }
}
