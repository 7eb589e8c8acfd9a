//! A table's file: rules, columns, presets, masks, limits.

mod columns;
mod rule;
mod settings;

use postern_base::RelationName;

use super::node::Node;
use super::reader::Reader;
use crate::diagnostic::Help;
use crate::report::{Report, Site, Spanned};

pub(crate) use columns::{ColumnList, Grant};
pub(crate) use rule::RuleEntry;
pub use rule::RuleKind;
use settings::{LimitsEntry, MaskEntry, ReferenceEntry};
pub(crate) use settings::{PresetEntry, reference_word};

const KEYS: &[&str] = &[
    "table",
    "note",
    "columns",
    "preset",
    "mask",
    "limits",
    "references",
    "select_check",
    "allow",
    "require",
    "deny",
];

/// A table's file as written.
#[derive(Clone, Debug)]
pub(crate) struct TableFile {
    pub(crate) table: Spanned<RelationName>,
    /// Why the author knows what a lint would point out.
    pub(crate) note: Option<String>,
    pub(crate) grants: Vec<Grant>,
    pub(crate) presets: Vec<PresetEntry>,
    pub(crate) masks: Vec<MaskEntry>,
    pub(crate) limits: Vec<LimitsEntry>,
    pub(crate) references: Vec<ReferenceEntry>,
    /// Whether new rows must pass the select policy on insert.
    pub(crate) select_check_insert: bool,
    /// The same on update.
    pub(crate) select_check_update: bool,
    pub(crate) rules: Vec<RuleEntry>,
}

/// Reads the file's tree.
pub(crate) fn read_table(root: &Node, report: &mut Report<'_>) -> Option<TableFile> {
    let reader = Reader::new(root, "table file", KEYS, report)?;
    let rules = rule::read(&reader, report);
    let grants = columns::read(&reader, report);
    let presets = settings::presets(&reader, report);
    let masks = settings::masks(&reader, report);
    let limits = settings::limits(&reader, report);
    let references = settings::references(&reader, report);
    let (select_check_insert, select_check_update) = settings::select_check(&reader, report);
    let note = reader.text("note", report).map(|it| it.value);
    let table = table_name(&reader, report)?;
    Some(TableFile {
        table,
        note,
        grants,
        presets,
        masks,
        limits,
        references,
        select_check_insert,
        select_check_update,
        rules,
    })
}

fn table_name(reader: &Reader<'_>, report: &mut Report<'_>) -> Option<Spanned<RelationName>> {
    let text = reader.required_text("table", report)?;
    let value = relation_name(&text.value, &text.site, report)?;
    Some(Spanned {
        value,
        site: text.site,
    })
}

/// Reads `schema.table`; quoting is neither needed nor understood.
pub(crate) fn relation_name(
    text: &str,
    site: &Site,
    report: &mut Report<'_>,
) -> Option<RelationName> {
    match text.split_once('.') {
        Some((schema, name)) if !schema.is_empty() && !name.is_empty() => {
            Some(RelationName::new(schema, name))
        }
        _ => {
            report.error(
                site,
                "unqualified-name",
                format!("`{text}` does not say its schema"),
                Help::write(
                    format!("write `public.{text}`"),
                    text,
                    &format!("public.{text}"),
                ),
            );
            None
        }
    }
}

/// The table that a file speaks of, whatever else is wrong with it; none where it speaks of roles,
/// predicates or functions.
pub fn governed(source: &crate::SourceFile) -> Option<RelationName> {
    let files = std::slice::from_ref(source);
    let mut report = Report::new(files);
    let root = super::parse_document(0, source, &mut report)?;
    let super::Content::Table(entries) = &root.content else {
        return None;
    };
    let entry = entries.iter().find(|it| it.key == "table")?;
    let super::Content::Text(text) = &entry.node.content else {
        return None;
    };
    relation_name(text, &entry.node.site, &mut report)
}
