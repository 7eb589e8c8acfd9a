//! `functions.toml`: which functions exist at `/rpc`, for whom, and how they run.

use super::node::Node;
use super::reader::{Reader, parse_assurance};
use crate::report::{Report, Spanned};
use crate::{Assurance, FunctionMode};

/// One listed function.
#[derive(Clone, Debug)]
pub(crate) struct FunctionEntry {
    pub(crate) signature: Spanned<String>,
    pub(crate) roles: Vec<Spanned<String>>,
    pub(crate) mode: FunctionMode,
    pub(crate) condition: Option<Spanned<String>>,
    pub(crate) assurance: Option<Assurance>,
    pub(crate) returns: Option<Spanned<String>>,
}

/// Reads the file's tree.
pub(crate) fn read_functions(root: &Node, report: &mut Report<'_>) -> Vec<FunctionEntry> {
    let Some(file) = Reader::new(root, "functions file", &["function"], report) else {
        return Vec::new();
    };
    let Some(node) = file.get("function") else {
        return Vec::new();
    };
    let Some(section) = Reader::open(node, "list of functions", report) else {
        return Vec::new();
    };
    section
        .entries()
        .iter()
        .filter_map(|entry| {
            let signature = Spanned {
                value: entry.key.clone(),
                site: entry.key_site.clone(),
            };
            function(signature, &entry.node, report)
        })
        .collect()
}

fn function(
    signature: Spanned<String>,
    node: &Node,
    report: &mut Report<'_>,
) -> Option<FunctionEntry> {
    let known = ["roles", "mode", "where", "assurance", "returns"];
    let reader = Reader::new(node, "function", &known, report)?;
    let roles = reader.texts("roles", report).unwrap_or_default();
    if roles.is_empty() {
        report.error(
            &signature.site,
            "missing-roles",
            format!("function `{}` names no roles", signature.value),
            "add `roles = [\"authenticated\"]`",
        );
    }
    let assurance = match reader.get("assurance") {
        Some(node) => Some(parse_assurance(node, "assurance", report)?),
        None => None,
    };
    Some(FunctionEntry {
        signature,
        roles,
        mode: mode(&reader, report)?,
        condition: reader.text("where", report),
        assurance,
        returns: reader.text("returns", report),
    })
}

fn mode(reader: &Reader<'_>, report: &mut Report<'_>) -> Option<FunctionMode> {
    let Some(mode) = reader.text("mode", report) else {
        return Some(FunctionMode::Native);
    };
    match mode.value.as_str() {
        "native" => Some(FunctionMode::Native),
        "trusted" => Some(FunctionMode::Trusted),
        other => {
            report.error(
                &mode.site,
                "unknown-value",
                format!("`mode` cannot be `{other}`"),
                "write `native` (the database's own grants decide) or `trusted` (you vouch for it)",
            );
            None
        }
    }
}
