//! The query string: splitting, decoding, and sorting its parameters by what they are.
//!
//! ```text
//! query     = [ parameter *( "&" parameter ) ]
//! parameter = key "=" text                          ; without "=" it is ignored
//! key       = "select" | "columns" | "on_conflict"
//!           | path-to "order" | path-to "limit" | path-to "offset"
//!           | path-to "and" | path-to "or"          ; "not" may stand among the names
//!           | path-to field                         ; a filter, or an argument of a function
//! path-to   = *( name "." )
//! ```
//! Keys and texts are percent-encoded, with `+` for a space.

use std::borrow::Cow;

use percent_encoding::percent_decode;
use postern_base::{codes, limits::Limits};

use super::budget::Budget;
use super::window::{self, WindowText};
use super::{
    Filter, Logic, Method, QueryString, RawRequest, Scope, SelectItem, Target, filter, logic, name,
    order, select,
};
use crate::Error;

/// Parses the query string of a request.
pub(super) fn parse(raw: &RawRequest<'_>, limits: &Limits) -> Result<QueryString, Error> {
    let mut sorter = Sorter::new(raw, limits);
    for (key, text) in split(raw.query)? {
        sorter.add(&key, &text)?;
    }
    sorter.finish(raw)
}

type Parameter<'a> = (Cow<'a, str>, Cow<'a, str>);

fn split(query: &str) -> Result<Vec<Parameter<'_>>, Error> {
    let parts = query.split('&').filter(|it| !it.is_empty());
    Budget::parameters(parts.clone().count())?;
    parts
        .filter_map(|part| part.split_once('='))
        .map(|(key, text)| Ok((decoded(key)?, decoded(text)?)))
        .collect()
}

/// Splits a form into its fields.
pub(super) fn form(text: &str) -> Result<Vec<(String, String)>, Error> {
    let fields = text.split('&').filter(|it| !it.is_empty());
    Budget::parameters(fields.clone().count())?;
    fields
        .map(|field| {
            let (name, value) = field.split_once('=').unwrap_or((field, ""));
            Ok((decoded(name)?.into_owned(), decoded(value)?.into_owned()))
        })
        .collect()
}

/// Decodes a name or value of a query string.
pub(crate) fn decoded(text: &str) -> Result<Cow<'_, str>, Error> {
    let spaced: Cow<'_, [u8]> = if text.contains('+') {
        Cow::Owned(text.replace('+', " ").into_bytes())
    } else {
        Cow::Borrowed(text.as_bytes())
    };
    let bytes = match spaced {
        Cow::Borrowed(bytes) => percent_decode(bytes).into(),
        Cow::Owned(bytes) => Cow::Owned(percent_decode(&bytes).collect()),
    };
    let decoded = match bytes {
        Cow::Borrowed(bytes) => std::str::from_utf8(bytes).map(Cow::Borrowed).ok(),
        Cow::Owned(bytes) => String::from_utf8(bytes).map(Cow::Owned).ok(),
    };
    match decoded {
        Some(decoded) if !decoded.contains('\0') => Ok(decoded),
        _ => Err(
            Error::new(&codes::PARSE, "failed to decode the query string")
                .with_details(format!("`{text}` is not UTF-8 text without NUL")),
        ),
    }
}

/// Collects the parameters of one request.
struct Sorter<'a> {
    budget: Budget<'a>,
    takes_arguments: bool,
    select: Option<Vec<SelectItem>>,
    columns: Option<Vec<String>>,
    on_conflict: Option<Vec<String>>,
    arguments: Vec<(String, String)>,
    scopes: Vec<(Vec<String>, Scope, WindowText)>,
}

impl<'a> Sorter<'a> {
    fn new(raw: &RawRequest<'_>, limits: &'a Limits) -> Self {
        let is_read = matches!(raw.method, Method::Get | Method::Head);
        Self {
            budget: Budget::new(limits),
            takes_arguments: is_read && matches!(raw.target, Target::Function(_)),
            select: None,
            columns: None,
            on_conflict: None,
            arguments: Vec::new(),
            scopes: vec![Default::default()],
        }
    }

