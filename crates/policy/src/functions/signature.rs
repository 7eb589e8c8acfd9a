//! Signatures as people write them: `public.search(text, bigint)`.

use postern_base::FunctionName;
use postern_catalog::{Function, PgType};

/// The argument types of a written signature.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Arguments(Vec<Written>);

/// A type as it was written; without a schema it may be of any.
#[derive(Debug, PartialEq, Eq)]
struct Written {
    schema: Option<String>,
    /// The `typname`.
    name: String,
}

impl Arguments {
    /// Whether these can be the function's.
    pub(super) fn mean(&self, function: &Function) -> bool {
        let types = function.arguments.iter().map(|it| &it.ty);
        types.len() == self.0.len() && types.zip(&self.0).all(|(ty, written)| written.means(ty))
    }
}

impl Written {
    fn means(&self, ty: &PgType) -> bool {
        let is_its_schema = self.schema.as_ref().is_none_or(|it| *it == ty.schema);
        is_its_schema && self.name == ty.name
    }
}

/// Takes `schema.name(type, type)` apart; the types become `typname`s.
pub(super) fn parse(signature: &str) -> Option<(FunctionName, Arguments)> {
    let (name, rest) = signature.trim().split_once('(')?;
    let (schema, name) = name.trim().split_once('.')?;
    let arguments = rest.strip_suffix(')')?.trim();
    let types = if arguments.is_empty() {
        Vec::new()
    } else {
        arguments.split(',').map(written).collect::<Option<_>>()?
    };
    let is_whole = !schema.is_empty() && !name.is_empty();
    is_whole.then(|| (FunctionName::new(schema, name), Arguments(types)))
}

fn written(spelling: &str) -> Option<Written> {
    let words: Vec<_> = spelling.split_whitespace().collect();
    let spelling = words.join(" ");
    let (schema, name) = match spelling.split_once('.') {
        Some((schema, name)) => (Some(schema.to_owned()), name),
        None => (None, spelling.as_str()),
    };
    if schema.as_ref().is_some_and(String::is_empty) {
        return None;
    }
    let name = type_name(name)?;
    Some(Written { schema, name })
}

fn type_name(spelling: &str) -> Option<String> {
    if spelling.is_empty() {
        return None;
    }
    if let Some(element) = spelling.strip_suffix("[]") {
        return type_name(element.trim_end()).map(|it| format!("_{it}"));
    }
    let lower = spelling.to_ascii_lowercase();
    let canonical = match lower.as_str() {
        "bigint" => "int8",
        "int" | "integer" => "int4",
        "smallint" => "int2",
        "boolean" => "bool",
        "double precision" | "float" => "float8",
        "real" => "float4",
        "decimal" => "numeric",
        "character varying" => "varchar",
        "character" | "char" => "bpchar",
        "timestamp with time zone" => "timestamptz",
        "timestamp without time zone" => "timestamp",
        "time with time zone" => "timetz",
        "time without time zone" => "time",
        _ => return Some(spelling.to_owned()),
    };
    Some(canonical.to_owned())
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn spellings_of_one_signature_are_one() {
        let canonical = parse("public.f(int8,_text,timestamptz)");

        assert!(canonical.is_some());
        assert_eq!(
            parse(" public.f ( bigint, text[],  timestamp  with time zone )"),
            canonical
        );
    }

    #[test]
    fn a_type_may_have_its_schema() {
        let (_, arguments) = parse("public.f(a.color[], text)").expect("a signature");

        assert_eq!(arguments.0[0].schema.as_deref(), Some("a"));
        assert_eq!(arguments.0[0].name, "_color");
        assert_eq!(arguments.0[1].schema, None);
    }

    #[test]
    fn a_signature_needs_its_schema_and_parentheses() {
        for bad in [
            "f(int8)",
            "public.f",
            "public.f(int8",
            "public.f(int8,)",
            "public.f(.mood)",
            "public.f(public.)",
            ".f()",
            "",
        ] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
