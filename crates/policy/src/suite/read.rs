//! Reading the tables of a test file.

use postern_base::RelationName;
use serde_json::{Map, Value};

use super::persona::Personas;
use super::value::json;
use super::{Case, Expected, GivenRow, Persona, Suite};
use crate::SourceFile;
use crate::file::{Content, Node, Reader, relation_name};
use crate::report::{Report, Site};

const FILE_KEYS: &[&str] = &["personas", "given", "case"];
const CASE_KEYS: &[&str] = &[
    "name",
    "as",
    "request",
    "body",
    "prefer",
    "expect",
    "expect_none",
];
const EXPECT_KEYS: &[&str] = &[
    "status",
    "code",
    "rows",
    "columns",
    "count",
    "affected",
    "unchanged",
];

/// Reads the file's tree.
pub(super) fn read(root: &Node, source: &SourceFile, report: &mut Report<'_>) -> Option<Suite> {
    let reader = Reader::new(root, "test file", FILE_KEYS, report)?;
    let personas = Personas::read(&reader, report);
    let given = given(&reader, &personas, report);
    let nodes = reader.tables("case", report);
    let cases: Vec<_> = nodes
        .iter()
        .filter_map(|it| case(it, &personas, report))
        .collect();
    if nodes.is_empty() {
        let message = "the file has no `[[case]]`";
        report.error(
            &root.site,
            "no-case",
            message,
            "add one, or remove the file",
        );
    }
    Some(Suite {
        file: source.path.clone(),
        given,
        cases,
    })
}

fn given(file: &Reader<'_>, personas: &Personas, report: &mut Report<'_>) -> Vec<GivenRow> {
    let mut rows = Vec::new();
    let tables = file
        .get("given")
        .and_then(|node| Reader::open(node, "given", report));
    for entry in tables.map(|it| it.entries()).unwrap_or_default() {
        let Some(relation) = relation_name(&entry.key, &entry.key_site, report) else {
            continue;
        };
        let Content::Array(items) = &entry.node.content else {
            crate::file::wrong_type(&entry.node, &entry.key, "an array of rows", report);
            continue;
        };
        for item in items {
            if let Some(values) = personas.object(item, "row", report) {
                rows.push(GivenRow {
                    relation: relation.clone(),
                    values,
                    line: report.line(&item.site),
                });
            }
        }
    }
    rows
}

fn case(node: &Node, personas: &Personas, report: &mut Report<'_>) -> Option<Case> {
    let reader = Reader::new(node, "case", CASE_KEYS, report)?;
    let caller = match reader.get("as") {
        Some(node) => personas.caller(node, report),
        None => {
            let message = "the case does not say who asks";
            report.error(&node.site, "missing-key", message, "add `as = \"anon\"`");
            return None;
        }
    };
    let request = reader
        .text("request", report)
        .map(|it| personas.substituted(&it.value));
    let nothing_of = relations(&reader, "expect_none", report);
    let expected = expected(&reader, personas, report)?;
    check_case(&reader, request.is_some(), &nothing_of, report);
    let name = reader.text("name", report).map(|it| it.value);
    Some(Case {
        name: name.unwrap_or_else(|| named(&caller, request.as_deref(), &nothing_of)),
        line: report.line(&node.site),
        caller,
        request,
        body: reader.get("body").map(|it| json(it, personas)),
        prefer: reader.text("prefer", report).map(|it| it.value),
        expected,
        nothing_of,
    })
}

/// A name for a case that has none.
fn named(caller: &Persona, request: Option<&str>, nothing_of: &[RelationName]) -> String {
    match request {
        Some(request) => format!("{}: {request}", caller.name),
        None => {
            let tables: Vec<_> = nothing_of.iter().map(ToString::to_string).collect();
            format!("{}: nothing of {}", caller.name, tables.join(", "))
        }
    }
}

/// A case without an expectation passes whatever happens, so it must have one.
fn check_case(case: &Reader<'_>, asks: bool, nothing_of: &[RelationName], report: &mut Report<'_>) {
    let problem = match (asks, case.get("expect").is_some(), nothing_of.is_empty()) {
        (true, true, true) | (false, false, false) => return,
        (true, false, true) => "the case expects nothing of its request",
        (false, _, true) => "the case has no request",
        (_, _, false) => "`expect_none` asks by itself and stands without `request` and `expect`",
    };
    let help = "write `request` and `expect`, or `expect_none = [\"public.todos\"]`";
    report.error(case.site(), "incomplete-case", problem, help);
}

fn expected(case: &Reader<'_>, personas: &Personas, report: &mut Report<'_>) -> Option<Expected> {
    let Some(node) = case.get("expect") else {
        return Some(Expected::default());
    };
    if let Content::Text(word) = &node.content {
        return outcome(word, &node.site, report);
    }
    let reader = Reader::new(node, "expectation", EXPECT_KEYS, report)?;
    let columns = reader.texts("columns", report);
    Some(Expected {
        allowed: None,
        status: reader.count("status", report),
        code: reader.text("code", report).map(|it| it.value),
        rows: rows(&reader, personas, report),
        columns: columns.map(|names| names.into_iter().map(|it| it.value).collect()),
        count: reader.count("count", report),
        affected: reader.count("affected", report),
        unchanged: relations(&reader, "unchanged", report),
    })
}

fn outcome(word: &str, site: &Site, report: &mut Report<'_>) -> Option<Expected> {
    let allowed = match word {
        "allowed" => true,
        "denied" => false,
        _ => {
            let message = format!("`expect` cannot be `{word}`");
            let help = "write \"allowed\", \"denied\" or a table such as { status = 200 }";
            report.error(site, "unknown-value", message, help);
            return None;
        }
    };
    Some(Expected {
        allowed: Some(allowed),
        ..Expected::default()
    })
}

fn rows(
    expected: &Reader<'_>,
    personas: &Personas,
    report: &mut Report<'_>,
) -> Option<Vec<Map<String, Value>>> {
    expected.get("rows")?;
    let nodes = expected.tables("rows", report).iter();
    let rows = nodes.filter_map(|it| personas.object(it, "row", report));
    Some(rows.collect())
}

fn relations(reader: &Reader<'_>, key: &str, report: &mut Report<'_>) -> Vec<RelationName> {
    let names = reader.texts(key, report).unwrap_or_default();
    names
        .iter()
        .filter_map(|it| relation_name(&it.value, &it.site, report))
        .collect()
}