    /// COMPAT(postgrest 14): of repeated `select`, `columns`, `on_conflict` and `order` the first
    /// counts, of repeated `limit` and `offset` the last.
    fn add(&mut self, key: &str, text: &str) -> Result<(), Error> {
        match key {
            "select" if self.select.is_none() => {
                self.select = Some(select::parse(text, &mut self.budget)?);
            }
            "columns" if self.columns.is_none() => {
                self.columns = Some(name::parse_names("columns", text)?);
            }
            "on_conflict" if self.on_conflict.is_none() => {
                self.on_conflict = Some(name::parse_names("on_conflict", text)?);
            }
            "select" | "columns" | "on_conflict" => {}
            _ => return self.add_scoped(key, text),
        }
        Ok(())
    }

    fn add_scoped(&mut self, key: &str, text: &str) -> Result<(), Error> {
        let last = key.rsplit('.').next().unwrap_or(key);
        match last {
            "order" => {
                let terms = order::parse(text)?;
                let (scope, _) = self.scope(embedded_path(key)?)?;
                if scope.order.is_empty() {
                    scope.order = terms;
                }
            }
            "limit" => self.scope(embedded_path(key)?)?.1.limit = window::integer(text),
            "offset" => self.scope(embedded_path(key)?)?.1.offset = window::integer(text),
            "and" | "or" => {
                let (path, tree) = logic::parse(key, text, &mut self.budget)?;
                self.scope(path)?.0.filters.push(tree);
            }
            _ => return self.add_filter(key, text),
        }
        Ok(())
    }

    fn add_filter(&mut self, key: &str, text: &str) -> Result<(), Error> {
        let (path, field) = filter::parse_path(key)?;
        let is_plain = path.is_empty() && field.path.is_empty();
        match filter::parse(text, &mut self.budget) {
            Ok(comparison) => {
                self.budget.filter()?;
                self.scope(path)?.0.filters.push(Logic::Filter(Filter {
                    field,
                    negated: comparison.negated,
                    operation: comparison.operation,
                }));
                Ok(())
            }
            Err(error) if error.code == &codes::PARSE && self.takes_arguments && is_plain => {
                self.arguments.push((field.name, text.to_owned()));
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    fn scope(&mut self, path: Vec<String>) -> Result<(&mut Scope, &mut WindowText), Error> {
        self.budget.embed_depth(path.len())?;
        let known = self.scopes.iter().position(|(known, ..)| *known == path);
        let index = known.unwrap_or_else(|| {
            self.scopes
                .push((path, Scope::default(), WindowText::default()));
            self.scopes.len() - 1
        });
        let (_, scope, window) = &mut self.scopes[index];
        Ok((scope, window))
    }

    fn finish(mut self, raw: &RawRequest<'_>) -> Result<QueryString, Error> {
        for (path, scope, text) in &mut self.scopes {
            scope.window = if path.is_empty() {
                window::outermost(*text, raw)?
            } else {
                window::embedded(*text)?
            };
        }
        self.scopes.sort_by_key(|(path, ..)| path.len());
        let scopes = self.scopes.into_iter();
        Ok(QueryString {
            select: self.select.unwrap_or_else(|| vec![SelectItem::Star]),
            scopes: scopes.map(|(path, scope, _)| (path, scope)).collect(),
            columns: self.columns.filter(|_| takes_columns(raw)),
            on_conflict: self.on_conflict,
            arguments: self.arguments,
        })
    }
}

fn embedded_path(key: &str) -> Result<Vec<String>, Error> {
    let (path, _) = filter::parse_path(key)?;
    Ok(path)
}

/// COMPAT(postgrest 14): elsewhere `columns` is parsed and then ignored.
fn takes_columns(raw: &RawRequest<'_>) -> bool {
    matches!(raw.method, Method::Post | Method::Patch)
}
