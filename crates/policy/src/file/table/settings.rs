//! `[preset]`, `[mask]`, `[limits]`, `[references]` and `[select_check]`.

use crate::file::node::{Content, Entry};
use crate::file::reader::{self, Reader};
use crate::predicate::near;
use crate::report::{Report, Spanned};
use crate::{Counts, OnConflict, Verb};

/// A value that the gateway sets.
#[derive(Clone, Debug)]
pub(crate) struct PresetEntry {
    pub(crate) verb: Verb,
    pub(crate) column: Spanned<String>,
    pub(crate) value: Spanned<String>,
    pub(crate) on_conflict: OnConflict,
}

/// A masked column.
#[derive(Clone, Debug)]
pub(crate) struct MaskEntry {
    pub(crate) role: Spanned<String>,
    pub(crate) column: Spanned<String>,
    /// Who sees the real value; nobody when absent.
    pub(crate) unless: Option<Spanned<String>>,
    pub(crate) value: Spanned<String>,
}

/// The limits of one role; what is absent comes from the role that it inherits.
#[derive(Clone, Debug)]
pub(crate) struct LimitsEntry {
    pub(crate) role: Spanned<String>,
    pub(crate) rows: Option<u64>,
    pub(crate) counts: Option<Counts>,
    pub(crate) aggregates: Option<bool>,
    pub(crate) max_affected: Option<u64>,
}

/// Reads `[preset.insert]` and `[preset.update]`.
pub(crate) fn presets(file: &Reader<'_>, report: &mut Report<'_>) -> Vec<PresetEntry> {
    let mut presets = Vec::new();
    let Some(node) = file.get("preset") else {
        return presets;
    };
    let Some(section) = Reader::new(node, "preset section", &["insert", "update"], report) else {
        return presets;
    };
    for verb in [Verb::Insert, Verb::Update] {
        let Some(node) = section.get(verb.as_str()) else {
            continue;
        };
        if let Some(columns) = Reader::open(node, "preset section", report) {
            let read = columns.entries().iter();
            presets.extend(read.filter_map(|entry| preset(verb, entry, report)));
        }
    }
    presets
}

fn preset(verb: Verb, entry: &Entry, report: &mut Report<'_>) -> Option<PresetEntry> {
    let (value, on_conflict) = match &entry.node.content {
        Content::Table(_) => {
            let known = ["value", "on_conflict"];
            let reader = Reader::new(&entry.node, "preset", &known, report)?;
            let on_conflict = on_conflict(&reader, report)?;
            (reader.required_text("value", report)?, on_conflict)
        }
        _ => {
            let value = reader::text(&entry.node, &entry.key, report)?;
            (value, OnConflict::Refuse)
        }
    };
    Some(PresetEntry {
        verb,
        column: key(entry),
        value,
        on_conflict,
    })
}

fn on_conflict(reader: &Reader<'_>, report: &mut Report<'_>) -> Option<OnConflict> {
    let Some(word) = reader.text("on_conflict", report) else {
        return Some(OnConflict::Refuse);
    };
    match word.value.as_str() {
        "refuse" => Some(OnConflict::Refuse),
        "same" => Some(OnConflict::Same),
        other => {
            report.error(
                &word.site,
                "unknown-value",
                format!("`on_conflict` cannot be `{other}`"),
                "write `refuse` (the default) or `same` (an equal value is accepted)",
            );
            None
        }
    }
}

/// Reads `[mask.ROLE]`.
pub(crate) fn masks(file: &Reader<'_>, report: &mut Report<'_>) -> Vec<MaskEntry> {
    let mut masks = Vec::new();
    let Some(node) = file.get("mask") else {
        return masks;
    };
    let Some(section) = Reader::open(node, "mask section", report) else {
        return masks;
    };
    for role in section.entries() {
        let Some(columns) = Reader::open(&role.node, "mask section", report) else {
            continue;
        };
        for entry in columns.entries() {
            let known = ["unless", "value"];
            if let Some(reader) = Reader::new(&entry.node, "mask", &known, report)
                && let Some(value) = reader.required_text("value", report)
            {
                masks.push(MaskEntry {
                    role: key(role),
                    column: key(entry),
                    unless: reader.text("unless", report),
                    value,
                });
            }
        }
    }
    masks
}

