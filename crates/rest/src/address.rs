//! What a path below the API's root names.
//!
//! The router hands over the raw path, because names may hold any character once they are decoded,
//! slashes included.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use postern_base::codes;

use crate::Failure;

/// A path, understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Address {
    /// The root: the OpenAPI description.
    Root,
    /// A relation by name.
    Relation(String),
    /// A function by name.
    Function(String),
}

impl Address {
    /// Reads a raw path.
    pub(crate) fn read(path: &str, base: &str) -> Result<Self, Failure> {
        let rest = path.strip_prefix(base).ok_or_else(|| unknown(path))?;
        let mut segments = rest.strip_prefix('/').unwrap_or(rest).split('/');
        let address = match (segments.next(), segments.next(), segments.next()) {
            (None | Some(""), None, None) => Some(Self::Root),
            (Some("rpc"), Some(name), None) if !name.is_empty() => decode(name).map(Self::Function),
            (Some(name), None, None) => decode(name).map(Self::Relation),
            _ => None,
        };
        address.ok_or_else(|| unknown(path))
    }

    /// The path as functions in the database see it: without the API's root, still encoded.
    pub(crate) fn below<'a>(path: &'a str, base: &str) -> &'a str {
        path.strip_prefix(base).unwrap_or(path)
    }
}

/// Decodes a segment; text that is no UTF-8, or holds NUL, names nothing.
fn decode(segment: &str) -> Option<String> {
    let text = percent_decode_str(segment).decode_utf8().ok()?;
    (!text.contains('\0')).then(|| Cow::into_owned(text))
}

fn unknown(_path: &str) -> Failure {
    Failure::new(&codes::PATH, "Invalid path specified in request URL")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(path: &str) -> Option<Address> {
        Address::read(path, "/rest/v1").ok()
    }

    #[test]
    fn paths_name_the_root_relations_and_functions() {
        assert_eq!(read("/rest/v1"), Some(Address::Root));
        assert_eq!(read("/rest/v1/"), Some(Address::Root));
        assert_eq!(
            read("/rest/v1/notes"),
            Some(Address::Relation("notes".into()))
        );
        assert_eq!(read("/rest/v1/rpc"), Some(Address::Relation("rpc".into())));
        assert_eq!(read("/rest/v1/rpc/f"), Some(Address::Function("f".into())));
        assert_eq!(
            read("/rest/v1/%D9%85%2F%20x"),
            Some(Address::Relation("م/ x".into()))
        );
    }

    #[test]
    fn other_paths_name_nothing() {
        for path in [
            "/rest/v1/notes/",
            "/rest/v1/notes/1",
            "/rest/v1/rpc/",
            "/rest/v1/rpc/f/g",
            "/rest/v1/%FF",
            "/rest/v1/%00",
            "/rest/v1//",
            "/other",
        ] {
            assert_eq!(read(path), None, "{path}");
        }
    }
}
