//! `[columns.ROLE]`, or `[columns]` with one inline table for each role.

use crate::Verb;
use crate::file::node::{Content, Node};
use crate::file::reader::{self, Reader};
use crate::report::{Report, Site, Spanned};

/// The columns of one role, by verb.
#[derive(Clone, Debug)]
pub(crate) struct Grant {
    pub(crate) role: Spanned<String>,
    /// Another role of the same section whose columns it has as well.
    pub(crate) inherits: Option<Spanned<String>>,
    pub(crate) lists: Vec<(Verb, ColumnList)>,
    /// Functions of the row that it may read as columns and relationships.
    pub(crate) computed: Vec<Spanned<String>>,
}

/// A list of columns.
#[derive(Clone, Debug)]
pub(crate) enum ColumnList {
    /// `"*"`: what the table has at load, pinned by the lock file.
    All(Site),
    /// These columns.
    Names(Vec<Spanned<String>>),
}

/// Reads the section.
pub(crate) fn read(file: &Reader<'_>, report: &mut Report<'_>) -> Vec<Grant> {
    let Some(node) = file.get("columns") else {
        return Vec::new();
    };
    let Some(section) = Reader::open(node, "columns section", report) else {
        return Vec::new();
    };
    section
        .entries()
        .iter()
        .filter_map(|entry| {
            let role = Spanned {
                value: entry.key.clone(),
                site: entry.key_site.clone(),
            };
            grant(role, &entry.node, report)
        })
        .collect()
}

fn grant(role: Spanned<String>, node: &Node, report: &mut Report<'_>) -> Option<Grant> {
    if Verb::parse(&role.value).is_some() {
        report.error(
            &role.site,
            "missing-role",
            format!(
                "`columns.{}` does not say whose columns they are",
                role.value
            ),
            format!(
                "write `[columns.authenticated]` and `{} = …` below it",
                role.value
            ),
        );
        return None;
    }
    let known = ["inherits", "select", "insert", "update", "computed"];
    let reader = Reader::new(node, "column grant", &known, report)?;
    let verbs = [Verb::Select, Verb::Insert, Verb::Update];
    let lists = verbs
        .into_iter()
        .filter_map(|verb| Some((verb, list(verb, reader.get(verb.as_str())?, report)?)))
        .collect();
    Some(Grant {
        role,
        inherits: reader.text("inherits", report),
        lists,
        computed: reader.texts("computed", report).unwrap_or_default(),
    })
}

fn list(verb: Verb, node: &Node, report: &mut Report<'_>) -> Option<ColumnList> {
    match &node.content {
        Content::Text(star) if star == "*" => Some(ColumnList::All(node.site.clone())),
        Content::Array(items) => Some(ColumnList::Names(
            items
                .iter()
                .filter_map(|it| reader::text(it, verb.as_str(), report))
                .collect(),
        )),
        _ => {
            let expected = "`\"*\"` or an array of column names";
            reader::wrong_type(node, verb.as_str(), expected, report);
            None
        }
    }
}