/// Reads `[limits.ROLE]`.
pub(crate) fn limits(file: &Reader<'_>, report: &mut Report<'_>) -> Vec<LimitsEntry> {
    let Some(node) = file.get("limits") else {
        return Vec::new();
    };
    let Some(section) = Reader::open(node, "limits section", report) else {
        return Vec::new();
    };
    let known = ["rows", "count", "aggregates", "max_affected"];
    let read = section.entries().iter().filter_map(|entry| {
        let reader = Reader::new(&entry.node, "limits section", &known, report)?;
        Some(LimitsEntry {
            role: key(entry),
            rows: reader.count("rows", report),
            counts: counts(&reader, report),
            aggregates: reader.bool("aggregates", report),
            max_affected: reader.count("max_affected", report),
        })
    });
    read.collect()
}

fn counts(reader: &Reader<'_>, report: &mut Report<'_>) -> Option<Counts> {
    let mut counts = Counts {
        exact: false,
        planned: false,
        estimated: false,
    };
    for word in reader.texts("count", report)? {
        match word.value.as_str() {
            "exact" => counts.exact = true,
            "planned" => counts.planned = true,
            "estimated" => counts.estimated = true,
            other => report.error(
                &word.site,
                "unknown-value",
                format!("unknown count `{other}`"),
                near(other, &["exact", "planned", "estimated"], "counts are"),
            ),
        }
    }
    Some(counts)
}

/// A foreign key column and whether its target must be visible to who writes it.
#[derive(Clone, Debug)]
pub(crate) struct ReferenceEntry {
    pub(crate) column: Spanned<String>,
    pub(crate) visible: bool,
}

/// Reads `[references]`: the columns whose target the caller must be able to see, or need not.
pub(crate) fn references(file: &Reader<'_>, report: &mut Report<'_>) -> Vec<ReferenceEntry> {
    let Some(node) = file.get("references") else {
        return Vec::new();
    };
    let Some(section) = Reader::open(node, "references section", report) else {
        return Vec::new();
    };
    let mut references = Vec::new();
    for entry in section.entries() {
        let word = reader::text(&entry.node, &entry.key, report);
        if let Some(visible) = word.and_then(|word| reference_word(&word, report)) {
            references.push(ReferenceEntry {
                column: key(entry),
                visible,
            });
        }
    }
    references
}

/// Reads `visible` or `any`.
pub(crate) fn reference_word(word: &Spanned<String>, report: &mut Report<'_>) -> Option<bool> {
    match word.value.as_str() {
        "visible" => Some(true),
        "any" => Some(false),
        other => {
            let message = format!("a reference cannot be `{other}`");
            let help = "write `visible`, or `any` where hidden rows may be referred to";
            report.error(&word.site, "unknown-value", message, help);
            None
        }
    }
}

/// Reads `[select_check]` as `(insert, update)`; both hold unless switched off.
pub(crate) fn select_check(file: &Reader<'_>, report: &mut Report<'_>) -> (bool, bool) {
    let Some(node) = file.get("select_check") else {
        return (true, true);
    };
    let known = ["insert", "update"];
    match Reader::new(node, "select_check section", &known, report) {
        None => (true, true),
        Some(reader) => (
            reader.bool("insert", report).unwrap_or(true),
            reader.bool("update", report).unwrap_or(true),
        ),
    }
}

fn key(entry: &Entry) -> Spanned<String> {
    Spanned {
        value: entry.key.clone(),
        site: entry.key_site.clone(),
    }
}
